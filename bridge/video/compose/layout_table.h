/* The layouts there are, in the order in which they are offered. */
#pragma once

#include "bridge/video/compose/layout.h"

extern const struct layout layout_table[];
extern const unsigned layout_table_size;

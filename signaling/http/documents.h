/* What the readings of a meeting's journal share.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/routes.h"

/* The whole journal, of struct event; NULL: answered. */
GPtrArray *documents_read_journal(const struct visit *visit);

/* Sources for composers, drawn instead of filmed. */
#pragma once

#include "bridge/video/compose/compose.h"

/* One colour all over. */
struct picture *drawn_plain(unsigned width, unsigned height, uint8_t y, uint8_t u, uint8_t v);
/* A room with people at a table, another for every seed. */
struct picture *drawn_room(unsigned width, unsigned height, unsigned seed);
/* A page with a heading and lines. */
struct picture *drawn_slide(unsigned width, unsigned height);

void drawn_write_png(const struct picture *picture, const char *path);

uint8_t drawn_luma(const struct picture *picture, unsigned x, unsigned y);
/* Sum over a place's bytes, all planes. */
uint64_t drawn_hash(const struct picture *picture, struct rect place);

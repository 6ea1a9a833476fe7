/* What is done to the pixels of a frame, place by place. Places are even and lie in the frame.
 *
 * Thread: any, one at a time for a picture.
 * Memory: nothing but libyuv's own rows. */
#pragma once

#include "bridge/video/compose/label.h"
#include "bridge/video/compose/layout.h"

bool rect_equals(struct rect a, struct rect b);
/* Less so many pixels at each side; a place too small for that stays as it is. */
struct rect rect_shrunk(struct rect outer, unsigned by);
/* The largest place in `cell` that has the shape of width x height, in its middle; all of it when
 * the shapes are nearly the same, as everybody sees a thin bar. */
struct rect rect_fit(struct rect cell, unsigned width, unsigned height);

void blit_fill(struct picture *to, struct rect place, unsigned rgb);
/* Fills what of `outer` is not `inner`, which lies in it. */
void blit_fill_around(struct picture *to, struct rect outer, struct rect inner, unsigned rgb);
/* The same place of another picture of the same size. */
void blit_copy(struct picture *to, struct rect place, const struct picture *from);
/* The whole of a picture of any size, scaled. */
void blit_scale(struct picture *to, struct rect place, const struct picture *from);
/* Lets what is there stand back. */
void blit_dim(struct picture *to, struct rect place);
/* `weight` of 256 parts of what is there, the rest of the same place of another picture. */
void blit_mix(struct picture *to, struct rect place, const struct picture *from, unsigned weight);
/* With its upper left corner at x, y. */
void blit_label(struct picture *to, unsigned x, unsigned y, const struct label *label);

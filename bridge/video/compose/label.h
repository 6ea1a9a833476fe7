/* Labels: texts drawn once with Pango and kept, as pictures with their own opacity, to be blended
 * onto frames. A text may be anything at all: it is made harmless (valid UTF-8, one line, no
 * control characters, no characters that turn the direction, bounded length) and is cut with "…"
 * where it does not fit.
 *
 * Thread: one owner of the cache and of its labels.
 * Memory: the cache holds what was used of late; a label is valid until the next labels_trim(). */
#pragma once

#include "bridge/video/compose/picture.h"

struct labels; /* the cache */

enum label_style {
    LABEL_STRIP,   /* a name strip: `text` above, `detail` smaller below, on a dark ground */
    LABEL_PLACARD, /* a whole opaque tile: `text` in its middle, `detail` below */
    LABEL_NOTICE,  /* a few words in the middle of a tile, on a dark ground: the picture is lost */
    LABEL_HEADER,  /* the header: `text` (agenda item) left, `badge` and `detail` (clock) right */
};

struct label_request {
    enum label_style style;
    const char *text, *detail, *badge; /* any bytes; NULL: none */
    unsigned width, height;            /* of what it is put on, pixels; the label is never larger */
    unsigned frame_height;             /* of the whole frame, which that is a part of */
    bool is_marked; /* strip: this one has the floor; header: the state calls for attention */
    bool is_opaque; /* header: it lies on nothing */
};

struct label {
    uint64_t serial;        /* another for every label ever drawn */
    unsigned width, height; /* even */
    struct picture *picture;
    uint8_t *alpha; /* of the same size; NULL: opaque */
    int alpha_stride;
};

struct labels *labels_new(void);
void labels_free(struct labels *labels);

/* Out of the cache, drawn if it is not there. NULL when there is nothing to draw: no text, or the
 * place is too small to read anything. */
const struct label *labels_get(struct labels *labels, const struct label_request *request);
/* Lets go what was not asked for since the trim before the last. */
void labels_trim(struct labels *labels);
uint64_t labels_drawn(const struct labels *labels); /* how many were ever drawn */

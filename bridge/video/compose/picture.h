/* A picture: one uncompressed frame, I420 (8 bits, BT.709 or BT.601 as it came, limited range),
 * shared by reference. Filled by its maker, then handed over and never changed again: whoever holds
 * a reference may read, and who wants to change a picture makes another.
 *
 * Thread: any; the reference count is atomic. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICTURE_SIDE_MAX 4096 /* pixels */

enum picture_plane { PICTURE_Y, PICTURE_U, PICTURE_V, PICTURE_PLANES };

struct picture {
    atomic_uint references;
    uint64_t serial; /* another for every picture of this process: two pictures are the same one
                        when their serials are, even after the memory has been used again */
    unsigned width, height;
    uint8_t *planes[PICTURE_PLANES]; /* U and V: (width + 1) / 2 times (height + 1) / 2 */
    int strides[PICTURE_PLANES];     /* bytes */
    /* Gives wrapped memory back; NULL when it is the picture's own. */
    void (*release)(void *arg);
    void *arg;
};

/* With one reference and planes aligned to 64 bytes, not filled. Sides from 1 to
 * PICTURE_SIDE_MAX. */
struct picture *picture_new(unsigned width, unsigned height);

/* Around memory of another's, which is not copied: `release(arg)` is called once, on the thread
 * that lets go last, and the planes stay as they are until then. */
struct picture *picture_wrap(unsigned width, unsigned height, uint8_t *const planes[PICTURE_PLANES],
                             const int strides[PICTURE_PLANES], void (*release)(void *arg),
                             void *arg);

struct picture *picture_ref(struct picture *picture);
void picture_unref(struct picture *picture); /* NULL does nothing */

/* Nobody but the caller holds it. */
bool picture_is_unshared(const struct picture *picture);
/* Makes a picture that nobody else holds another one, to be filled anew. */
void picture_renew(struct picture *picture);

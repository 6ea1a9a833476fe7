/* A film: coded pictures that are shown over and over, made once and shared by all rooms that show
 * it. In two sizes, so that a room that is seen small sends little; key frames every second.
 *
 * Thread: any; it never changes once it is made. */
#pragma once

#include "bridge/video/coded.h"

#include <glib.h>

#define FILM_SECONDS_MAX 20 /* of a file; the rest of it is not shown */

enum film_size { FILM_SMALL, FILM_LARGE, FILM_SIZES }; /* 180 lines; 360 drawn, 720 of a file */

struct film;

/* Eight stripes, each a bit of `number`, the highest first, and a line that moves. */
struct film *film_draw(uint8_t number, GError **error);
/* Blocking: what the file shows, by GStreamer; NULL with `error`, which names it. */
struct film *film_load(const char *path, GError **error);
struct film *film_ref(struct film *film);
void film_unref(struct film *film); /* NULL does nothing */

unsigned film_fps(const struct film *film);
unsigned film_length(const struct film *film);
/* Borrowed; `index` below the length. */
const struct coded_frame *film_frame(const struct film *film, enum film_size size, unsigned index);

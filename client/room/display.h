/* A real room's pictures: its camera, its slides, and the window with the meeting's picture.
 *
 * Thread: main. */
#pragma once

#include "client/room/options.h"
#include "client/room/pictures.h"
#include "client/room/window.h"

struct display;

struct display_handlers {
    void (*key)(const char *key, void *arg);
    void (*closed)(void *arg); /* the window, by the person */
};

/* NULL: the room has no pictures. `options` outlives it. */
struct display *display_new(const struct options *options, struct shard *shard,
                            const struct display_handlers *handlers, void *arg);
void display_free(struct display *display); /* NULL does nothing */

/* For the session; NULL for a `display` of NULL. */
const struct room_pictures *display_pictures(const struct display *display);

/* Now and then: what the line carries (0: not known), and how long the sound is on its way from its
 * arrival to the ear. */
void display_follow(struct display *display, uint32_t estimate_bps, int64_t sound_delay_us);
/* `texts->lost` is the display's own. Borrowed. */
void display_write(struct display *display, const struct window_texts *texts, bool is_connected);

/* What came of it, in English, for texts_say(). */
const char *display_switch_camera(struct display *display);
const char *display_switch_slides(struct display *display);

/* As camera_take_news(), of all sources and of the window. */
char *display_take_news(struct display *display);

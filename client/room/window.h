/* The meeting's picture on this room's screen, by SDL (X11, Wayland, or the console's own screen),
 * with what concerns the room itself on top: its name, whether it is on air, its place in the
 * queue, what is wrong.
 *
 * Thread: main; the window has a thread of its own.
 * Memory: belongs to its maker; the viewer outlives it. */
#pragma once

#include "client/room/viewer.h"

struct window;

struct window_handlers {
    /* A key as the terminal gives it (client/room/terminal.h). */
    void (*key)(const char *key, void *arg);
    /* There is no screen to show a window on, or it has been closed (`why` NULL). */
    void (*ended)(const char *why, void *arg);
};

struct window *window_new(struct viewer *viewer, bool is_full_screen,
                          const struct window_handlers *handlers, void *arg);
void window_free(struct window *window); /* NULL does nothing */

/* What is written there. Any bytes; NULL: nothing. */
struct window_texts {
    const char *title;  /* of the meeting: shown while there is no picture */
    const char *name;   /* of the room */
    const char *state;  /* "on air", the place in the queue */
    const char *time;   /* that is left */
    const char *notice; /* what is wrong, or a hint */
    const char *prompt; /* what is being typed */
    const char *lost;   /* in the middle: the picture stands */
    bool is_on_air;
};
/* Copied. */
void window_write(struct window *window, const struct window_texts *texts);
void window_set_sound_delay(struct window *window, int64_t delay_us);

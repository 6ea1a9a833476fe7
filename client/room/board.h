/* What a room's screen shows, as text: of as many columns and rows as the terminal has,
 * made for 80 by 24.
 *
 * Thread: any; no state. */
#pragma once

#include "client/room/floor_view.h"

#include <glib.h>
#include <stdint.h>

struct board {
    bool is_english;
    unsigned columns, rows;
    const struct floor_view *view;
    int64_t now_us; /* UTC */
    bool is_muted, is_heard;
    const char *input_name, *output_name; /* NULL: none */
    int input_level, output_level;        /* dBov */
    bool cancels_echo;
    const char *line_state; /* leg_state_name() */
    bool is_online;         /* the session, not the media */
    bool has_figures;
    double rtt_ms, loss_down, jitter_ms; /* loss in per cent */
    const char *notice;                  /* NULL: none */
    char *const *report;                 /* of a line test, in the messages' place; NULL: none */
    const char *prompt;                  /* what is being typed; NULL: nothing is */
};

/* Rows parted by "\n", each of at most `columns` columns. g_free(). */
char *board_draw(const struct board *board);

/* The room's own part, as the window shows it too: on air, off, its place in the queue. Never NULL;
 * g_free(). */
char *board_own_state(const struct floor_view *view, bool is_muted, bool is_heard, bool is_english);
/* "Time left: 0:42 *** ONE MINUTE ***"; g_free(). NULL: nobody's time runs. `is_short` (may be
 * NULL): it calls for attention. */
char *board_time_left(const struct floor_view *view, int64_t now_us, bool *is_short,
                      bool is_english);

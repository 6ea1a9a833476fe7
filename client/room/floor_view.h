/* What a room's screen shows of the meeting: a small fold over the snapshot and the events.
 *
 * Thread: main. Texts belong to the view and are clean for a terminal. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct floor_view;

struct floor_view *floor_view_new(void);
void floor_view_free(struct floor_view *view);

/* The snapshot in a hello's answer; it replaces what was known. */
void floor_view_start(struct floor_view *view, const json_t *hello);
/* `now_us`: UTC by this machine's clock. `is_live`: the event has just happened, and shows how the
 * server's clock differs. */
void floor_view_event(struct floor_view *view, const json_t *event, int64_t now_us, bool is_live);

const char *floor_view_title(const struct floor_view *view);
const char *floor_view_own_name(const struct floor_view *view);
/* "Thành phố Huế, Tỉnh Cà Mau"; g_free(). */
char *floor_view_speakers(const struct floor_view *view);
/* This room's waiting or granted request; NULL: none. */
const char *floor_view_own_request(const struct floor_view *view);
/* 1, 2, …; 0: not in the queue. */
int floor_view_place(const struct floor_view *view);
/* Whether this room holds the floor. */
bool floor_view_is_speaking(const struct floor_view *view);
bool floor_view_is_muted(const struct floor_view *view);

/* What is left of the allowance of this room's floor, or else of who speaks: seconds, below 0 when
 * it is overdrawn. False: nobody speaks, or without a limit. `now_us` UTC by this machine's clock;
 * that the server's differs is made up for once an event has come. */
bool floor_view_time_left(const struct floor_view *view, int64_t now_us, int *seconds);

/* Messages to this room or to all, "Huế: …", the newest first; NULL: there is none. */
const char *floor_view_message(const struct floor_view *view, unsigned index);

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
void floor_view_event(struct floor_view *view, const json_t *event);

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

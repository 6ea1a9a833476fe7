/* The media plane as signaling sees it: one bridge beside it, started and supervised here, spoken
 * to over a local socket (docs/protocol.md, "Control"). What is to be is declared with
 * media_plane_follow(); after the bridge, or signaling, or both have been away, the same
 * declaration brings the two together again.
 *
 * The bridge outlives signaling: on start a bridge that still runs for the same data directory is
 * taken over with its legs; otherwise one is started. One that dies is started again.
 *
 * Thread: signaling's main thread and its default GMainContext; handlers too. */
#pragma once

#include "signaling/meeting/meeting.h"

struct media_plane;

struct media_handlers {
    void (*candidate)(const char *meeting, const char *leg, const char *candidate, const char *mid,
                      void *arg);
    void (*leg_state)(const char *meeting, const char *leg, const char *state, void *arg);
    /* Of what use its pictures are (borrowed): as in media.hint, or null. May be NULL. */
    void (*leg_hint)(const char *meeting, const char *leg, json_t *video, void *arg);
    /* What the leg sends as sound is "unasked", a "howl", or "ok" again. May be NULL. */
    void (*leg_sound)(const char *meeting, const char *leg, const char *state, void *arg);
    /* The recorder has begun or ended a part, path as in the event's body. */
    void (*recording_started)(const char *meeting, int part, const char *path, void *arg);
    void (*recording_stopped)(const char *meeting, int part, void *arg);
    void (*recording_failed)(const char *meeting, const char *why, void *arg);
    /* A line test has ended by itself; `measures` (borrowed) may be NULL. */
    void (*line_ended)(const char *meeting, const char *leg, const char *reason,
                       const json_t *measures, void *arg);
    /* The bridge has gone: the legs of all meetings are lost. */
    void (*lost)(void *arg);
    /* A bridge is connected. `is_new`: it has no legs, rooms must offer again. */
    void (*ready)(bool is_new, void *arg);
};

struct media_config {
    const char *data_dir;                /* the socket, the recordings; copied */
    const char *bridge_program;          /* path; copied */
    const char *const *bridge_arguments; /* further ones, NULL-ended; or NULL */
    json_t *network;                     /* bridge.hello's; referenced; or NULL */
};

struct media_plane *media_plane_new(const struct media_config *config,
                                    const struct media_handlers *handlers, void *arg);
/* Leaves the bridge running unless `stop_bridge`; then waits until it has finished its recordings
 * and ended. */
void media_plane_free(struct media_plane *plane, bool stop_bridge);

bool media_plane_is_ready(const struct media_plane *plane);

/* Brings the bridge to what the meeting's state asks for: the conference, who may be heard, whether
 * it is recorded (into <data>/recordings/<meeting>/); a closed meeting's conference ends. Sends
 * only what has changed. Call after every event. */
void media_plane_follow(struct media_plane *plane, const struct meeting *meeting);

/* `answer` is NULL with `error` when the offer was refused ("invalid sdp: …") or the bridge is away
 * (`is_away`). Called exactly once, never before media_plane_offer() returns. */
typedef void (*media_answer)(const char *answer, const char *error, bool is_away, void *arg);
void media_plane_offer(struct media_plane *plane, const char *meeting, const char *leg,
                       const char *sdp, media_answer done, void *arg);
void media_plane_candidate(struct media_plane *plane, const char *meeting, const char *leg,
                           const char *candidate, const char *mid);
void media_plane_remove_leg(struct media_plane *plane, const char *meeting, const char *leg);

/* What concerns one leg: "line.start" with {ssrc?, seconds?}, "line.stop" with NULL, "leg.preview"
 * with {layout?, cells?, page?}; `params` are borrowed. `result` is borrowed; NULL when it was
 * refused, and why: for a person. Called exactly once, never before the function returns. */
enum media_refusal { MEDIA_REFUSED, MEDIA_TOO_MANY, MEDIA_AWAY };
typedef void (*media_leg_answer)(const json_t *result, enum media_refusal refusal, const char *why,
                                 void *arg);
void media_plane_ask_leg(struct media_plane *plane, const char *method, const char *meeting,
                         const char *leg, const json_t *params, media_leg_answer done, void *arg);

/* The bridge's counters, NULL with the bridge away. `stats` is borrowed. */
void media_plane_stats(struct media_plane *plane, void (*done)(const json_t *stats, void *arg),
                       void *arg);

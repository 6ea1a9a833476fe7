/* Who is connected to which meeting: the sessions that hear its events, and the seats. A seat is
 * what has one leg at the bridge: a room, or an account without a room. A room's coming and going
 * are commands to the core (site.join, site.leave), and what the journal says of it is kept beside
 * what is really so:
 *
 *   - a room whose connection broke has left at once; its media stays for a grace, so that a short
 *     outage is not heard;
 *   - after a restart the journal calls rooms connected whose connections are gone. They have a
 *     while to come back; who does keeps the session that the journal knows, and nothing is
 * written; who does not has left, reason "restart";
 *   - a leaving that could not be written (disk full) is tried again until it is.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/session.h"
#include "signaling/hub.h"

struct attendance;

struct attendance_times {
    unsigned leg_grace_seconds;
    unsigned resume_seconds;
};

/* Listens to `hub`: make it before hub_replay(). */
struct attendance *attendance_new(struct hub *hub, const struct attendance_times *times);
void attendance_free(struct attendance *attendance);
/* Borrowed; NULL: there is no media. */
void attendance_set_media_plane(struct attendance *attendance, struct media_plane *plane);

/* Seats the session, which has its identity and meeting; `client` is its program's name or NULL.
 * A room that another session stands for is taken over from it, unless `is_polite`: then the answer
 * is `exists`. The session may be given the id of
 * the one it goes on with. It hears events from attendance_listen() on. False: `refusal`. */
bool attendance_join(struct attendance *attendance, struct session *session, const char *client,
                     bool is_polite, struct refusal *refusal);
void attendance_listen(struct attendance *attendance, struct session *session);
void attendance_leave(struct attendance *attendance, struct session *session, enum session_end how);

/* Media of the session's seat is the session's from now on. */
void attendance_claim_media(struct attendance *attendance, struct session *session);
/* Whose the leg is; NULL: nobody's now. */
struct session *attendance_media_owner(struct attendance *attendance, const char *meeting,
                                       const char *leg);
/* The bridge says of what use the leg's pictures are now: an object as in media.hint, or null for
 * none. Borrowed; told to the leg's sessions. */
void attendance_hint_video(struct attendance *attendance, const char *meeting, const char *leg,
                           json_t *video);
/* The bridge that said so is gone. */
void attendance_forget_video(struct attendance *attendance);
/* To every session of every meeting. */
void attendance_notify_all(struct attendance *attendance, const char *method);
/* To the chair, the secretaries and the operators of a meeting. `params` is stolen. */
void attendance_notify_staff(struct attendance *attendance, const char *meeting, const char *method,
                             json_t *params);
/* To the operators of a meeting only. `params` is stolen. */
void attendance_notify_operators(struct attendance *attendance, const char *meeting,
                                 const char *method, json_t *params);
/* Whether any meeting has an operator who listens. */
bool attendance_has_operator(const struct attendance *attendance);
/* Legs that a bridge has of earlier (`stats`: what media_plane_stats() gives) and that belong to
 * nobody any more are removed. */
void attendance_sweep_legs(struct attendance *attendance, const json_t *stats);

/* About once a second; `now_us` is monotonic. */
void attendance_tick(struct attendance *attendance, int64_t now_us);
/* Every room leaves, reason "restart": this program ends in good order. */
void attendance_end(struct attendance *attendance);

/* The sessions of a meeting: [{session, site, account, role, address, client, backlog, media,
 * stats}]. */
json_t *attendance_describe(struct attendance *attendance, const char *meeting);

/* Sessions that hear events now. */
unsigned attendance_count(const struct attendance *attendance);

#include "signaling/http/attendance.h"

#include "common/clock.h"
#include "common/log.h"

#include <string.h>

#define RETRY_SECONDS 5

struct seat {
    char *leg;
    char *site;            /* NULL: an account's */
    char *journal_session; /* as the journal has the room connected; NULL: it is not */
    struct session *live;  /* who stands for the room */
    struct session *owner; /* whose the media is */
    int64_t leave_due_us;  /* connected in the journal only: when to say that it left */
    const char *leave_reason;
    json_t *video;      /* of its pictures' use, as the bridge said last; NULL: none */
    int64_t leg_due_us; /* when the media of nobody is removed; 0: not at all */
};

struct room {
    struct meeting *meeting;
    GPtrArray *listeners; /* of struct session */
    GHashTable *seats;    /* leg -> struct seat */
    json_t *heard;        /* as last hinted */
};

struct attendance {
    struct hub *hub;
    struct media_plane *plane;
    struct attendance_times times;
    GHashTable *rooms; /* meeting id -> struct room */
    unsigned listeners, operators;
};

static void seat_free(void *data)
{
    struct seat *seat = data;
    g_free(seat->leg);
    g_free(seat->site);
    g_free(seat->journal_session);
    json_decref(seat->video);
    g_free(seat);
}

static void room_free(void *data)
{
    struct room *room = data;
    g_ptr_array_unref(room->listeners);
    g_hash_table_unref(room->seats);
    json_decref(room->heard);
    g_free(room);
}

static struct room *room_of(struct attendance *attendance, struct meeting *meeting)
{
    struct room *room = g_hash_table_lookup(attendance->rooms, meeting_id(meeting));
    if (room != NULL)
        return room;
    room = g_new0(struct room, 1);
    room->meeting = meeting;
    room->listeners = g_ptr_array_new();
    room->seats = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, seat_free);
    room->heard = json_array();
    g_hash_table_insert(attendance->rooms, (char *)meeting_id(meeting), room);
    return room;
}

static struct room *find_room(struct attendance *attendance, const char *meeting)
{
    return meeting != NULL ? g_hash_table_lookup(attendance->rooms, meeting) : NULL;
}

static struct seat *seat_of(struct room *room, const char *leg, const char *site)
{
    struct seat *seat = g_hash_table_lookup(room->seats, leg);
    if (seat != NULL)
        return seat;
    seat = g_new0(struct seat, 1);
    seat->leg = g_strdup(leg);
    seat->site = g_strdup(site);
    g_hash_table_insert(room->seats, seat->leg, seat);
    return seat;
}

/* What the journal says. */

static void follow_presence(struct attendance *attendance, struct room *room,
                            const struct event *event, bool is_replay)
{
    const char *site = json_string_value(json_object_get(event->body, "site"));
    const char *session = json_string_value(json_object_get(event->body, "session"));
    if (site == NULL)
        return;
    struct seat *seat = seat_of(room, site, site);
    g_clear_pointer(&seat->journal_session, g_free);
    if (strcmp(event->type, "site.joined") != 0)
        return;
    seat->journal_session = g_strdup(session);
    if (is_replay) {
        int64_t now_us = clock_monotonic_us();
        seat->leave_reason = "restart";
        seat->leave_due_us = now_us + attendance->times.resume_seconds * (int64_t)G_USEC_PER_SEC;
        seat->leg_due_us = now_us + attendance->times.leg_grace_seconds * (int64_t)G_USEC_PER_SEC;
    }
}

/* Who is heard by anybody: by the meeting, or apart from it. [{leg}] */
static json_t *list_heard(const struct meeting *meeting)
{
    json_t *heard = meeting_speakers(meeting);
    json_t *apart = meeting_apart(meeting);
    size_t i, j;
    json_t *group, *leg;
    json_array_foreach (apart, i, group) {
        bool talks = json_is_true(json_object_get(group, "talk"));
        json_array_foreach (json_object_get(group, "legs"), j, leg) {
            if (talks)
                json_array_append_new(heard, json_pack("{s:O}", "leg", leg));
        }
    }
    json_decref(apart);
    return heard;
}

static bool is_heard(const json_t *heard, const char *leg)
{
    size_t i;
    json_t *speaker;
    json_array_foreach (heard, i, speaker) {
        const char *name = json_string_value(json_object_get(speaker, "leg"));
        if (g_strcmp0(name, leg) == 0)
            return true;
    }
    return false;
}

static void hint(const struct room *room, struct session *session)
{
    bool is_audible = session->leg != NULL && is_heard(room->heard, session->leg);
    const struct seat *seat =
        session->leg != NULL ? g_hash_table_lookup(room->seats, session->leg) : NULL;
    if (session->has_hint && session->hint_audible == is_audible)
        return;
    session->has_hint = true;
    session->hint_audible = is_audible;
    session_notify(session, "media.hint",
                   json_pack("{s:b, s:O?}", "audio", (int)is_audible, "video",
                             seat != NULL ? seat->video : NULL));
}

static void set_video(struct room *room, struct seat *seat, json_t *video)
{
    if (json_equal(seat->video, video) || (seat->video == NULL && video == NULL))
        return;
    json_decref(seat->video);
    seat->video = json_incref(video);
    for (unsigned i = room->listeners->len; i-- > 0;) {
        if (i >= room->listeners->len)
            continue;
        struct session *session = room->listeners->pdata[i];
        if (g_strcmp0(session->leg, seat->leg) != 0)
            continue;
        session->has_hint = false;
        hint(room, session);
    }
}

void attendance_hint_video(struct attendance *attendance, const char *meeting, const char *leg,
                           json_t *video)
{
    struct room *room = find_room(attendance, meeting);
    struct seat *seat = room != NULL ? g_hash_table_lookup(room->seats, leg) : NULL;
    if (seat != NULL)
        set_video(room, seat, json_is_object(video) ? video : NULL);
}

void attendance_forget_video(struct attendance *attendance)
{
    GHashTableIter rooms, seats;
    gpointer room, seat;
    g_hash_table_iter_init(&rooms, attendance->rooms);
    while (g_hash_table_iter_next(&rooms, NULL, &room)) {
        g_hash_table_iter_init(&seats, ((struct room *)room)->seats);
        while (g_hash_table_iter_next(&seats, NULL, &seat))
            set_video(room, seat, NULL);
    }
}

/* A session that is dropped for slowness leaves the list while it is walked; it is walked from the
 * end, where a removal moves nothing that is still to come. */
static void hint_changed(struct room *room)
{
    json_t *heard = list_heard(room->meeting);
    bool has_changed = !json_equal(heard, room->heard);
    json_decref(room->heard);
    room->heard = heard;
    for (unsigned i = room->listeners->len; has_changed && i-- > 0;) {
        if (i < room->listeners->len)
            hint(room, room->listeners->pdata[i]);
    }
}

static void broadcast(struct room *room, GBytes *frame)
{
    for (unsigned i = room->listeners->len; i-- > 0;) {
        if (i < room->listeners->len)
            session_send(room->listeners->pdata[i], frame);
    }
}

static void end_seat(struct attendance *attendance, struct room *room, const char *site)
{
    struct seat *seat = site != NULL ? g_hash_table_lookup(room->seats, site) : NULL;
    if (seat == NULL)
        return;
    if (seat->live != NULL)
        session_close(seat->live, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "removed");
    if (attendance->plane != NULL)
        media_plane_remove_leg(attendance->plane, meeting_id(room->meeting), seat->leg);
}

static void on_event(struct meeting *meeting, const struct event *event, bool is_replay, void *arg)
{
    struct attendance *attendance = arg;
    struct room *room = room_of(attendance, meeting);
    if (strcmp(event->type, "site.joined") == 0 || strcmp(event->type, "site.left") == 0 ||
        strcmp(event->type, "site.removed") == 0)
        follow_presence(attendance, room, event, is_replay);
    if (is_replay)
        return;
    if (room->listeners->len > 0) {
        GBytes *frame = rpc_notification("event", event_to_json(event));
        broadcast(room, frame);
        g_bytes_unref(frame);
        hint_changed(room);
    }
    if (strcmp(event->type, "site.removed") == 0)
        end_seat(attendance, room, json_string_value(json_object_get(event->body, "site")));
}

struct attendance *attendance_new(struct hub *hub, const struct attendance_times *times)
{
    static const struct hub_listener listener = {.event = on_event};
    struct attendance *attendance = g_new0(struct attendance, 1);
    attendance->hub = hub;
    attendance->times = *times;
    attendance->rooms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, room_free);
    hub_set_listener(hub, &listener, attendance);
    return attendance;
}

void attendance_free(struct attendance *attendance)
{
    if (attendance == NULL)
        return;
    hub_set_listener(attendance->hub, &(struct hub_listener){0}, NULL);
    g_hash_table_unref(attendance->rooms);
    g_free(attendance);
}

void attendance_set_media_plane(struct attendance *attendance, struct media_plane *plane)
{
    attendance->plane = plane;
}

/* Coming and going. */

static bool say_joined(struct attendance *attendance, const struct session *session,
                       const char *client, struct refusal *refusal)
{
    struct actor system = {.role = ROLE_SYSTEM};
    json_t *params = json_pack("{s:s, s:s, s:s}", "site", session->identity->site, "session",
                               session->id, "client", client);
    bool is_done =
        hub_execute(attendance->hub, session->meeting, "site.join", params, &system, NULL, refusal);
    json_decref(params);
    return is_done;
}

/* False: not now, the journal cannot be written. */
static bool say_left(struct attendance *attendance, struct room *room, struct seat *seat,
                     const char *reason)
{
    struct refusal refusal = {0};
    struct actor system = {.role = ROLE_SYSTEM};
    json_t *params = json_pack("{s:s, s:s, s:s}", "site", seat->site, "session",
                               seat->journal_session, "reason", reason);
    bool is_done = hub_execute(attendance->hub, meeting_id(room->meeting), "site.leave", params,
                               &system, NULL, &refusal);
    json_decref(params);
    if (is_done || refusal.code == ERROR_STORAGE)
        return is_done;
    /* The core will not have it: it is gone from there. */
    g_clear_pointer(&seat->journal_session, g_free);
    return true;
}

static void remove_leg(struct attendance *attendance, struct room *room, struct seat *seat)
{
    seat->leg_due_us = 0;
    if (attendance->plane != NULL)
        media_plane_remove_leg(attendance->plane, meeting_id(room->meeting), seat->leg);
}

/* The room's seat for a new session: away from who has it, or on with what the journal knows. */
static bool take_seat(struct attendance *attendance, struct seat *seat, struct session *session,
                      const char *client, struct refusal *refusal)
{
    struct session *before = seat->live;
    if (before == NULL && seat->journal_session != NULL) {
        g_strlcpy(session->id, seat->journal_session, sizeof session->id);
        return true;
    }
    /* The core says that the session before has left ("replaced"), in the same breath. */
    if (!say_joined(attendance, session, client, refusal))
        return false;
    if (before != NULL && seat->live == before) {
        seat->live = NULL;
        session_notify(before, "session.replaced", NULL);
        session_close(before, SOUP_WEBSOCKET_CLOSE_NORMAL, "replaced");
    }
    return true;
}

/* Whether the room is another's, which a polite session leaves alone. */
static bool is_taken(const struct seat *seat, struct refusal *refusal)
{
    if (seat->live == NULL)
        return false;
    refusal_set(refusal, ERROR_EXISTS, "exists", "",
                "the room is connected already, from %s; take_over: true takes it over",
                seat->live->address);
    return true;
}

bool attendance_join(struct attendance *attendance, struct session *session, const char *client,
                     bool is_polite, struct refusal *refusal)
{
    struct meeting *meeting = hub_find(attendance->hub, session->meeting, refusal);
    if (meeting == NULL)
        return false;
    const struct identity *identity = session->identity;
    const char *site = identity->site;
    if (site != NULL && meeting_site_name(meeting, site) == NULL) {
        refusal_set(refusal, ERROR_NO_SUCH_SITE, "no-such-site", "", "the meeting has no room %s",
                    site);
        return false;
    }
    g_free(session->client);
    session->client = g_strdup(client);
    session->leg = site != NULL ? g_strdup(site) : g_strdup_printf("account.%s", identity->account);
    struct room *room = room_of(attendance, meeting);
    struct seat *seat = seat_of(room, session->leg, site);
    if (site != NULL) {
        if ((is_polite && is_taken(seat, refusal)) ||
            !take_seat(attendance, seat, session, client, refusal)) {
            g_clear_pointer(&session->leg, g_free);
            return false;
        }
        seat->live = session;
        seat->leave_due_us = 0;
    }
    /* Media that a lost session left, or that a replaced one had, goes on as this one's. */
    if (site != NULL || seat->owner == NULL) {
        seat->owner = session;
        seat->leg_due_us = 0;
    }
    return true;
}

static bool is_operator(const struct session *session)
{
    return session->identity->role == ROLE_OPERATOR;
}

void attendance_listen(struct attendance *attendance, struct session *session)
{
    struct room *room = find_room(attendance, session->meeting);
    if (room->listeners->len == 0) {
        json_decref(room->heard);
        room->heard = list_heard(room->meeting);
    }
    g_ptr_array_add(room->listeners, session);
    attendance->listeners++;
    attendance->operators += is_operator(session);
    hint(room, session);
}

/* When the room's leaving cannot be written now, attendance_tick() tries again. A session that ends
 * while it is being taken over from is not the journal's any more. */
static void leave_seat(struct attendance *attendance, struct room *room, struct seat *seat,
                       const struct session *session, enum session_end how)
{
    const char *reason = how == SESSION_CLOSED ? "closed" : "lost";
    seat->live = NULL;
    if (g_strcmp0(seat->journal_session, session->id) != 0 ||
        say_left(attendance, room, seat, reason))
        return;
    seat->leave_reason = reason;
    seat->leave_due_us = clock_monotonic_us() + RETRY_SECONDS * (int64_t)G_USEC_PER_SEC;
}

void attendance_leave(struct attendance *attendance, struct session *session, enum session_end how)
{
    struct room *room = find_room(attendance, session->meeting);
    struct seat *seat = room != NULL && session->leg != NULL
                            ? g_hash_table_lookup(room->seats, session->leg)
                            : NULL;
    if (room != NULL && g_ptr_array_remove(room->listeners, session)) {
        attendance->listeners--;
        attendance->operators -= is_operator(session);
    }
    if (seat == NULL)
        return;
    if (seat->owner == session) {
        seat->owner = NULL;
        seat->leg_due_us =
            clock_monotonic_us() + attendance->times.leg_grace_seconds * (int64_t)G_USEC_PER_SEC;
        if (how == SESSION_CLOSED)
            remove_leg(attendance, room, seat);
    }
    if (seat->live == session)
        leave_seat(attendance, room, seat, session, how);
}

/* Media. */

void attendance_claim_media(struct attendance *attendance, struct session *session)
{
    struct room *room = find_room(attendance, session->meeting);
    struct seat *seat = seat_of(room, session->leg, session->identity->site);
    if (seat->owner != NULL && seat->owner != session)
        session_notify(seat->owner, "media.state", json_pack("{s:s}", "state", "closed"));
    seat->owner = session;
    seat->leg_due_us = 0;
}

struct session *attendance_media_owner(struct attendance *attendance, const char *meeting,
                                       const char *leg)
{
    struct room *room = find_room(attendance, meeting);
    struct seat *seat = room != NULL ? g_hash_table_lookup(room->seats, leg) : NULL;
    return seat != NULL ? seat->owner : NULL;
}

void attendance_notify_all(struct attendance *attendance, const char *method)
{
    GBytes *frame = rpc_notification(method, NULL);
    GHashTableIter iter;
    gpointer room;
    g_hash_table_iter_init(&iter, attendance->rooms);
    while (g_hash_table_iter_next(&iter, NULL, &room))
        broadcast(room, frame);
    g_bytes_unref(frame);
}

static bool is_staff(const struct session *session)
{
    enum role role = session->identity->role;
    return role == ROLE_CHAIR || role == ROLE_SECRETARY || role == ROLE_OPERATOR;
}

/* To those of a meeting's sessions that are meant. */
static void notify_some(struct attendance *attendance, const char *meeting, const char *method,
                        json_t *params, bool (*is_meant)(const struct session *session))
{
    struct room *room = find_room(attendance, meeting);
    GBytes *frame = rpc_notification(method, params);
    for (unsigned i = room != NULL ? room->listeners->len : 0; i-- > 0;) {
        if (i < room->listeners->len && is_meant(room->listeners->pdata[i]))
            session_send(room->listeners->pdata[i], frame);
    }
    g_bytes_unref(frame);
}

void attendance_notify_staff(struct attendance *attendance, const char *meeting, const char *method,
                             json_t *params)
{
    notify_some(attendance, meeting, method, params, is_staff);
}

void attendance_notify_operators(struct attendance *attendance, const char *meeting,
                                 const char *method, json_t *params)
{
    notify_some(attendance, meeting, method, params, is_operator);
}

bool attendance_has_operator(const struct attendance *attendance)
{
    return attendance->operators > 0;
}

void attendance_sweep_legs(struct attendance *attendance, const json_t *stats)
{
    size_t i, k;
    json_t *conference, *entry;
    json_array_foreach (json_object_get(stats, "conferences"), i, conference) {
        const char *meeting = json_string_value(json_object_get(conference, "conference"));
        struct room *room = find_room(attendance, meeting);
        json_array_foreach (json_object_get(conference, "legs"), k, entry) {
            const char *leg = json_string_value(json_object_get(entry, "leg"));
            struct seat *seat =
                room != NULL && leg != NULL ? g_hash_table_lookup(room->seats, leg) : NULL;
            bool is_wanted = seat != NULL && (seat->owner != NULL || seat->leg_due_us != 0);
            if (leg != NULL && !is_wanted)
                media_plane_remove_leg(attendance->plane, meeting, leg);
        }
    }
}

/* Time. */

static void tick_seat(struct attendance *attendance, struct room *room, struct seat *seat,
                      int64_t now_us)
{
    if (seat->leg_due_us != 0 && seat->owner == NULL && now_us >= seat->leg_due_us)
        remove_leg(attendance, room, seat);
    if (seat->live != NULL || seat->journal_session == NULL || now_us < seat->leave_due_us)
        return;
    if (!say_left(attendance, room, seat, seat->leave_reason))
        seat->leave_due_us = now_us + RETRY_SECONDS * (int64_t)G_USEC_PER_SEC;
}

/* Calls `each` for every seat. A command within may make no seat: seats come with rooms' hellos and
 * with the events of their own joining. */
static void foreach_seat(struct attendance *attendance,
                         void (*each)(struct attendance *, struct room *, struct seat *, int64_t),
                         int64_t now_us)
{
    GHashTableIter rooms, seats;
    gpointer room, seat;
    g_hash_table_iter_init(&rooms, attendance->rooms);
    while (g_hash_table_iter_next(&rooms, NULL, &room)) {
        g_hash_table_iter_init(&seats, ((struct room *)room)->seats);
        while (g_hash_table_iter_next(&seats, NULL, &seat))
            each(attendance, room, seat, now_us);
    }
}

void attendance_tick(struct attendance *attendance, int64_t now_us)
{
    foreach_seat(attendance, tick_seat, now_us);
}

static void end_one(struct attendance *attendance, struct room *room, struct seat *seat,
                    int64_t now_us)
{
    (void)now_us;
    if (seat->journal_session != NULL)
        say_left(attendance, room, seat, "restart");
}

void attendance_end(struct attendance *attendance)
{
    foreach_seat(attendance, end_one, 0);
}

static json_t *describe(struct room *room, const struct session *session)
{
    const struct seat *seat = g_hash_table_lookup(room->seats, session->leg);
    return json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:s?, s:I, s:b, s:O?}", "session", session->id,
                     "site", session->identity->site, "account", session->identity->account, "role",
                     role_name(session->identity->role), "address", session->address, "client",
                     session->client, "backlog", (json_int_t)session_backlog(session), "media",
                     (int)(seat != NULL && seat->owner == session), "stats", session->stats);
}

json_t *attendance_describe(struct attendance *attendance, const char *meeting)
{
    json_t *list = json_array();
    struct room *room = find_room(attendance, meeting);
    for (unsigned i = 0; room != NULL && i < room->listeners->len; i++)
        json_array_append_new(list, describe(room, room->listeners->pdata[i]));
    return list;
}

unsigned attendance_count(const struct attendance *attendance)
{
    return attendance->listeners;
}

#include "signaling/hub.h"

#include "common/clock.h"
#include "common/ids.h"
#include "common/log.h"
#include "signaling/errors.h"
#include "signaling/meeting/journal.h"

#include <string.h>

struct entry {
    struct meeting *meeting;
    int64_t last_us; /* time of the last event: the journal never goes back */
    bool is_damaged;
};

/* An event that waits to be told; `events` keeps it alive. */
struct notice {
    struct meeting *meeting;
    const struct event *event;
    GPtrArray *events;
};

struct hub {
    struct store *store;
    struct media_plane *plane;
    struct hub_listener listener;
    void *listener_arg;
    GHashTable *entries; /* id -> struct entry */
    GPtrArray *order;    /* of struct entry, borrowed */
    GQueue notices;      /* of struct notice */
    bool is_telling;
    GHashTable *commands; /* "method result" -> uint64_t */
    struct hub_counts counts;
};

static void entry_free(void *data)
{
    struct entry *entry = data;
    meeting_free(entry->meeting);
    g_free(entry);
}

struct hub *hub_new(struct store *store)
{
    struct hub *hub = g_new0(struct hub, 1);
    hub->store = store;
    hub->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    hub->order = g_ptr_array_new();
    hub->commands = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&hub->notices);
    return hub;
}

void hub_free(struct hub *hub)
{
    if (hub == NULL)
        return;
    g_assert(g_queue_is_empty(&hub->notices));
    g_ptr_array_unref(hub->order);
    g_hash_table_unref(hub->entries);
    g_hash_table_unref(hub->commands);
    g_free(hub);
}

void hub_set_listener(struct hub *hub, const struct hub_listener *listener, void *arg)
{
    hub->listener = *listener;
    hub->listener_arg = arg;
}

static struct entry *add_entry(struct hub *hub, struct meeting *meeting)
{
    struct entry *entry = g_new0(struct entry, 1);
    entry->meeting = meeting;
    g_hash_table_insert(hub->entries, (char *)meeting_id(meeting), entry);
    g_ptr_array_add(hub->order, entry);
    return entry;
}

static void follow(struct hub *hub, struct meeting *meeting)
{
    if (hub->plane != NULL)
        media_plane_follow(hub->plane, meeting);
}

void hub_set_media_plane(struct hub *hub, struct media_plane *plane)
{
    hub->plane = plane;
    for (unsigned i = 0; i < hub->order->len; i++) {
        struct entry *entry = hub->order->pdata[i];
        if (!entry->is_damaged)
            follow(hub, entry->meeting);
    }
}

/* Replaying. */

struct replay {
    struct hub *hub;
    struct entry *entry;
    struct journal_check *check;
    GError *error;
};

static bool replay_event(const struct event *event, void *arg)
{
    struct replay *replay = arg;
    struct hub *hub = replay->hub;
    if (!journal_check_event(replay->check, event, &replay->error) ||
        !meeting_apply(replay->entry->meeting, event, &replay->error))
        return false;
    replay->entry->last_us = MAX(replay->entry->last_us, event->time_us);
    hub->counts.events++;
    if (hub->listener.event != NULL)
        hub->listener.event(replay->entry->meeting, event, true, hub->listener_arg);
    return true;
}

static void close_damaged(struct hub *hub, struct entry *entry, const char *why)
{
    log_error("the journal is damaged, the meeting stays closed meeting=%s why=%s",
              meeting_id(entry->meeting), why);
    entry->is_damaged = true;
    hub->counts.damaged++;
}

static void replay_meeting(struct hub *hub, const char *id)
{
    struct replay replay = {
        .hub = hub, .entry = add_entry(hub, meeting_new(id)), .check = journal_check_new()};
    g_autoptr(GError) unreadable = NULL;
    if (!store_read(hub->store, id, 0, replay_event, &replay, &unreadable))
        close_damaged(hub, replay.entry, unreadable->message);
    else if (replay.error != NULL)
        close_damaged(hub, replay.entry, replay.error->message);
    g_clear_error(&replay.error);
    journal_check_free(replay.check);
}

bool hub_replay(struct hub *hub, GError **error)
{
    g_auto(GStrv) ids = store_meetings(hub->store, error);
    if (ids == NULL)
        return false;
    for (unsigned i = 0; ids[i] != NULL; i++)
        replay_meeting(hub, ids[i]);
    return true;
}

/* Executing. */

static void count_command(struct hub *hub, const char *method, const char *result)
{
    /* An unknown method is the client's text: one name for all, so that nobody fills the table. */
    if (strcmp(result, "no-such-method") == 0)
        method = "unknown";
    g_autofree char *key = g_strdup_printf("%s %s", method, result);
    uint64_t *count = g_hash_table_lookup(hub->commands, key);
    if (count == NULL) {
        count = g_new0(uint64_t, 1);
        g_hash_table_insert(hub->commands, g_steal_pointer(&key), count);
    }
    (*count)++;
}

static void tell(struct hub *hub)
{
    if (hub->is_telling)
        return;
    hub->is_telling = true;
    struct notice *notice;
    while ((notice = g_queue_pop_head(&hub->notices)) != NULL) {
        if (hub->listener.event != NULL)
            hub->listener.event(notice->meeting, notice->event, false, hub->listener_arg);
        g_ptr_array_unref(notice->events);
        g_free(notice);
    }
    hub->is_telling = false;
}

/* The events are durable: from here on nothing may fail. */
static void fold(struct hub *hub, struct entry *entry, GPtrArray *events)
{
    for (unsigned i = 0; i < events->len; i++) {
        const struct event *event = events->pdata[i];
        g_autoptr(GError) error = NULL;
        if (!meeting_apply(entry->meeting, event, &error)) {
            log_error("the core does not take its own event meeting=%s seq=%" G_GUINT64_FORMAT
                      " why=%s",
                      event->meeting, event->seq, error->message);
            entry->is_damaged = true;
            hub->counts.damaged++;
            return;
        }
        entry->last_us = event->time_us;
        hub->counts.events++;
        struct notice *notice = g_new(struct notice, 1);
        *notice = (struct notice){entry->meeting, event, g_ptr_array_ref(events)};
        g_queue_push_tail(&hub->notices, notice);
    }
}

static bool append(struct hub *hub, const struct decision *decision, struct refusal *refusal)
{
    g_autoptr(GError) error = NULL;
    if (store_append_with_ballot(hub->store, decision->events, decision->ballot, &error))
        return true;
    hub->counts.storage_failures++;
    log_error("the journal cannot be written; nothing was changed why=%s", error->message);
    refusal_set(refusal, ERROR_STORAGE, "storage", "",
                "the journal cannot be written; nothing was changed");
    return false;
}

/* How the ballots of the secret vote that `command` closes were counted; NULL for any other. */
static json_t *read_tally(struct hub *hub, const struct entry *entry, const struct command *command)
{
    const char *vote = json_string_value(json_object_get(command->params, "vote"));
    g_autoptr(GError) error = NULL;
    if (strcmp(command->method, "vote.close") != 0 || vote == NULL ||
        !meeting_vote_is_secret(entry->meeting, vote))
        return NULL;
    json_t *tally = store_tally(hub->store, meeting_id(entry->meeting), vote, &error);
    if (tally == NULL)
        log_error("the ballots cannot be read meeting=%s why=%s", meeting_id(entry->meeting),
                  error->message);
    return tally;
}

static bool run(struct hub *hub, struct entry *entry, const struct command *given, json_t **answer,
                struct refusal *refusal)
{
    struct decision decision = {0};
    struct command command = *given;
    json_t *tally = read_tally(hub, entry, given);
    command.tally = tally;
    bool is_done = meeting_decide(entry->meeting, &command, &decision);
    if (!is_done)
        *refusal = decision.refusal;
    else
        is_done = append(hub, &decision, refusal);
    if (is_done && tally != NULL)
        store_forget_order(hub->store);
    json_decref(tally);
    count_command(hub, given->method, is_done ? "ok" : refusal->reason);
    if (is_done) {
        fold(hub, entry, decision.events);
        if (answer != NULL) {
            *answer = json_incref(decision.answer);
            json_object_set_new(*answer, "seq",
                                json_integer((json_int_t)meeting_seq(entry->meeting)));
        }
    }
    decision_clear(&decision);
    return is_done;
}

/* The entry that meeting.create is about: a new one, or the one of that name, for the core to
 * refuse. What is not a slug is refused by the core too, with everything else that may be wrong. */
static struct entry *entry_to_create(struct hub *hub, const json_t *params, bool *is_new)
{
    const char *id = json_string_value(json_object_get(params, "meeting"));
    if (id == NULL || !id_is_slug(id))
        id = "new";
    struct entry *entry = g_hash_table_lookup(hub->entries, id);
    *is_new = entry == NULL;
    return entry != NULL ? entry : add_entry(hub, meeting_new(id));
}

static void remove_entry(struct hub *hub, struct entry *entry)
{
    g_ptr_array_remove(hub->order, entry);
    g_hash_table_remove(hub->entries, meeting_id(entry->meeting));
}

static bool refuse_entry(const struct entry *entry, const char *meeting, struct refusal *refusal)
{
    if (entry == NULL)
        refusal_set(refusal, ERROR_NO_SUCH_MEETING, "no-such-meeting", "", "there is no meeting %s",
                    meeting);
    else
        refusal_set(refusal, ERROR_STORAGE, "storage", "",
                    "the journal of meeting %s is damaged; it must be repaired first",
                    meeting_id(entry->meeting));
    return false;
}

bool hub_execute(struct hub *hub, const char *meeting, const char *method, const json_t *params,
                 const struct actor *actor, json_t **answer, struct refusal *refusal)
{
    bool is_new = false;
    struct entry *entry = meeting != NULL ? g_hash_table_lookup(hub->entries, meeting)
                                          : entry_to_create(hub, params, &is_new);
    if (entry == NULL || entry->is_damaged)
        return refuse_entry(entry, meeting, refusal);
    struct command command = {method, params, *actor, MAX(clock_utc_us(), entry->last_us)};
    if (!run(hub, entry, &command, answer, refusal)) {
        if (is_new)
            remove_entry(hub, entry);
        return false;
    }
    tell(hub);
    follow(hub, entry->meeting);
    return true;
}

bool hub_execute_own(struct hub *hub, const char *meeting, const char *method, json_t *params)
{
    struct refusal refusal = {0};
    struct actor system = {.role = ROLE_SYSTEM};
    bool is_done = hub_execute(hub, meeting, method, params, &system, NULL, &refusal);
    json_decref(params);
    if (!is_done && g_strcmp0(refusal.reason, "wrong-state") != 0)
        log_warning("own command refused meeting=%s method=%s reason=%s why=%s", meeting, method,
                    refusal.reason, refusal.message);
    return is_done;
}

/* Each command brings the state on, so that the next one that is due is another. */
static void run_due(struct hub *hub, struct entry *entry)
{
    const char *method;
    json_t *params;
    bool goes_on = true;
    while (goes_on && !entry->is_damaged &&
           meeting_due(entry->meeting, MAX(clock_utc_us(), entry->last_us), &method, &params))
        goes_on = hub_execute_own(hub, meeting_id(entry->meeting), method, params);
}

void hub_tick(struct hub *hub)
{
    for (unsigned i = 0; i < hub->order->len; i++)
        run_due(hub, hub->order->pdata[i]);
}

struct meeting *hub_find(struct hub *hub, const char *meeting, struct refusal *refusal)
{
    struct entry *entry = g_hash_table_lookup(hub->entries, meeting);
    if (entry != NULL && !entry->is_damaged)
        return entry->meeting;
    if (refusal != NULL)
        refuse_entry(entry, meeting, refusal);
    return NULL;
}

void hub_foreach(struct hub *hub, void (*visit)(struct meeting *meeting, void *arg), void *arg)
{
    for (unsigned i = 0; i < hub->order->len; i++) {
        struct entry *entry = hub->order->pdata[i];
        if (!entry->is_damaged)
            visit(entry->meeting, arg);
    }
}

/* Incidents of the media plane. */

/* Whether rooms are using media: between rehearsal and closing. */
static bool is_under_way(const json_t *snapshot)
{
    static const char *const states[] = {"rehearsal", "open", "paused", NULL};
    const json_t *meeting = json_object_get(snapshot, "meeting");
    const char *state = json_string_value(json_object_get(meeting, "state"));
    return state != NULL && g_strv_contains(states, state);
}

static bool bridge_is_lost(const json_t *snapshot)
{
    const json_t *incidents = json_object_get(snapshot, "incidents");
    size_t count = json_array_size(incidents);
    const json_t *last = count > 0 ? json_array_get(incidents, count - 1) : NULL;
    return g_strcmp0(json_string_value(json_object_get(last, "type")), "bridge.lost") == 0;
}

static void media_lost(struct meeting *meeting, void *arg)
{
    json_t *snapshot = meeting_snapshot(meeting);
    if (is_under_way(snapshot) && !bridge_is_lost(snapshot))
        hub_execute_own(arg, meeting_id(meeting), "bridge.lost", json_object());
    json_decref(snapshot);
}

static void media_restored(struct meeting *meeting, void *arg)
{
    json_t *snapshot = meeting_snapshot(meeting);
    if (!meeting_is_closed(meeting) && bridge_is_lost(snapshot))
        hub_execute_own(arg, meeting_id(meeting), "bridge.restored", json_object());
    json_decref(snapshot);
}

void hub_media_lost(struct hub *hub)
{
    hub_foreach(hub, media_lost, hub);
}

void hub_media_restored(struct hub *hub)
{
    hub_foreach(hub, media_restored, hub);
}

/* Counting. */

struct hub_counts hub_count(const struct hub *hub)
{
    struct hub_counts counts = hub->counts;
    counts.meetings = hub->order->len;
    return counts;
}

void hub_foreach_command(const struct hub *hub,
                         void (*visit)(const char *method, const char *result, uint64_t count,
                                       void *arg),
                         void *arg)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, hub->commands);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        g_auto(GStrv) parts = g_strsplit(key, " ", 2);
        visit(parts[0], parts[1], *(uint64_t *)value, arg);
    }
}

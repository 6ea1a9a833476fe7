#include "signaling/http/greeting.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/media_network.h"

#include <string.h>

struct greeting {
    struct session *session;
    json_t *id;
    int64_t since;
};

struct greeter {
    struct service *service;
    GQueue waiting;     /* of struct greeting */
    guint turn;         /* while any waits */
    GHashTable *states; /* meeting -> its state as JSON, during one turn */
};

static void greeting_free(gpointer data)
{
    struct greeting *greeting = data;
    session_unref(greeting->session);
    json_decref(greeting->id);
    g_free(greeting);
}

struct greeter *greeter_new(struct service *service)
{
    struct greeter *greeter = g_new0(struct greeter, 1);
    greeter->service = service;
    g_queue_init(&greeter->waiting);
    greeter->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
    return greeter;
}

void greeter_free(struct greeter *greeter)
{
    if (greeter == NULL)
        return;
    g_clear_handle_id(&greeter->turn, g_source_remove);
    g_queue_clear_full(&greeter->waiting, greeting_free);
    g_hash_table_unref(greeter->states);
    g_free(greeter);
}

static bool collect(const struct event *event, void *arg)
{
    json_array_append_new(arg, event_to_json(event));
    return true;
}

/* `events` after the number, NULL with `refusal`. */
static json_t *read_events(struct greeter *greeter, const struct greeting *greeting,
                           struct refusal *refusal)
{
    g_autoptr(GError) error = NULL;
    const char *meeting = greeting->session->meeting;
    json_t *events = json_array();
    if (store_read(greeter->service->store, meeting, (uint64_t)greeting->since, collect, events,
                   &error))
        return events;
    json_decref(events);
    log_error("journal cannot be read meeting=%s why=%s", meeting, error->message);
    refusal_set(refusal, ERROR_STORAGE, "storage", "", "the journal cannot be read");
    return NULL;
}

/* Nothing happens in the meeting within a turn's greetings, so one text does for all of them. */
static const char *state_text(struct greeter *greeter, const struct meeting *meeting)
{
    char *text = g_hash_table_lookup(greeter->states, meeting_id(meeting));
    if (text != NULL)
        return text;
    json_t *snapshot = meeting_snapshot(meeting);
    text = json_dumps(snapshot, JSON_COMPACT);
    json_decref(snapshot);
    g_hash_table_insert(greeter->states, g_strdup(meeting_id(meeting)), text);
    return text;
}

static json_t *describe(const struct greeter *greeter, const struct session *session, uint64_t seq)
{
    const struct identity *identity = session->identity;
    json_t *ice_servers =
        media_network_ice_servers(greeter->service->config, session->id, clock_utc_us());
    return json_pack("{s:o, s:b, s:i, s:s, s:s, s:s?, s:s?, s:s?, s:I}", "ice_servers", ice_servers,
                     "ice_tcp", media_network_has_tcp(greeter->service->config), "version", 1,
                     "session", session->id, "role", role_name(identity->role), "site",
                     identity->site, "account", identity->account, "meeting", session->meeting,
                     "seq", (json_int_t)seq);
}

/* The answer, or NULL with `refusal`. */
static GBytes *make_answer(struct greeter *greeter, const struct greeting *greeting,
                           struct refusal *refusal)
{
    const struct session *session = greeting->session;
    if (session->meeting == NULL)
        return rpc_result(greeting->id, describe(greeter, session, 0));
    const struct meeting *meeting = hub_find(greeter->service->hub, session->meeting, refusal);
    if (meeting == NULL)
        return NULL;
    json_t *result = describe(greeter, session, meeting_seq(meeting));
    if (greeting->since < 0)
        return rpc_result_with(greeting->id, result, "state", state_text(greeter, meeting));
    json_t *events = read_events(greeter, greeting, refusal);
    if (events == NULL) {
        json_decref(result);
        return NULL;
    }
    json_object_set_new(result, "events", events);
    return rpc_result(greeting->id, result);
}

static void greet(struct greeter *greeter, const struct greeting *greeting)
{
    struct refusal refusal = {0};
    struct session *session = greeting->session;
    if (session->is_ended)
        return;
    GBytes *answer = make_answer(greeter, greeting, &refusal);
    if (answer == NULL) {
        session_send_take(session, rpc_error(greeting->id, &refusal));
        session_close(session, SOUP_WEBSOCKET_CLOSE_SERVER_ERROR, "the meeting cannot be read");
        return;
    }
    session_send_take(session, answer);
    if (session->meeting != NULL && !session->is_ended)
        attendance_listen(greeter->service->attendance, session);
}

static gboolean on_turn(gpointer arg)
{
    struct greeter *greeter = arg;
    struct greeting *greeting;
    greeter->turn = 0;
    while ((greeting = g_queue_pop_head(&greeter->waiting)) != NULL) {
        uint64_t before = hub_count(greeter->service->hub).events;
        greet(greeter, greeting);
        greeting_free(greeting);
        /* Somebody was too slow for his answer, and that he left is an event. */
        if (hub_count(greeter->service->hub).events != before)
            g_hash_table_remove_all(greeter->states);
    }
    g_hash_table_remove_all(greeter->states);
    return G_SOURCE_REMOVE;
}

void greeter_greet(struct greeter *greeter, struct session *session, const json_t *id,
                   int64_t since)
{
    struct greeting *greeting = g_new(struct greeting, 1);
    *greeting = (struct greeting){session_ref(session), json_copy((json_t *)id), since};
    g_queue_push_tail(&greeter->waiting, greeting);
    if (greeter->turn == 0)
        greeter->turn = g_idle_add_full(G_PRIORITY_DEFAULT, on_turn, greeter, NULL);
}

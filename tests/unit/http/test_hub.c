/* The hub over a store in memory that can be made to fail, and a media plane that only counts. */
#include "signaling/hub.h"

#include <gio/gio.h>
#include <string.h>

/* The store. */

struct store {
    GPtrArray *events; /* of struct event */
    json_t *tally;     /* of all secret votes as one */
    unsigned forgot;   /* how often the order of ballots was */
    bool fails;
};

static struct event *copy_event(const struct event *event)
{
    json_t *line = event_to_journal(event);
    struct event *copy = event_from_journal(line, NULL);
    json_decref(line);
    g_assert_nonnull(copy);
    return copy;
}

bool store_append_with_ballot(struct store *store, const GPtrArray *events, const json_t *ballot,
                              GError **error)
{
    if (store->fails) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the disk is full");
        return false;
    }
    for (unsigned i = 0; i < events->len; i++)
        g_ptr_array_add(store->events, copy_event(events->pdata[i]));
    const char *choice = json_string_value(json_object_get(ballot, "choice"));
    if (choice != NULL) {
        json_int_t count = json_integer_value(json_object_get(store->tally, choice));
        json_object_set_new(store->tally, choice, json_integer(count + 1));
    }
    return true;
}

json_t *store_tally(struct store *store, const char *meeting, const char *vote, GError **error)
{
    (void)meeting;
    (void)vote;
    (void)error;
    return json_incref(store->tally);
}

void store_forget_order(struct store *store)
{
    store->forgot++;
}

bool store_read(struct store *store, const char *meeting, uint64_t since, store_visit visit,
                void *arg, GError **error)
{
    (void)error;
    for (unsigned i = 0; i < store->events->len; i++) {
        const struct event *event = store->events->pdata[i];
        if (strcmp(event->meeting, meeting) == 0 && event->seq > since && !visit(event, arg))
            break;
    }
    return true;
}

char **store_meetings(struct store *store, GError **error)
{
    (void)error;
    GPtrArray *ids = g_ptr_array_new();
    for (unsigned i = 0; i < store->events->len; i++) {
        const struct event *event = store->events->pdata[i];
        if (event->seq == 1)
            g_ptr_array_add(ids, g_strdup(event->meeting));
    }
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}

/* The media plane. */

struct media_plane {
    unsigned follows;
    uint64_t last_seq;
};

void media_plane_follow(struct media_plane *plane, const struct meeting *meeting)
{
    plane->follows++;
    plane->last_seq = meeting_seq(meeting);
}

/* A listener that keeps what it hears, and may command while it hears. */

struct ear {
    struct hub *hub;
    GString *heard; /* "seq:type " */
    const char *echo_on;
};

static void hear(struct meeting *meeting, const struct event *event, bool is_replay, void *arg)
{
    struct ear *ear = arg;
    g_string_append_printf(ear->heard, "%s%d:%s ", is_replay ? "r" : "", (int)event->seq,
                           event->type);
    if (ear->echo_on != NULL && strcmp(event->type, ear->echo_on) == 0)
        hub_execute_own(ear->hub, meeting_id(meeting), "bridge.lost", json_object());
}

struct fixture {
    struct store store;
    struct media_plane plane;
    struct ear ear;
    struct hub *hub;
};

static struct hub *make_hub(struct fixture *fixture)
{
    static const struct hub_listener listener = {.event = hear};
    struct hub *hub = hub_new(&fixture->store);
    hub_set_listener(hub, &listener, &fixture->ear);
    fixture->ear.hub = hub;
    return hub;
}

static void free_event(void *event)
{
    event_free(event);
}

static void set_up(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    fixture->store.events = g_ptr_array_new_with_free_func(free_event);
    fixture->store.tally = json_object();
    fixture->ear.heard = g_string_new(NULL);
    fixture->hub = make_hub(fixture);
    hub_set_media_plane(fixture->hub, &fixture->plane);
}

static void tear_down(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    hub_free(fixture->hub);
    g_ptr_array_unref(fixture->store.events);
    json_decref(fixture->store.tally);
    g_string_free(fixture->ear.heard, TRUE);
}

/* The refusal's reason, or NULL when it was done. */
static const char *execute(struct fixture *fixture, const char *meeting, enum role role,
                           const char *method, json_t *params)
{
    struct actor actor = {.account = role == ROLE_SYSTEM ? NULL : "ai-do", .role = role};
    struct refusal refusal = {0};
    json_t *answer = NULL;
    bool is_done = hub_execute(fixture->hub, meeting, method, params, &actor, &answer, &refusal);
    g_assert_true(is_done == (answer != NULL));
    json_decref(answer);
    json_decref(params);
    return is_done ? NULL : refusal.reason;
}

static const char *create(struct fixture *fixture, const char *id)
{
    json_t *params = json_pack("{s:b, s:{s:s}, s:{s:s}, s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s}]}",
                               "declared", true, "chair", "name", "An", "secretary", "name", "Bình",
                               "meeting", id, "title", "Họp", "sites", "id", "ha-noi", "name",
                               "Hà Nội", "role", "chair", "id", "hue", "name", "Huế");
    return execute(fixture, NULL, ROLE_OPERATOR, "meeting.create", params);
}

static void test_events_are_stored_told_and_followed(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    g_assert_cmpstr(fixture->ear.heard->str, ==, "1:meeting.created 2:meeting.opened ");
    g_assert_cmpuint(fixture->store.events->len, ==, 2);
    g_assert_cmpuint(fixture->plane.last_seq, ==, 2);
    g_assert_cmpuint(meeting_seq(hub_find(fixture->hub, "hop", NULL)), ==, 2);
}

static void test_what_cannot_be_stored_has_not_happened(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    fixture->store.fails = true;
    g_assert_cmpstr(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL), ==, "storage");
    g_assert_cmpstr(create(fixture, "khac"), ==, "storage");
    g_assert_null(hub_find(fixture->hub, "khac", NULL));
    g_assert_cmpuint(meeting_seq(hub_find(fixture->hub, "hop", NULL)), ==, 1);
    g_assert_cmpstr(fixture->ear.heard->str, ==, "1:meeting.created ");
    g_assert_cmpuint(hub_count(fixture->hub).storage_failures, ==, 2);
    fixture->store.fails = false;
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    g_assert_null(create(fixture, "khac"));
}

static void test_a_secret_vote_is_counted_without_its_voters(struct fixture *fixture,
                                                             gconstpointer arg)
{
    (void)arg;
    const struct actor room = {.role = ROLE_SITE, .site = "hue"};
    struct refusal refusal;
    json_t *ballot = json_pack("{s:s, s:s}", "vote", "v1", "choice", "against");
    g_assert_null(create(fixture, "hop"));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "vote.open",
                          json_pack("{s:s, s:b}", "question", "Q", "secret", true)));
    fixture->store.fails = true;
    g_assert_false(hub_execute(fixture->hub, "hop", "vote.cast", ballot, &room, NULL, &refusal));
    fixture->store.fails = false;
    g_assert_true(hub_execute(fixture->hub, "hop", "vote.cast", ballot, &room, NULL, &refusal));
    g_assert_null(
        execute(fixture, "hop", ROLE_CHAIR, "vote.close", json_pack("{s:s}", "vote", "v1")));
    const struct event *closed = fixture->store.events->pdata[fixture->store.events->len - 1];
    json_t *counts = json_object_get(closed->body, "counts");
    g_assert_cmpint(json_integer_value(json_object_get(counts, "against")), ==, 1);
    g_assert_cmpint(json_integer_value(json_object_get(counts, "none")), ==, 1);
    g_assert_cmpuint(fixture->store.forgot, ==, 1);
    json_decref(ballot);
}

static void test_refused_meetings_leave_nothing(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_cmpstr(create(fixture, "Không"), ==, "invalid");
    g_assert_cmpuint(hub_count(fixture->hub).meetings, ==, 0);
    g_assert_null(create(fixture, "hop"));
    g_assert_cmpstr(create(fixture, "hop"), ==, "exists");
    g_assert_cmpstr(execute(fixture, "khong-co", ROLE_CHAIR, "meeting.open", NULL), ==,
                    "no-such-meeting");
    g_assert_cmpuint(hub_count(fixture->hub).meetings, ==, 1);
}

static void test_a_listeners_own_command_is_told_after(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    g_string_truncate(fixture->ear.heard, 0);
    fixture->ear.echo_on = "floor.requested";
    /* Two events at once: the request and, the meeting not being moderated, its acceptance. */
    struct actor room = {.role = ROLE_SITE, .site = "hue"};
    struct refusal refusal;
    g_assert_true(hub_execute(fixture->hub, "hop", "floor.request", NULL, &room, NULL, &refusal));
    g_assert_cmpstr(fixture->ear.heard->str, ==,
                    "3:floor.requested 4:floor.accepted "
                    "5:bridge.lost ");
}

static void test_replaying_gives_the_same_meetings(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_null(create(fixture, "khac"));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    json_t *before = meeting_snapshot(hub_find(fixture->hub, "hop", NULL));
    hub_free(fixture->hub);
    g_string_truncate(fixture->ear.heard, 0);
    fixture->hub = make_hub(fixture);
    g_assert_true(hub_replay(fixture->hub, NULL));
    json_t *after = meeting_snapshot(hub_find(fixture->hub, "hop", NULL));
    g_assert_true(json_equal(before, after));
    g_assert_cmpstr(fixture->ear.heard->str, ==,
                    "r1:meeting.created r2:meeting.opened r1:meeting.created ");
    fixture->plane.follows = 0;
    hub_set_media_plane(fixture->hub, &fixture->plane);
    g_assert_cmpuint(fixture->plane.follows, ==, 2);
    json_decref(before);
    json_decref(after);
}

static void test_a_damaged_meeting_stays_closed(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_null(create(fixture, "khac"));
    struct event *event = fixture->store.events->pdata[0];
    json_object_set_new(event->body, "title", json_string("Khác"));
    hub_free(fixture->hub);
    fixture->hub = make_hub(fixture);
    g_assert_true(hub_replay(fixture->hub, NULL));
    struct refusal refusal;
    g_assert_null(hub_find(fixture->hub, "hop", &refusal));
    g_assert_cmpstr(refusal.reason, ==, "storage");
    g_assert_cmpstr(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL), ==, "storage");
    g_assert_cmpstr(create(fixture, "hop"), ==, "storage");
    g_assert_null(execute(fixture, "khac", ROLE_CHAIR, "meeting.open", NULL));
    g_assert_cmpuint(hub_count(fixture->hub).damaged, ==, 1);
}

static void test_incidents_are_for_meetings_under_way(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_null(create(fixture, "khac"));
    g_assert_null(execute(fixture, "hop", ROLE_CHAIR, "meeting.open", NULL));
    g_string_truncate(fixture->ear.heard, 0);
    hub_media_restored(fixture->hub); /* nothing was lost */
    hub_media_lost(fixture->hub);
    hub_media_lost(fixture->hub);
    hub_media_restored(fixture->hub);
    g_assert_cmpstr(fixture->ear.heard->str, ==, "3:bridge.lost 4:bridge.restored ");
}

static void sum(const char *method, const char *result, uint64_t count, void *arg)
{
    g_string_append_printf(arg, "%s %s %d;", method, result, (int)count);
}

static void test_unknown_methods_are_counted_as_one(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_assert_null(create(fixture, "hop"));
    g_assert_cmpstr(execute(fixture, "hop", ROLE_CHAIR, "a\"b", NULL), ==, "no-such-method");
    g_assert_cmpstr(execute(fixture, "hop", ROLE_CHAIR, "c", NULL), ==, "no-such-method");
    GString *text = g_string_new(NULL);
    hub_foreach_command(fixture->hub, sum, text);
    g_assert_nonnull(strstr(text->str, "unknown no-such-method 2;"));
    g_assert_nonnull(strstr(text->str, "meeting.create ok 1;"));
    g_string_free(text, TRUE);
}

#define ADD(name) g_test_add("/hub/" #name, struct fixture, NULL, set_up, test_##name, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(events_are_stored_told_and_followed);
    ADD(what_cannot_be_stored_has_not_happened);
    ADD(a_secret_vote_is_counted_without_its_voters);
    ADD(refused_meetings_leave_nothing);
    ADD(a_listeners_own_command_is_told_after);
    ADD(replaying_gives_the_same_meetings);
    ADD(a_damaged_meeting_stays_closed);
    ADD(incidents_are_for_meetings_under_way);
    ADD(unknown_methods_are_counted_as_one);
    return g_test_run();
}

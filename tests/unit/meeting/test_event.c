#include "tests/unit/meeting/world.h"

#include <string.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static struct event *parse(const char *text, GError **error)
{
    json_t *line = json_loads(text, 0, NULL);
    g_assert_nonnull(line);
    struct event *event = event_from_journal(line, error);
    json_decref(line);
    return event;
}

/* Computed by another program (Python: json.dumps with sorted keys, hashlib) from the same event.
 */
static void the_hash_is_that_of_the_canonical_json(void)
{
    char hash[HASH_HEX_SIZE];
    struct event *event =
        parse("{\"meeting\":\"hop\",\"seq\":1,\"time\":\"2018-09-11T01:00:00.000007Z\","
              "\"actor\":{\"account\":\"thu-ky\",\"role\":\"secretary\",\"site\":null},"
              "\"type\":\"note.added\",\"body\":{\"z\":1,\"note\":\"n1\",\"Đ\":2,"
              "\"text\":\"Một cửa \\\"liên thông\\\"\\n\\u2028 / \\u00a0 \\ud83d\\ude00\"},"
              "\"prev\":\"" ZEROS "\",\"hash\":\"" ZEROS "\"}",
              NULL);
    event_compute_hash(event, hash);
    g_assert_cmpstr(hash, ==, "83de584a05ba5ac0b309ae8691f316702d915d38711b56acb8ef2074672ce343");
    event_free(event);
}

static void each_event_carries_the_hash_of_the_one_before(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    const char *prev = ZEROS;
    for (unsigned i = 0; i < world->journal->len; i++) {
        const struct event *event = world->journal->pdata[i];
        char hash[HASH_HEX_SIZE];
        event_compute_hash(event, hash);
        g_assert_cmpuint(event->seq, ==, i + 1);
        g_assert_cmpstr(event->prev, ==, prev);
        g_assert_cmpstr(event->hash, ==, hash);
        prev = event->hash;
    }
}

static void every_field_is_under_the_hash(void)
{
    world_auto *world = world_open();
    static const char *const changes[][2] = {
        {"meeting", "'khac'"},
        {"seq", "3"},
        {"time", "'2018-09-11T01:00:00Z'"},
        {"actor", "{'account':'ke-gian','role':'chair','site':'chu-toa'}"},
        {"type", "'meeting.closed'"},
        {"body", "{'a':1}"},
        {"prev", "'" ZEROS "'"},
    };
    const struct event *last = world_last_event(world);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        char hash[HASH_HEX_SIZE];
        json_t *line = event_to_journal(last);
        json_object_set_new(line, changes[i][0], world_json(changes[i][1]));
        struct event *forged = event_from_journal(line, NULL);
        g_assert_nonnull(forged);
        event_compute_hash(forged, hash);
        g_assert_cmpstr(hash, !=, last->hash);
        event_free(forged);
        json_decref(line);
    }
}

static void a_line_reads_back_as_it_was_written(void)
{
    world_auto *world = world_open();
    for (unsigned i = 0; i < world->journal->len; i++) {
        json_t *line = event_to_journal(world->journal->pdata[i]);
        struct event *event = event_from_journal(line, NULL);
        json_t *again = event_to_journal(event);
        g_assert_true(json_equal(line, again));
        event_free(event);
        json_decref(again);
        json_decref(line);
    }
}

static void clients_get_an_event_without_the_chain(void)
{
    world_auto *world = world_open();
    json_t *event = event_to_json(world_last_event(world));
    char *text = json_canonical(event);
    g_assert_cmpstr(text, ==,
                    "{\"actor\":{\"account\":null,\"role\":\"chair\",\"site\":\"chu-toa\"},"
                    "\"body\":{},\"seq\":2,\"time\":\"2018-09-11T01:00:02.000000Z\","
                    "\"type\":\"meeting.opened\"}");
    free(text);
    json_decref(event);
}

static void a_line_with_a_wrong_field_is_refused_by_name(void)
{
    static const char *const cases[][2] = {
        {"meeting", "'Hop'"},
        {"meeting", "null"},
        {"seq", "0"},
        {"seq", "1.0"},
        {"seq", "'1'"},
        {"time", "'yesterday'"},
        {"time", "7"},
        {"actor", "[]"},
        {"actor", "{'account':null,'role':'king','site':null}"},
        {"actor", "{'role':'chair','rank':1}"},
        {"type", "{}"},
        {"body", "[]"},
        {"prev", "'00'"},
        {"hash", "'" ZEROS "0'"},
        {"hash", "'G" ZEROS "'"},
        {"colour", "1"},
    };
    world_auto *world = world_open();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        json_t *line = event_to_journal(world_last_event(world));
        json_object_set_new(line, cases[i][0], world_json(cases[i][1]));
        g_assert_null(event_from_journal(line, &error));
        g_assert_true(g_str_has_prefix(error->message, cases[i][0]));
        json_decref(line);
    }
}

static void roles_have_names_and_the_servers_is_not_given(void)
{
    static const char *const names[] = {"chair", "secretary", "operator", "site", "observer"};
    enum role role;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_true(role_parse(names[i], &role));
        g_assert_cmpstr(role_name(role), ==, names[i]);
    }
    g_assert_false(role_parse("system", &role));
    g_assert_false(role_parse("", &role));
}

#define TEST(name) g_test_add_func("/event/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_hash_is_that_of_the_canonical_json);
    TEST(each_event_carries_the_hash_of_the_one_before);
    TEST(every_field_is_under_the_hash);
    TEST(a_line_reads_back_as_it_was_written);
    TEST(clients_get_an_event_without_the_chain);
    TEST(a_line_with_a_wrong_field_is_refused_by_name);
    TEST(roles_have_names_and_the_servers_is_not_given);
    return g_test_run();
}

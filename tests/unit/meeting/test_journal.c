#include "signaling/meeting/journal.h"
#include "tests/unit/meeting/world.h"

#include <glib/gstdio.h>
#include <string.h>

/* The journal of a short meeting as lines of journal.jsonl. */
static GPtrArray *lines_of(struct world *world)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < world->journal->len; i++) {
        json_t *line = event_to_journal(world->journal->pdata[i]);
        char *text = json_canonical(line);
        g_ptr_array_add(lines, g_strdup(text));
        free(text);
        json_decref(line);
    }
    return lines;
}

static GPtrArray *short_meeting(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{'topic':'Một cửa'}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "da-nang", "floor.release", "{}");
    world_do(world, "chair", "meeting.close", "{}");
    return lines_of(world);
}

struct verdict {
    bool is_good;
    uint64_t events;
    char hash[HASH_HEX_SIZE];
    GError *error;
};

static struct verdict verify_bytes(const char *bytes, size_t size)
{
    struct verdict verdict = {0};
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("nhipcau-journal-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    verdict.is_good = journal_verify_file(path, &verdict.events, verdict.hash, &verdict.error);
    g_unlink(path);
    return verdict;
}

static struct verdict verify(const GPtrArray *lines)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s\n", (char *)lines->pdata[i]);
    struct verdict verdict = verify_bytes(text->str, text->len);
    g_string_free(text, TRUE);
    return verdict;
}

static void assert_wrong(struct verdict verdict, unsigned line, const char *what)
{
    g_autofree char *where = g_strdup_printf(": line %u: ", line);
    g_assert_false(verdict.is_good);
    if (strstr(verdict.error->message, where) == NULL ||
        strstr(verdict.error->message, what) == NULL)
        g_error("said \"%s\", not \"%s … %s\"", verdict.error->message, where, what);
    g_assert_cmpuint(verdict.events, ==, line - 1);
    g_error_free(verdict.error);
}

static void replace(GPtrArray *lines, unsigned index, const char *from, const char *to)
{
    GString *text = g_string_new(lines->pdata[index]);
    g_assert_cmpuint(g_string_replace(text, from, to, 1), ==, 1);
    g_free(lines->pdata[index]);
    lines->pdata[index] = g_string_free(text, FALSE);
}

static void a_whole_journal_is_proved(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    struct verdict verdict = verify(lines);
    g_assert_no_error(verdict.error);
    g_assert_true(verdict.is_good);
    g_assert_cmpuint(verdict.events, ==, lines->len);
    g_assert_nonnull(strstr(lines->pdata[lines->len - 1], verdict.hash));
}

static void a_changed_word_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    replace(lines, 2, "Một cửa", "Hai cửa");
    assert_wrong(verify(lines), 3, "the hash is not that of its content");
}

static void a_missing_event_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    g_ptr_array_remove_index(lines, 3);
    assert_wrong(verify(lines), 4, "does not have the next number");
}

static void a_missing_beginning_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    g_ptr_array_remove_index(lines, 0);
    assert_wrong(verify(lines), 1, "does not have the next number");
}

static void an_event_told_twice_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    g_ptr_array_insert(lines, 3, g_strdup(lines->pdata[2]));
    assert_wrong(verify(lines), 4, "does not have the next number");
}

static void a_line_that_is_cut_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    ((char *)lines->pdata[4])[40] = '\0';
    assert_wrong(verify(lines), 5, "not a JSON object");
}

static void a_field_told_twice_is_found(void)
{
    g_autoptr(GPtrArray) lines = short_meeting();
    replace(lines, 1, "{", "{\"seq\":2,");
    assert_wrong(verify(lines), 2, "not a JSON object: duplicate object key");
}

static void what_is_not_an_object_is_found(void)
{
    assert_wrong(verify_bytes("[]\n", 3), 1, "not a JSON object");
    assert_wrong(verify_bytes("\n", 1), 1, "not a JSON object");
    assert_wrong(verify_bytes("{}\n", 3), 1, "meeting is missing");
    assert_wrong(verify_bytes("{\"a\0b\":1}\n", 10), 1, "not a JSON object");
}

/* A chain that holds, forged by one who can count hashes, but that no meeting can have. */
static void a_chain_that_does_not_fold_is_found(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    struct event *forged = world->journal->pdata[world->journal->len - 1];
    json_object_set_new(forged->body, "position", json_integer(2));
    event_compute_hash(forged, forged->hash);
    g_autoptr(GPtrArray) lines = lines_of(world);
    assert_wrong(verify(lines), 4, "position must be a whole number from 1 to 1");
}

/* Makes the hash right again after a change of an event in the middle; the next one tells. */
static void a_past_that_was_written_anew_is_found(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{'topic':'Một cửa'}");
    struct event *changed = world->journal->pdata[2];
    json_object_set_new(changed->body, "topic", json_string("Hai cửa"));
    event_compute_hash(changed, changed->hash);
    g_autoptr(GPtrArray) lines = lines_of(world);
    assert_wrong(verify(lines), 4, "does not carry the hash of the event before");
}

static void a_grant_in_another_rooms_name_is_found(void)
{
    world_auto *world = world_open();
    world_do(world, "da-nang", "floor.request", "{}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    struct event *forged = world->journal->pdata[4];
    json_object_set_new(forged->body, "site", json_string("hue"));
    event_compute_hash(forged, forged->hash);
    g_autoptr(GPtrArray) lines = lines_of(world);
    assert_wrong(verify(lines), 5, "site is not the request's");
}

static void a_line_longer_than_any_event_is_not_read_into_memory(void)
{
    size_t size = 5 * 1024 * 1024;
    g_autofree char *bytes = g_strnfill(size, ' ');
    assert_wrong(verify_bytes(bytes, size), 1, "is longer than any event");
}

static void a_file_that_cannot_be_read_is_named(void)
{
    uint64_t events;
    char hash[HASH_HEX_SIZE];
    g_autoptr(GError) absent = NULL, folder = NULL;
    g_assert_false(journal_verify_file("/nonexistent/journal.jsonl", &events, hash, &absent));
    g_assert_true(g_str_has_prefix(absent->message, "/nonexistent/journal.jsonl: "));
    g_assert_false(journal_verify_file(g_get_tmp_dir(), &events, hash, &folder));
    g_assert_nonnull(strstr(folder->message, "cannot be read"));
}

#define TEST(name) g_test_add_func("/journal/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_whole_journal_is_proved);
    TEST(a_changed_word_is_found);
    TEST(a_missing_event_is_found);
    TEST(a_missing_beginning_is_found);
    TEST(an_event_told_twice_is_found);
    TEST(a_line_that_is_cut_is_found);
    TEST(a_field_told_twice_is_found);
    TEST(what_is_not_an_object_is_found);
    TEST(a_chain_that_does_not_fold_is_found);
    TEST(a_past_that_was_written_anew_is_found);
    TEST(a_grant_in_another_rooms_name_is_found);
    TEST(a_line_longer_than_any_event_is_not_read_into_memory);
    TEST(a_file_that_cannot_be_read_is_named);
    return g_test_run();
}

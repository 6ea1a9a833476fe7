#include "signaling/meeting/journal.h"
#include "signaling/store/store.h"
#include "tests/unit/meeting/world.h"
#include "tests/unit/store/folder.h"

#include <gio/gio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

static struct store *open_store(const char *path)
{
    g_autoptr(GError) error = NULL;
    struct store *store = store_open(path, &error);
    g_assert_no_error(error);
    g_assert_nonnull(store);
    return store;
}

/* Something that another hand does to the file. */
static void meddle(const char *path, const char *sql)
{
    sqlite3 *database;
    g_assert_cmpint(sqlite3_open(path, &database), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(database);
}

static bool append(struct store *store, struct world *world, unsigned from, unsigned count,
                   GError **error)
{
    g_autoptr(GPtrArray) events = g_ptr_array_new();
    for (unsigned i = from; i < from + count; i++)
        g_ptr_array_add(events, world->journal->pdata[i]);
    return store_append(store, events, error);
}

static void must_append(struct store *store, struct world *world, unsigned from, unsigned count)
{
    g_autoptr(GError) error = NULL;
    append(store, world, from, count, &error);
    g_assert_no_error(error);
}

struct reading {
    GPtrArray *lines; /* canonical */
    unsigned stop_after;
    struct journal_check *check;
    GError *fault;
};

static bool visit(const struct event *event, void *arg)
{
    struct reading *reading = arg;
    json_t *line = event_to_journal(event);
    char *text = json_canonical(line);
    g_ptr_array_add(reading->lines, g_strdup(text));
    free(text);
    json_decref(line);
    if (reading->check != NULL && !journal_check_event(reading->check, event, &reading->fault))
        return false;
    return reading->lines->len != reading->stop_after;
}

static GPtrArray *read_lines(struct store *store, uint64_t since, unsigned stop_after)
{
    g_autoptr(GError) error = NULL;
    struct reading reading = {g_ptr_array_new_with_free_func(g_free), stop_after, NULL, NULL};
    store_read(store, "hop", since, visit, &reading, &error);
    g_assert_no_error(error);
    return reading.lines;
}

static unsigned count_events(struct store *store)
{
    g_autoptr(GPtrArray) lines = read_lines(store, 0, 0);
    return lines->len;
}

static struct world *short_meeting(void)
{
    struct world *world = world_open();
    world_do(world, "da-nang", "floor.request", "{'topic':'Một cửa \\u2028 liên thông'}");
    world_do(world, "chair", "floor.grant", "{'request':'r1'}");
    world_do(world, "chair", "meeting.close", "{}");
    return world;
}

static void what_was_appended_is_read_after_reopening(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, world->journal->len);
    store_close(store);
    store = open_store(folder.file);
    g_autoptr(GPtrArray) lines = read_lines(store, 0, 0);
    g_assert_cmpuint(lines->len, ==, world->journal->len);
    for (unsigned i = 0; i < lines->len; i++) {
        json_t *line = event_to_journal(world->journal->pdata[i]);
        char *text = json_canonical(line);
        g_assert_cmpstr(lines->pdata[i], ==, text);
        free(text);
        json_decref(line);
    }
    store_close(store);
}

static void reading_begins_after_since_and_stops_when_told(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, world->journal->len);
    g_autoptr(GPtrArray) two = read_lines(store, 2, 2);
    g_assert_cmpuint(two->len, ==, 2);
    g_assert_nonnull(strstr(two->pdata[0], "\"seq\":3"));
    g_autoptr(GPtrArray) none = read_lines(store, world->journal->len, 0);
    g_assert_cmpuint(none->len, ==, 0);
    g_autoptr(GPtrArray) beyond = read_lines(store, UINT64_MAX, 0);
    g_assert_cmpuint(beyond->len, ==, 0);
    store_close(store);
}

static void an_event_that_does_not_follow_is_refused(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, 3);
    static const unsigned wrong[] = {0, 1, 2, 4};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(append(store, world, wrong[i], 1, &error));
        g_assert_true(g_str_has_prefix(error->message, folder.file));
        g_assert_nonnull(strstr(error->message, "does not follow 3"));
    }
    struct event *next = world->journal->pdata[3];
    g_autofree char *right = g_strdup(next->prev);
    memset(next->prev, '0', HASH_HEX_SIZE - 1);
    g_assert_false(append(store, world, 3, 1, NULL));
    g_strlcpy(next->prev, right, HASH_HEX_SIZE);
    must_append(store, world, 3, 1);
    store_close(store);
}

static void of_a_batch_all_are_kept_or_none(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, 2);
    struct event *fourth = world->journal->pdata[3];
    fourth->seq = 9;
    g_assert_false(append(store, world, 2, 3, NULL));
    g_assert_cmpuint(count_events(store), ==, 2);
    fourth->seq = 4;
    must_append(store, world, 2, 3);
    g_assert_cmpuint(count_events(store), ==, 5);
    store_close(store);
}

static void nothing_to_append_is_no_fault(void)
{
    folder_auto folder = folder_new();
    world_auto *world = world_empty();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, 0);
    store_close(store);
}

static void meetings_are_listed_oldest_first(void)
{
    folder_auto folder = folder_new();
    struct store *store = open_store(folder.file);
    g_auto(GStrv) none = store_meetings(store, NULL);
    g_assert_cmpuint(g_strv_length(none), ==, 0);
    static const char *const names[] = {"hop-2", "hop-1", "hop-3"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct meeting *meeting = meeting_new(names[i]);
        g_autofree char *text = g_strdup_printf("{'meeting':'%s','title':'T','sites':[{'id':'a',"
                                                "'name':'A','role':'chair'}]}",
                                                names[i]);
        json_t *params = world_json(text);
        const struct command command = {
            "meeting.create", params, {.role = ROLE_OPERATOR}, 1000000 * (int64_t)(i + 1)};
        struct decision decision;
        g_assert_true(meeting_decide(meeting, &command, &decision));
        g_assert_true(store_append(store, decision.events, NULL));
        decision_clear(&decision);
        json_decref(params);
        meeting_free(meeting);
    }
    g_auto(GStrv) listed = store_meetings(store, NULL);
    g_autofree char *joined = g_strjoinv(" ", listed);
    g_assert_cmpstr(joined, ==, "hop-2 hop-1 hop-3");
    store_close(store);
}

/* What the disk says when nobody has looked at it for a while. */
static void assert_not_whole(const char *sql, const char *what)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, world->journal->len);
    store_close(store);
    meddle(folder.file, sql);
    store = open_store(folder.file);
    struct reading reading = {g_ptr_array_new_with_free_func(g_free), 0, journal_check_new(), NULL};
    g_autoptr(GError) error = NULL;
    store_read(store, "hop", 0, visit, &reading, &error);
    const GError *found = error != NULL ? error : reading.fault;
    g_assert_nonnull(found);
    if (strstr(found->message, what) == NULL)
        g_error("said \"%s\", not \"%s\"", found->message, what);
    g_auto(GStrv) meetings = store_meetings(store, NULL);
    g_assert_cmpstr(meetings[0], ==, "hop");
    g_clear_error(&reading.fault);
    g_ptr_array_unref(reading.lines);
    journal_check_free(reading.check);
    store_close(store);
}

static void a_changed_row_does_not_verify(void)
{
    assert_not_whole("UPDATE event SET body = replace(body, 'Một', 'Hai') WHERE seq = 3",
                     "event 3: the hash is not");
    assert_not_whole("UPDATE event SET time_us = 9223372036854775807 WHERE seq = 3",
                     "event 3: the hash is not");
    assert_not_whole("UPDATE event SET time_us = -9223372036854775807 WHERE seq = 3",
                     "event 3: the hash is not");
    assert_not_whole("UPDATE event SET body = '{' WHERE seq = 3", "event 3 of meeting hop");
    assert_not_whole("UPDATE event SET actor = '[]' WHERE seq = 3", "event 3 of meeting hop");
    assert_not_whole("UPDATE event SET hash = 'x' WHERE seq = 3", "event 3: the hash is not");
}

static void a_lost_row_does_not_verify(void)
{
    assert_not_whole("DELETE FROM event WHERE seq = 3", "does not have the next number");
    assert_not_whole("DELETE FROM event WHERE seq = 1", "does not have the next number");
}

static void the_database_is_its_owners_alone(void)
{
    folder_auto folder = folder_new();
    struct stat status;
    mode_t mask = umask(0);
    struct store *store = open_store(folder.file);
    g_assert_cmpint(stat(folder.file, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    store_close(store);
    /* One that was copied in carelessly is closed again. */
    g_assert_cmpint(chmod(folder.file, 0644), ==, 0);
    store = open_store(folder.file);
    g_assert_cmpint(stat(folder.file, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    world_auto *world = short_meeting();
    must_append(store, world, 0, 1);
    g_autofree char *wal = g_strconcat(folder.file, "-wal", NULL);
    g_assert_cmpint(stat(wal, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    store_close(store);
    umask(mask);
}

static void assert_not_opened(const char *path, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(path, &error));
    if (!g_str_has_prefix(error->message, path) || strstr(error->message, what) == NULL)
        g_error("said \"%s\", not \"%s: … %s\"", error->message, path, what);
}

static void a_newer_database_is_refused(void)
{
    folder_auto folder = folder_new();
    store_close(open_store(folder.file));
    meddle(folder.file, "PRAGMA user_version = 99");
    assert_not_opened(folder.file, "newer version");
}

static void another_programs_database_is_left_as_it_is(void)
{
    folder_auto folder = folder_new();
    g_autofree char *before = NULL, *after = NULL;
    gsize before_size, after_size;
    meddle(folder.file, "CREATE TABLE bookmark (url TEXT)");
    g_assert_true(g_file_get_contents(folder.file, &before, &before_size, NULL));
    assert_not_opened(folder.file, "another program's");
    g_assert_true(g_file_get_contents(folder.file, &after, &after_size, NULL));
    g_assert_cmpmem(before, before_size, after, after_size);
}

static void a_file_that_is_no_database_is_refused(void)
{
    folder_auto folder = folder_new();
    g_autofree char *noise = g_strnfill(8192, 'x');
    g_assert_true(g_file_set_contents(folder.file, noise, 8192, NULL));
    assert_not_opened(folder.file, "restore it from a backup");
    assert_not_opened("/nonexistent/store.db", "unable to open");
    assert_not_opened(folder.path, "unable to open");
}

/* One that waits for another for five seconds, then gives up. */
static void a_locked_database_is_told_as_such(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, 1);
    sqlite3 *other;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(sqlite3_open(folder.file, &other), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_false(append(store, world, 1, 1, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_BUSY);
    g_assert_true(g_str_has_prefix(error->message, folder.file));
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    must_append(store, world, 1, 1);
    store_close(store);
}

/* The connection that store_open() makes next, so that a test can make its disk small. */
static sqlite3 *made;

static int remember(sqlite3 *database, char **why, const struct sqlite3_api_routines *api)
{
    (void)why;
    (void)api;
    made = database;
    return SQLITE_OK;
}

static void a_full_disk_changes_nothing_and_reading_goes_on(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    g_autofree char *text = g_strnfill(4000, 'x');
    g_autofree char *note = g_strdup_printf("{'text':'%s'}", text);
    sqlite3_auto_extension((void (*)(void))remember);
    struct store *store = open_store(folder.file);
    sqlite3_reset_auto_extension();
    for (int i = 0; i < 60; i++)
        world_do(world, "secretary", "minutes.note", note);
    sqlite3_exec(made, "PRAGMA max_page_count = 40", NULL, NULL, NULL);
    unsigned kept = 0;
    g_autoptr(GError) error = NULL;
    while (append(store, world, kept, 3, &error))
        kept += 3;
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
    g_assert_true(g_str_has_prefix(error->message, folder.file));
    g_assert_cmpuint(kept, >, 0);
    g_assert_cmpuint(count_events(store), ==, kept);
    g_assert_false(append(store, world, kept, 3, NULL));
    g_assert_cmpuint(count_events(store), ==, kept);
    sqlite3_exec(made, "PRAGMA max_page_count = 4000", NULL, NULL, NULL);
    must_append(store, world, kept, 3);
    g_assert_cmpuint(count_events(store), ==, kept + 3);
    store_close(store);
}

/* A secret vote's ballots: all or none with their events, and summed up only. */
static void ballots_are_counted_with_their_events_or_not_at_all(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    json_t *ballot = json_pack("{s:s, s:s}", "vote", "v1", "choice", "against");
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) one = g_ptr_array_new();
        g_ptr_array_add(one, world->journal->pdata[i]);
        g_assert_true(store_append_with_ballot(store, one, ballot, NULL));
        g_assert_false(store_append_with_ballot(store, one, ballot, NULL));
    }
    json_t *tally = store_tally(store, "hop", "v1", NULL);
    json_t *other = store_tally(store, "hop", "v2", NULL);
    g_assert_cmpint(json_integer_value(json_object_get(tally, "against")), ==, 2);
    g_assert_cmpuint(json_object_size(tally), ==, 1);
    g_assert_cmpuint(json_object_size(other), ==, 0);
    json_decref(tally);
    json_decref(other);
    json_decref(ballot);
    store_close(store);
}

static void the_order_of_ballots_can_be_forgotten(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    g_autofree char *wal = g_strconcat(folder.file, "-wal", NULL);
    struct stat status;
    must_append(store, world, 0, 3);
    g_assert_cmpint(stat(wal, &status), ==, 0);
    g_assert_cmpint(status.st_size, >, 0);
    store_forget_order(store);
    g_assert_cmpint(stat(wal, &status), ==, 0);
    g_assert_cmpint(status.st_size, ==, 0);
    g_assert_cmpuint(count_events(store), ==, 3);
    store_close(store);
}

/* As the first version made it: the tables of votes are missing. */
static void an_older_database_gets_what_is_new(void)
{
    folder_auto folder = folder_new();
    world_auto *world = short_meeting();
    struct store *store = open_store(folder.file);
    must_append(store, world, 0, 3);
    store_close(store);
    meddle(folder.file, "DROP TABLE ballot; DROP TABLE readiness; DROP INDEX access_parent; "
                        "ALTER TABLE access DROP COLUMN made_us; "
                        "ALTER TABLE access DROP COLUMN parent; PRAGMA user_version = 1");
    store = open_store(folder.file);
    json_t *tally = store_tally(store, "hop", "v1", NULL);
    g_assert_nonnull(tally);
    g_assert_cmpuint(count_events(store), ==, 3);
    json_decref(tally);
    store_close(store);
    store_close(open_store(folder.file));
}

#define TEST(name) g_test_add_func("/sqlite/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(what_was_appended_is_read_after_reopening);
    TEST(reading_begins_after_since_and_stops_when_told);
    TEST(an_event_that_does_not_follow_is_refused);
    TEST(of_a_batch_all_are_kept_or_none);
    TEST(nothing_to_append_is_no_fault);
    TEST(meetings_are_listed_oldest_first);
    TEST(a_changed_row_does_not_verify);
    TEST(a_lost_row_does_not_verify);
    TEST(the_database_is_its_owners_alone);
    TEST(ballots_are_counted_with_their_events_or_not_at_all);
    TEST(the_order_of_ballots_can_be_forgotten);
    TEST(an_older_database_gets_what_is_new);
    TEST(a_newer_database_is_refused);
    TEST(another_programs_database_is_left_as_it_is);
    TEST(a_file_that_is_no_database_is_refused);
    TEST(a_locked_database_is_told_as_such);
    TEST(a_full_disk_changes_nothing_and_reading_goes_on);
    return g_test_run();
}

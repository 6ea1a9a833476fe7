/* A process that appends is killed in the middle of it, again and again: what it had acknowledged
 * is there, and the journal is whole. */
#include "signaling/meeting/journal.h"
#include "signaling/store/store.h"
#include "tests/unit/store/folder.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 12

static bool fold(const struct event *event, void *meeting)
{
    return meeting_apply(meeting, event, NULL);
}

/* Decides, makes durable, folds: as the server does. */
static bool command(struct store *store, struct meeting *meeting, const char *method,
                    const json_t *params)
{
    const struct command command = {
        method, params, {.role = ROLE_OPERATOR, .account = "operator"}, 1536627600000000};
    struct decision decision;
    bool is_done =
        meeting_decide(meeting, &command, &decision) && store_append(store, decision.events, NULL);
    for (unsigned i = 0; is_done && i < decision.events->len; i++)
        is_done = meeting_apply(meeting, decision.events->pdata[i], NULL);
    decision_clear(&decision);
    return is_done;
}

/* The child: goes on where the journal ends, and says each number once it is durable. */
_Noreturn static void append_until_killed(const char *path, int acknowledged)
{
    struct store *store = store_open(path, NULL);
    struct meeting *meeting = meeting_new("hop");
    json_t *roster = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}]}", "meeting", "hop", "title", "T",
                               "sites", "id", "a", "name", "A", "role", "chair");
    json_t *change = json_pack("{s:i}", "floors", 1);
    bool goes_on = store != NULL && store_read(store, "hop", 0, fold, meeting, NULL);
    if (goes_on && !meeting_exists(meeting))
        goes_on = command(store, meeting, "meeting.create", roster);
    while (goes_on) {
        uint64_t seq = meeting_seq(meeting);
        json_object_set_new(change, "floors", json_integer(1 + (json_int_t)(seq % 16)));
        goes_on = write(acknowledged, &seq, sizeof seq) == (ssize_t)sizeof seq &&
                  command(store, meeting, "meeting.update", change);
    }
    _exit(1);
}

/* Lets a child append until it has acknowledged `count` events, kills it, and returns the last
 * number that it said. */
static uint64_t killed_after(const char *path, unsigned count)
{
    int ends[2], status;
    uint64_t seq = 0, last = 0;
    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        append_until_killed(path, ends[1]);
    }
    close(ends[1]);
    while (count-- > 0 && read(ends[0], &seq, sizeof seq) == (ssize_t)sizeof seq)
        last = seq;
    kill(child, SIGKILL);
    while (read(ends[0], &seq, sizeof seq) == (ssize_t)sizeof seq)
        last = seq;
    close(ends[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    return last;
}

static bool check(const struct event *event, void *arg)
{
    return journal_check_event(arg, event, NULL);
}

static void what_was_acknowledged_survives_a_kill(void)
{
    folder_auto folder = folder_new();
    GRand *rand = g_rand_new_with_seed(20180911);
    uint64_t before = 0;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned count = (unsigned)g_rand_int_range(rand, 1, 60);
        uint64_t acknowledged = killed_after(folder.file, count);
        g_autoptr(GError) error = NULL;
        struct store *store = store_open(folder.file, &error);
        g_assert_no_error(error);
        struct journal_check *proof = journal_check_new();
        g_assert_true(store_read(store, "hop", 0, check, proof, &error));
        g_assert_no_error(error);
        /* At most one was durable and not yet said. */
        g_assert_cmpuint(journal_check_count(proof), >=, acknowledged);
        g_assert_cmpuint(journal_check_count(proof), <=, acknowledged + 1);
        g_assert_cmpuint(acknowledged, >=, before);
        before = journal_check_count(proof);
        journal_check_free(proof);
        store_close(store);
    }
    g_assert_cmpuint(before, >, ROUNDS);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/durable/what_was_acknowledged_survives_a_kill",
                    what_was_acknowledged_survives_a_kill);
    return g_test_run();
}

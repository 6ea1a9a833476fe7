/* What the journal costs: deciding and folding in memory against making each decision durable, and
 * how long a long journal takes to replay and to prove.
 *
 *     bench_journal [FOLDER]      FOLDER: on the disk to be measured (default: the current one) */
#include "common/clock.h"
#include "signaling/meeting/journal.h"
#include "signaling/store/store.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define ROOMS   3400
#define EVENTS  100000
#define DURABLE 2000 /* decisions, each synced */
#define BATCH   1000

struct bench {
    struct meeting *meeting;
    GPtrArray *journal;
    int64_t now_us;
};

static double seconds_since(int64_t start_us)
{
    return (double)(clock_monotonic_us() - start_us) / 1e6;
}

static void free_event(void *event)
{
    event_free(event);
}

/* Decides, hands the events to `store` (NULL: nobody) and folds them. */
static void command(struct bench *bench, struct store *store, const struct actor *actor,
                    const char *method, json_t *params)
{
    const struct command command = {method, params, *actor, bench->now_us += 1000};
    struct decision decision;
    g_autoptr(GError) error = NULL;
    if (!meeting_decide(bench->meeting, &command, &decision))
        g_error("%s: %s", method, decision.refusal.message);
    if (store != NULL && !store_append(store, decision.events, &error))
        g_error("%s", error->message);
    for (unsigned i = 0; i < decision.events->len; i++) {
        if (!meeting_apply(bench->meeting, decision.events->pdata[i], &error))
            g_error("%s", error->message);
    }
    g_ptr_array_extend_and_steal(bench->journal, g_steal_pointer(&decision.events));
    decision_clear(&decision);
    json_decref(params);
}

static void create(struct bench *bench)
{
    json_t *sites = json_array();
    for (int i = 0; i < ROOMS; i++) {
        g_autofree char *id = g_strdup_printf("xa-%d", i);
        json_array_append_new(sites, json_pack("{s:s, s:s, s:s}", "id", id, "name", "Xã", "role",
                                               i == 0 ? "chair" : "site"));
    }
    command(bench, NULL, &(struct actor){"operator", ROLE_OPERATOR, NULL}, "meeting.create",
            json_pack("{s:b, s:{s:s}, s:{s:s}, s:s, s:s, s:o}", "declared", true, "chair", "name",
                      "An", "secretary", "name", "Bình", "meeting", "hop", "title", "Hội nghị",
                      "sites", sites));
    command(bench, NULL, &(struct actor){"operator", ROLE_OPERATOR, NULL}, "meeting.open", NULL);
}

/* A room asks, is granted the floor, and gives it back: three commands, four events. */
static void one_speech(struct bench *bench, struct store *store, unsigned number)
{
    const struct actor chair = {NULL, ROLE_CHAIR, "xa-0"};
    g_autofree char *room = g_strdup_printf("xa-%u", 1 + number % (ROOMS - 1));
    const struct actor site = {NULL, ROLE_SITE, room};
    command(bench, store, &site, "floor.request",
            json_pack("{s:s, s:s}", "speaker", "Nguyễn Văn A", "topic", "Một cửa liên thông"));
    command(bench, store, &chair, "floor.grant",
            json_pack("{s:s, s:i}", "site", room, "seconds", 300));
    command(bench, store, &site, "floor.release", NULL);
}

static double in_memory(struct bench *bench)
{
    int64_t start = clock_monotonic_us();
    unsigned first = bench->journal->len, speeches = 0;
    while (bench->journal->len < EVENTS)
        one_speech(bench, NULL, speeches++);
    double seconds = seconds_since(start);
    double rate = (bench->journal->len - first) / seconds;
    printf("decide and fold, in memory, %d rooms   %9.0f events/s\n", ROOMS, rate);
    return rate;
}

static double fill(struct bench *bench, struct store *store)
{
    int64_t start = clock_monotonic_us();
    g_autoptr(GError) error = NULL;
    for (unsigned i = 0; i < bench->journal->len; i += BATCH) {
        g_autoptr(GPtrArray) batch = g_ptr_array_new();
        for (unsigned j = i; j < MIN(i + BATCH, bench->journal->len); j++)
            g_ptr_array_add(batch, bench->journal->pdata[j]);
        if (!store_append(store, batch, &error))
            g_error("%s", error->message);
    }
    double rate = bench->journal->len / seconds_since(start);
    printf("append, %d events a sync              %9.0f events/s\n", BATCH, rate);
    return rate;
}

static int by_value(const void *a, const void *b)
{
    return *(const int64_t *)a < *(const int64_t *)b ? -1 : 1;
}

static void durable(struct bench *bench, struct store *store, double memory_rate)
{
    static int64_t took_us[DURABLE];
    const struct actor actor = {"operator", ROLE_OPERATOR, NULL};
    int64_t start = clock_monotonic_us();
    for (int i = 0; i < DURABLE; i++) {
        int64_t before = clock_monotonic_us();
        command(bench, store, &actor, "meeting.update", json_pack("{s:i}", "floors", 1 + i % 16));
        took_us[i] = clock_monotonic_us() - before;
    }
    double rate = DURABLE / seconds_since(start);
    const int middle = DURABLE / 2, slow = DURABLE * 99 / 100;
    qsort(took_us, DURABLE, sizeof took_us[0], by_value);
    printf(
        "decide, make durable, fold               %9.0f events/s   median %.2f ms, p99 %.2f ms\n",
        rate, (double)took_us[middle] / 1000, (double)took_us[slow] / 1000);
    printf("  in memory is %.0f times as fast\n", memory_rate / rate);
}

static bool fold(const struct event *event, void *meeting)
{
    return meeting_apply(meeting, event, NULL);
}

static bool prove(const struct event *event, void *check)
{
    return journal_check_event(check, event, NULL);
}

struct start {
    struct meeting *meeting;
    struct journal_check *check;
};

static bool prove_and_fold(const struct event *event, void *arg)
{
    struct start *start = arg;
    return journal_check_event(start->check, event, NULL) &&
           meeting_apply(start->meeting, event, NULL);
}

/* As the server does it at its start. */
static void start_up(struct store *store)
{
    struct start start = {meeting_new("hop"), journal_check_new()};
    int64_t begun = clock_monotonic_us();
    store_read(store, "hop", 0, prove_and_fold, &start, NULL);
    printf("start of the server: both at once        %9.2f s\n", seconds_since(begun));
    journal_check_free(start.check);
    meeting_free(start.meeting);
}

static void replay(struct store *store)
{
    struct meeting *meeting = meeting_new("hop");
    int64_t start = clock_monotonic_us();
    store_read(store, "hop", 0, fold, meeting, NULL);
    double folded = seconds_since(start);
    printf("replay of %" G_GUINT64_FORMAT " events from the store   %9.2f s\n",
           (guint64)meeting_seq(meeting), folded);
    meeting_free(meeting);
    struct journal_check *check = journal_check_new();
    start = clock_monotonic_us();
    store_read(store, "hop", 0, prove, check, NULL);
    double proved = seconds_since(start);
    printf("the same, proving the chain              %9.2f s   (%.1f times)\n", proved,
           proved / folded);
    journal_check_free(check);
}

static void size_on_disk(const char *what, const char *path, uint64_t events)
{
    GStatBuf status;
    if (g_stat(path, &status) == 0)
        printf("%-37s    %9.1f MB  %.0f bytes an event\n", what, (double)status.st_size / 1e6,
               (double)status.st_size / (double)events);
}

static void verify_file(const struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "w");
    uint64_t events;
    char hash[HASH_HEX_SIZE];
    for (unsigned i = 0; i < bench->journal->len; i++) {
        json_t *line = event_to_journal(bench->journal->pdata[i]);
        char *text = json_canonical(line);
        fprintf(file, "%s\n", text);
        free(text);
        json_decref(line);
    }
    fclose(file);
    int64_t start = clock_monotonic_us();
    g_autoptr(GError) error = NULL;
    if (!journal_verify_file(path, &events, hash, &error))
        g_error("%s", error->message);
    printf("verify of journal.jsonl                  %9.2f s\n", seconds_since(start));
    size_on_disk("size of journal.jsonl", path, events);
    g_unlink(path);
}

static void snapshot(const struct bench *bench, const char *when)
{
    int64_t start = clock_monotonic_us();
    json_t *state = meeting_snapshot(bench->meeting);
    char *text = json_canonical(state);
    printf("snapshot as text, %-22s %9.2f ms  %.1f MB\n", when, seconds_since(start) * 1000,
           (double)strlen(text) / 1e6);
    free(text);
    json_decref(state);
}

static void remove_store(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);
        g_unlink(name);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *path = g_build_filename(argc > 1 ? argv[1] : ".", "bench-journal.db", NULL);
    g_autofree char *lines = g_strconcat(path, ".jsonl", NULL);
    g_autoptr(GError) error = NULL;
    struct bench bench = {meeting_new("hop"), g_ptr_array_new_with_free_func(free_event),
                          1536627600000000};
    remove_store(path);
    struct store *store = store_open(path, &error);
    if (store == NULL)
        g_error("%s", error->message);
    create(&bench);
    snapshot(&bench, "at the opening");
    double memory_rate = in_memory(&bench);
    fill(&bench, store);
    durable(&bench, store, memory_rate);
    replay(store);
    start_up(store);
    verify_file(&bench, lines);
    snapshot(&bench, "after the speeches");
    store_close(store);
    size_on_disk("size of the store, closed", path, bench.journal->len);
    remove_store(path);
    g_ptr_array_unref(bench.journal);
    meeting_free(bench.meeting);
    return 0;
}

/* Hostile commands and journals into the core. The input is lines of text:
 *
 *     C floor.grant {"site":"hue"}      a command of the chair (S, O, V; R, Q: rooms; Y: the
 * server) ! site.muted {"site":"hue"}       an event with a sound number and chain, as a forger has
 * it
 *     {"meeting":"hop",…}               a line of a journal
 *
 * Whatever comes: every event that the core makes it also takes, what it refuses leaves no trace,
 * and the journal alone gives the same state again. */
#include "signaling/meeting/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 64

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #condition);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct meeting *meeting, *replayed;
    struct journal_check *check;
    struct meeting *forged; /* what the forger's events and the lines make */
    char forged_hash[HASH_HEX_SIZE];
    json_t *tally; /* of the secret vote that is open */
    int64_t now_us;
};

static bool actor_of(char letter, struct actor *actor)
{
    static const struct {
        char letter;
        struct actor actor;
    } actors[] = {
        {'C', {NULL, ROLE_CHAIR, "chu-toa"}},     {'S', {"thu-ky", ROLE_SECRETARY, NULL}},
        {'O', {"operator", ROLE_OPERATOR, NULL}}, {'V', {"du-thinh", ROLE_OBSERVER, NULL}},
        {'R', {NULL, ROLE_SITE, "hue"}},          {'Q', {NULL, ROLE_SITE, "da-nang"}},
        {'X', {NULL, ROLE_SITE, "vinh"}},         {'Y', {NULL, ROLE_SYSTEM, NULL}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(actors); i++) {
        if (actors[i].letter == letter)
            *actor = actors[i].actor;
        if (actors[i].letter == letter)
            return true;
    }
    return false;
}

static void take(struct run *run, const struct event *event)
{
    GError *error = NULL;
    json_t *line = event_to_journal(event);
    struct event *read = event_from_journal(line, &error);
    must(error == NULL && read != NULL);
    must(meeting_apply(run->meeting, event, &error));
    must(meeting_apply(run->replayed, read, &error));
    must(journal_check_event(run->check, read, &error));
    event_free(read);
    json_decref(line);
}

static void count_ballot(struct run *run, const json_t *ballot)
{
    const char *choice = json_string_value(json_object_get(ballot, "choice"));
    if (choice != NULL) {
        json_int_t count = json_integer_value(json_object_get(run->tally, choice));
        json_object_set_new(run->tally, choice, json_integer(count + 1));
    } else if (meeting_open_vote(run->meeting) == NULL) {
        json_object_clear(run->tally);
    }
}

static void run_command(struct run *run, const struct actor *actor, const char *method,
                        const json_t *params)
{
    const struct command command = {method, params, *actor, run->now_us += 1000, run->tally};
    struct decision decision;
    uint64_t seq = meeting_seq(run->meeting);
    if (meeting_decide(run->meeting, &command, &decision)) {
        for (unsigned i = 0; i < decision.events->len; i++)
            take(run, decision.events->pdata[i]);
        count_ballot(run, decision.ballot);
    } else {
        must(decision.events->len == 0 && decision.refusal.reason != NULL);
        must(g_utf8_validate(decision.refusal.message, -1, NULL));
        must(g_utf8_validate(decision.refusal.field, -1, NULL));
    }
    must(meeting_seq(run->meeting) == seq + decision.events->len);
    decision_clear(&decision);
}

/* A refused event leaves no trace. */
static void offer(struct run *run, const struct event *event)
{
    GError *error = NULL;
    json_t *before = meeting_exists(run->forged) ? meeting_snapshot(run->forged) : json_null();
    if (meeting_apply(run->forged, event, &error)) {
        g_strlcpy(run->forged_hash, event->hash, sizeof run->forged_hash);
        json_decref(meeting_speakers(run->forged));
        json_decref(meeting_snapshot(run->forged));
    } else {
        must(error != NULL);
        json_t *after = meeting_exists(run->forged) ? meeting_snapshot(run->forged) : json_null();
        must(json_equal(before, after));
        json_decref(after);
    }
    g_clear_error(&error);
    json_decref(before);
}

static void forge(struct run *run, const char *type, json_t *body)
{
    struct event event = {
        .meeting = (char *)"hop",
        .seq = meeting_seq(run->forged) + 1,
        .time_us = run->now_us += 1000,
        .actor = json_pack("{s:n, s:s, s:n}", "account", "role", "chair", "site"),
        .type = (char *)type,
        .body = body,
    };
    g_strlcpy(event.prev, run->forged_hash, sizeof event.prev);
    event_compute_hash(&event, event.hash);
    offer(run, &event);
    json_decref(event.actor);
}

static void run_line(struct run *run, char *line)
{
    struct actor actor;
    json_t *value = line[0] == '{' ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (value != NULL) {
        struct event *event = event_from_journal(value, NULL);
        if (event != NULL)
            offer(run, event);
        event_free(event);
    } else if (line[0] != '\0' && line[1] == ' ') {
        char *name = line + 2;
        char *params = strchr(name, ' ');
        if (params != NULL)
            *params++ = '\0';
        value = json_loads(params != NULL ? params : "{}", JSON_DECODE_ANY, NULL);
        if (line[0] == '!' && json_is_object(value) && g_utf8_validate(name, -1, NULL))
            forge(run, name, value);
        else if (actor_of(line[0], &actor))
            run_command(run, &actor, name, value);
    }
    json_decref(value);
}

static void compare(struct run *run)
{
    if (!meeting_exists(run->meeting))
        return;
    json_t *was = meeting_snapshot(run->meeting), *is = meeting_snapshot(run->replayed);
    must(json_equal(was, is));
    json_decref(was);
    json_decref(is);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.meeting = meeting_new("hop"),
                      .replayed = meeting_new("hop"),
                      .check = journal_check_new(),
                      .forged = meeting_new("hop"),
                      .tally = json_object(),
                      .now_us = 1536627600000000};
    static const char start[] =
        "{\"meeting\":\"hop\",\"title\":\"T\",\"declared\":true,\"chair\":{\"name\":\"A\"},"
        "\"secretary\":{\"name\":\"B\"},\"co_chair\":\"hue\",\"deputies\":[\"da-nang\"],\"sites\":["
        "{\"id\":\"chu-toa\",\"name\":\"A\",\"role\":\"chair\"},"
        "{\"id\":\"da-nang\",\"name\":\"B\"},{\"id\":\"hue\",\"name\":\"C\"}]}";
    memset(run.forged_hash, '0', HASH_HEX_SIZE - 1);
    char *text = g_strndup((const char *)data, size);
    char **lines = g_strsplit(text, "\n", LINES_MAX);
    json_t *params = json_loads(start, 0, NULL);
    run_command(&run, &(struct actor){"operator", ROLE_OPERATOR, NULL}, "meeting.create", params);
    for (unsigned i = 0; lines[i] != NULL; i++)
        run_line(&run, lines[i]);
    compare(&run);
    json_decref(params);
    g_strfreev(lines);
    g_free(text);
    json_decref(run.tally);
    journal_check_free(run.check);
    meeting_free(run.meeting);
    meeting_free(run.replayed);
    meeting_free(run.forged);
    return 0;
}

#include "tests/unit/meeting/world.h"

#include <string.h>

static void free_event(void *event)
{
    event_free(event);
}

struct world *world_empty(void)
{
    struct world *world = g_new0(struct world, 1);
    world->meeting = meeting_new("hop");
    world->journal = g_ptr_array_new_with_free_func(free_event);
    world->tally = json_object();
    world->now_us = 1536627600000000; /* 2018-09-11T01:00:00Z */
    return world;
}

struct world *world_new(void)
{
    struct world *world = world_empty();
    world_do(world, "operator", "meeting.create",
             "{'meeting':'hop','title':'Hội nghị','declared':true,"
             "'chair':{'name':'Nguyễn Văn An','post':'Phó Thủ tướng'},"
             "'secretary':{'name':'Trần Thị Bình','post':null},'sites':["
             "{'id':'chu-toa','name':'Điểm cầu chính','role':'chair'},"
             "{'id':'da-nang','name':'Thành phố Đà Nẵng'},"
             "{'id':'hue','name':'Thành phố Huế'},"
             "{'id':'can-tho','name':'Thành phố Cần Thơ'}]}");
    return world;
}

struct world *world_open(void)
{
    struct world *world = world_new();
    world_do(world, "chair", "meeting.open", "{}");
    return world;
}

struct world *world_copy(const struct world *world)
{
    struct world *copy = world_empty();
    copy->now_us = world->now_us;
    for (unsigned i = 0; i < world->journal->len; i++) {
        json_t *line = event_to_journal(world->journal->pdata[i]);
        struct event *event = event_from_journal(line, NULL);
        g_assert_true(meeting_apply(copy->meeting, event, NULL));
        g_ptr_array_add(copy->journal, event);
        json_decref(line);
    }
    return copy;
}

void world_free(struct world *world)
{
    meeting_free(world->meeting);
    g_ptr_array_unref(world->journal);
    decision_clear(&world->last);
    json_decref(world->tally);
    g_free(world);
}

void world_cleanup(struct world **world)
{
    world_free(*world);
}

json_t *world_json(const char *text)
{
    g_autofree char *copy = g_strdelimit(g_strdup(text), "'", '"');
    json_error_t fault;
    json_t *value = json_loads(copy, JSON_DECODE_ANY, &fault);
    if (value == NULL)
        g_error("the test's JSON is wrong: %s in %s", fault.text, copy);
    return value;
}

static struct actor actor_of(const char *who)
{
    enum role role;
    if (strcmp(who, "system") == 0)
        return (struct actor){.role = ROLE_SYSTEM};
    if (strcmp(who, "chair") == 0)
        return (struct actor){.role = ROLE_CHAIR, .site = "chu-toa"};
    if (role_parse(who, &role))
        return (struct actor){.account = who, .role = role};
    return (struct actor){.role = ROLE_SITE, .site = who};
}

static void count_ballot(struct world *world)
{
    const char *choice = json_string_value(json_object_get(world->last.ballot, "choice"));
    if (choice == NULL)
        return;
    json_int_t count = json_integer_value(json_object_get(world->tally, choice));
    json_object_set_new(world->tally, choice, json_integer(count + 1));
}

bool world_command(struct world *world, const char *who, const char *method, const json_t *params)
{
    world->now_us += 1000000;
    const struct command command = {method, params, actor_of(who), world->now_us, world->tally};
    decision_clear(&world->last);
    bool is_done = meeting_decide(world->meeting, &command, &world->last);
    for (unsigned i = 0; is_done && i < world->last.events->len; i++) {
        g_autoptr(GError) error = NULL;
        const struct event *event = world->last.events->pdata[i];
        if (!meeting_apply(world->meeting, event, &error))
            g_error("the core does not take its own event: %s", error->message);
        json_t *line = event_to_journal(event);
        g_ptr_array_add(world->journal, event_from_journal(line, NULL));
        g_assert_nonnull(world_last_event(world));
        json_decref(line);
    }
    if (is_done)
        count_ballot(world);
    return is_done;
}

bool world_try(struct world *world, const char *who, const char *method, const char *params)
{
    json_t *value = world_json(params);
    bool is_done = world_command(world, who, method, value);
    json_decref(value);
    return is_done;
}

void world_do(struct world *world, const char *who, const char *method, const char *params)
{
    if (!world_try(world, who, method, params))
        g_error("%s may not do %s %s: %s", who, method, params, world->last.refusal.message);
}

void world_refused(struct world *world, const char *who, const char *method, const char *params,
                   const char *reason)
{
    if (world_try(world, who, method, params))
        g_error("%s could do %s %s", who, method, params);
    g_assert_cmpstr(world->last.refusal.reason, ==, reason);
    g_assert_cmpuint(world->last.events->len, ==, 0);
}

void world_invalid(struct world *world, const char *who, const char *method, const char *params,
                   const char *field)
{
    world_refused(world, who, method, params, "invalid");
    g_assert_cmpint(world->last.refusal.code, ==, -32602);
    g_assert_cmpstr(world->last.refusal.field, ==, field);
}

/* Until the next call. */
static const char *keep(GString *text)
{
    static char kept[4096];
    g_strlcpy(kept, text->str, sizeof kept);
    g_string_free(text, TRUE);
    return kept;
}

static void append_word(GString *text, const char *word)
{
    if (text->len > 0)
        g_string_append_c(text, ' ');
    g_string_append(text, word);
}

const char *world_events(struct world *world)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < world->last.events->len; i++)
        append_word(text, ((struct event *)world->last.events->pdata[i])->type);
    return keep(text);
}

static const char *list(json_t *entries, const char *key, const char *state)
{
    GString *text = g_string_new(NULL);
    size_t index;
    json_t *entry;
    json_array_foreach (entries, index, entry) {
        const char *is = json_string_value(json_object_get(entry, "state"));
        if (state == NULL || strcmp(is, state) == 0)
            append_word(text, json_string_value(json_object_get(entry, key)));
    }
    return keep(text);
}

static const char *requests(struct world *world, const char *which, const char *state)
{
    json_t *snapshot = meeting_snapshot(world->meeting);
    json_t *floor = json_object_get(snapshot, "floor");
    const char *ids = list(json_object_get(floor, which), "request", state);
    json_decref(snapshot);
    return ids;
}

const char *world_queue(struct world *world)
{
    return requests(world, "queue", "accepted");
}

const char *world_holders(struct world *world)
{
    return requests(world, "holders", "granted");
}

const char *world_speakers(struct world *world)
{
    json_t *speakers = meeting_speakers(world->meeting);
    const char *legs = list(speakers, "leg", NULL);
    json_decref(speakers);
    return legs;
}

char *world_get(struct world *world, const char *path)
{
    json_t *snapshot = meeting_snapshot(world->meeting);
    json_t *value = snapshot;
    g_auto(GStrv) steps = g_strsplit(path, ".", -1);
    for (unsigned i = 0; steps[i] != NULL; i++)
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(steps[i]))
                                     : json_object_get(value, steps[i]);
    if (value == NULL)
        g_error("the snapshot has no %s", path);
    char *text = json_canonical(value);
    char *copy = g_strdup(text);
    free(text);
    json_decref(snapshot);
    return copy;
}

const struct event *world_last_event(struct world *world)
{
    return world->journal->pdata[world->journal->len - 1];
}

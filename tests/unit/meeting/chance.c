#include "tests/unit/meeting/chance.h"

#include "common/clock.h"
#include "signaling/meeting/journal.h"

#include <string.h>

static const char *const actors[] = {"chair",  "chair",   "secretary", "operator", "observer",
                                     "system", "da-nang", "hue",       "can-tho",  "da-nang",
                                     "hue",    "can-tho", "chu-toa",   "vinh"};
static const char *const rooms[] = {"chu-toa", "da-nang", "hue", "can-tho", "vinh"};
static const char *const kinds[] = {"opinion", "prepared", "rebuttal", "answer", "point-of-order"};

static const char *pick(GRand *rand, const char *const *from, size_t count)
{
    return from[g_rand_int_range(rand, 0, (gint32)count)];
}
#define PICK(rand, from) pick(rand, from, G_N_ELEMENTS(from))

unsigned chance_count_events(struct world *world, const char *type)
{
    unsigned count = 0;
    for (unsigned i = 0; i < world->journal->len; i++)
        count += strcmp(((struct event *)world->journal->pdata[i])->type, type) == 0;
    return count;
}

/* A request that is likely to live: a holder's, one of the last made, or the next one. */
static char *some_request(GRand *rand, struct world *world)
{
    const char *holders = world_holders(world);
    if (holders[0] != '\0' && g_rand_int_range(rand, 0, 4) == 0)
        return g_strndup(holders, strcspn(holders, " "));
    int made = (int)chance_count_events(world, "floor.requested");
    return g_strdup_printf("r%d", g_rand_int_range(rand, MAX(1, made - 10), made + 2));
}

static unsigned last_vote(struct world *world)
{
    return MAX(1, chance_count_events(world, "vote.opened"));
}

/* Weights, so that meetings stay open most of the time. */
static const struct {
    const char *method;
    int weight;
    char params; /* of which form */
} commands[] = {
    {"meeting.update", 3, 'u'},  {"meeting.rehearse", 1, '-'},  {"meeting.open", 4, '-'},
    {"meeting.pause", 2, '-'},   {"meeting.resume", 12, '-'},   {"meeting.close", 0, '-'},
    {"site.join", 8, 'j'},       {"site.leave", 6, 'l'},        {"site.mute", 4, 's'},
    {"site.unmute", 4, 's'},     {"site.remove", 2, 's'},       {"floor.request", 40, 'q'},
    {"floor.cancel", 6, 'r'},    {"floor.cancel", 3, '-'},      {"floor.accept", 20, 'r'},
    {"floor.grant", 50, 'r'},    {"floor.grant", 30, 'g'},      {"floor.extend", 6, 'e'},
    {"floor.defer", 12, 'r'},    {"floor.deny", 5, 'r'},        {"floor.revoke", 10, 'r'},
    {"floor.release", 10, 'r'},  {"floor.release", 10, '-'},    {"floor.reorder", 15, 'p'},
    {"directive.issue", 2, 'd'}, {"directive.amend", 2, 'a'},   {"directive.withdraw", 1, 'w'},
    {"vote.open", 4, 'o'},       {"vote.cast", 14, 'c'},        {"vote.close", 2, 'v'},
    {"rollcall.start", 3, '-'},  {"rollcall.answer", 8, 'k'},   {"rollcall.close", 1, '-'},
    {"agenda.set", 3, 'i'},      {"agenda.advance", 4, '-'},    {"chair.delegate", 4, 's'},
    {"chair.recall", 3, '-'},    {"minutes.note", 2, 't'},      {"message.send", 3, 't'},
    {"bridge.lost", 1, '-'},     {"recording.started", 1, '+'}, {"no.such", 1, '-'},
    {"meeting.prepare", 4, '-'}, {"meeting.declare", 1, '-'},   {"site.admit", 4, 's'},
    {"site.admit", 2, 'A'},      {"roster.set", 4, 'P'},        {"roster.approve", 3, 'N'},
    {"invitation.mark", 2, 'I'}, {"floor.prepare", 4, 'r'},     {"floor.warn", 1, 'W'},
    {"opinion.submit", 2, 't'},  {"consult.open", 4, 'O'},      {"consult.close", 5, '-'},
    {"chair.delegate", 2, 'Q'},  {"chair.recall", 2, 'Q'},      {"chair.succeed", 2, '-'},
    {"meeting.update", 3, 'U'},  {"paper.add", 2, 'F'},         {"recording.stopped", 1, '+'},
    {"bridge.restored", 1, '-'}, {"meeting.create", 1, 'M'},    {"layout.set", 2, 'L'},
};

static char *random_params(GRand *rand, struct world *world, char form)
{
    g_autofree char *request = some_request(rand, world);
    int number = g_rand_int_range(rand, 0, 20);
    switch (form) {
    case 'u':
        return g_strdup_printf("{'floors':%d,'moderated':%s}", g_rand_int_range(rand, 1, 4),
                               number < 10 ? "true" : "false");
    case 'j':
        return g_strdup_printf("{'site':'%s','session':'s%d'}", PICK(rand, rooms), number);
    case 'l':
        return g_strdup_printf("{'site':'%s','session':'s%d','reason':'lost'}", PICK(rand, rooms),
                               number);
    case 's':
        return g_strdup_printf("{'site':'%s'}", PICK(rand, rooms));
    case 'q':
        return g_strdup_printf("{'kind':'%s','item':'muc-%d'}", PICK(rand, kinds), number % 7);
    case 'r':
        return g_strdup_printf("{'request':'%s'}", request);
    case 'g':
        return g_strdup_printf("{'site':'%s','seconds':%d,'beyond_quota':%s}", PICK(rand, rooms),
                               10 * number, number == 7 ? "true" : "false");
    case 'e':
        return g_strdup_printf("{'request':'%s','seconds':%d}", request, 10 * number);
    case 'p':
        return g_strdup_printf("{'request':'%s','position':%d}", request, number);
    case 'd':
        return g_strdup("{'text':'Rà soát','lead':'bo-y-te','support':['bo-cong-an']}");
    case 'a':
        return g_strdup_printf("{'directive':'d%d','due':'2026-12-%02d'}", number, number + 1);
    case 'w':
        return g_strdup_printf("{'directive':'d%d'}", number);
    case 't':
        return g_strdup("{'text':'Ghi nhớ'}");
    case 'k':
        return g_strdup_printf("{'site':'%s','answer':'%s'}", PICK(rand, rooms),
                               number < 10 ? "online" : "absent");
    case 'i':
        return g_strdup_printf("{'items':[{'id':'a','title':'A'},{'id':'b%d','title':'B'}]}",
                               number % 2);
    case 'o':
        return g_strdup_printf("{'question':'Q','secret':%s}", number < 10 ? "true" : "false");
    case 'c':
        return g_strdup_printf("{'vote':'v%u','choice':'%s'}", last_vote(world),
                               number < 10 ? "for" : "against");
    case 'v':
        return g_strdup_printf("{'vote':'v%u'}", last_vote(world));
    case 'A':
        return g_strdup("{'all':true}");
    case 'P':
        return g_strdup_printf("{'site':'%s','people':[{'name':'A%d','for':'B','why':'C'}]}",
                               PICK(rand, rooms), number % 3);
    case 'N':
        return g_strdup_printf("{'site':'%s','name':'A%d','agree':%s}", PICK(rand, rooms),
                               number % 3, number < 10 ? "true" : "false");
    case 'I':
        return g_strdup_printf("{'site':'%s','state':'seen'}", PICK(rand, rooms));
    case 'W':
        return g_strdup_printf("{'request':'%s','left':60}", request);
    case 'O':
        return g_strdup_printf("{'sites':['%s'],'accounts':['thu-ky']}", PICK(rand, rooms));
    case 'Q':
        return g_strdup("{'queue':true}");
    case 'U':
        return g_strdup_printf("{'lobby':%s,'cut':%s,'chair_lost':'%s','co_chair':'%s',"
                               "'deputies':['%s'],'quota_speeches':%s,'speech_seconds':%d}",
                               number < 5 ? "true" : "false", number % 2 ? "true" : "false",
                               number % 3 ? "continue" : "pause", PICK(rand, rooms),
                               PICK(rand, rooms), number < 3 ? "3" : "null", 10 + number);
    case 'F':
        return g_strdup_printf("{'title':'T','name':'t%d.pdf','type':'pdf','bytes':%d,"
                               "'sha256':'%064d'}",
                               number, number + 1, number);
    case 'M':
        return g_strdup("{'meeting':'hop','title':'T','sites':[{'id':'hue','name':'H'}]}");
    case 'L':
        return g_strdup_printf("{'layout':'%s','cells':['%s'],'page_seconds':%d}",
                               number < 10 ? "auto" : "mosaic_4", PICK(rand, rooms), number);
    case '+':
        return number % 2 ? g_strdup_printf("{'part':%d}", number)
                          : g_strdup_printf("{'part':%d,'path':'part/'}", number);
    default:
        return g_strdup("{}");
    }
}

/* Two times of three somebody who may. */
static const char *some_actor(GRand *rand, const char *method, char form)
{
    if (g_rand_int_range(rand, 0, 3) == 0)
        return PICK(rand, actors);
    if (strchr("jl+W", form) != NULL || strcmp(method, "chair.succeed") == 0 ||
        g_str_has_prefix(method, "bridge."))
        return "system";
    return form == 'q' || form == 'c' || (form == '-' && g_str_has_prefix(method, "floor."))
               ? rooms[g_rand_int_range(rand, 1, 4)]
               : "chair";
}

static GHashTable *accepted; /* method -> how often */

unsigned chance_accepted(const char *method)
{
    return accepted != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(accepted, method)) : 0;
}

static void count_accepted(const char *method)
{
    if (accepted == NULL)
        accepted = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(accepted, (void *)method, GUINT_TO_POINTER(chance_accepted(method) + 1));
}

/* What falls due is executed, as the server does it once a second. */
static void let_time_pass(GRand *rand, struct world *world)
{
    const char *method;
    json_t *params;
    if (g_rand_int_range(rand, 0, 8) == 0)
        world->now_us += g_rand_int_range(rand, 1, 40) * (int64_t)G_USEC_PER_SEC;
    for (unsigned turn = 0; meeting_due(world->meeting, world->now_us, &method, &params); turn++) {
        char *text = json_canonical(params);
        g_assert_cmpuint(turn, <, 20); /* each brings the state on */
        world_do(world, "system", method, text);
        count_accepted(method);
        if (strcmp(method, "vote.close") == 0)
            json_object_clear(world->tally);
        free(text);
        json_decref(params);
    }
}

/* Refused: nothing is other than before. */
static void check_untouched(struct world *world, const json_t *before)
{
    json_t *after = meeting_snapshot(world->meeting);
    g_assert_true(json_equal(before, after));
    g_assert_cmpuint(world->last.events->len, ==, 0);
    g_assert_cmpuint(json_object_size(world->last.answer), ==, 0);
    g_assert_nonnull(world->last.refusal.reason);
    g_assert_cmpint(world->last.refusal.code, !=, 0);
    g_assert_true(g_utf8_validate(world->last.refusal.message, -1, NULL));
    g_assert_true(g_utf8_validate(world->last.refusal.field, -1, NULL));
    json_decref(after);
}

static void try_command(GRand *rand, struct world *world, const char *who, const char *method,
                        char form)
{
    g_autofree char *text = random_params(rand, world, form);
    json_t *params = world_json(text), *before = meeting_snapshot(world->meeting);
    bool is_hostile = g_rand_int_range(rand, 0, 6) == 0;
    enum chance_harm harm = is_hostile ? chance_mutate(rand, params) : CHANCE_NONE;
    json_t *given = json_deep_copy(params);
    uint64_t seq = meeting_seq(world->meeting);
    bool is_done = world_command(world, who, method, params);
    g_assert_true(json_equal(given, params));
    g_assert_cmpuint(meeting_seq(world->meeting), ==, seq + world->last.events->len);
    g_assert_false(is_done && harm == CHANCE_UNKNOWN_FIELD);
    if (is_done) {
        chance_check_permitted(world, before, who, method);
        chance_check_granted(world, before, params);
        count_accepted(method);
    } else {
        check_untouched(world, before);
    }
    if (is_done && strcmp(method, "vote.open") == 0)
        json_object_clear(world->tally);
    json_decref(given);
    json_decref(before);
    json_decref(params);
}

void chance_step(GRand *rand, struct world *world)
{
    int whole = 0, drawn;
    size_t i = 0;
    for (size_t c = 0; c < G_N_ELEMENTS(commands); c++)
        whole += commands[c].weight;
    drawn = g_rand_int_range(rand, 0, whole);
    while (drawn >= commands[i].weight)
        drawn -= commands[i++].weight;
    const char *who = some_actor(rand, commands[i].method, commands[i].params);
    try_command(rand, world, who, commands[i].method, commands[i].params);
    let_time_pass(rand, world);
}

/* The chair's room, some of those that act, and some that never come. */
static json_t *random_roster(GRand *rand, json_t *deputies)
{
    json_t *sites = json_array();
    json_array_append_new(
        sites, json_pack("{s:s, s:s, s:s}", "id", "chu-toa", "name", "Điểm cầu", "role", "chair"));
    for (size_t i = 1; i < G_N_ELEMENTS(rooms) - 1; i++) {
        if (i > 1 && g_rand_int_range(rand, 0, 6) == 0)
            continue;
        json_array_append_new(sites, json_pack("{s:s, s:s, s:s}", "id", rooms[i], "name", rooms[i],
                                               "group", i % 2 ? "trung" : "nam"));
        json_array_append_new(deputies, json_string(rooms[i]));
    }
    for (int i = g_rand_int_range(rand, 0, 5); i > 0; i--) {
        g_autofree char *id = g_strdup_printf("vang-%d", i);
        json_array_append_new(sites, json_pack("{s:s, s:s}", "id", id, "name", id));
    }
    return sites;
}

struct world *chance_world(GRand *rand)
{
    struct world *world = world_empty();
    json_t *deputies = json_array(), *sites = random_roster(rand, deputies);
    json_t *params = json_pack(
        "{s:s, s:s, s:b, s:{s:s}, s:{s:s}, s:o, s:i, s:b, s:b, s:b, s:i, s:s}", "meeting", "hop",
        "title", "Hội nghị", "declared", 1, "chair", "name", "An", "secretary", "name", "Bình",
        "sites", sites, "floors", g_rand_int_range(rand, 1, 4), "moderated", g_rand_boolean(rand),
        "cut", g_rand_boolean(rand), "lobby", g_rand_int_range(rand, 0, 4) == 0,
        "chair_lost_seconds", g_rand_int_range(rand, 5, 60), "chair_lost",
        g_rand_boolean(rand) ? "continue" : "pause");
    if (g_rand_boolean(rand)) {
        json_object_set(params, "co_chair", json_array_get(deputies, 0));
        json_array_remove(deputies, 0);
    }
    if (g_rand_boolean(rand))
        json_object_set(params, "deputies", deputies);
    if (g_rand_int_range(rand, 0, 3) == 0)
        json_object_set_new(params, "quota_speeches", json_integer(g_rand_int_range(rand, 1, 5)));
    if (g_rand_int_range(rand, 0, 3) == 0)
        json_object_set_new(params, "speech_seconds", json_integer(g_rand_int_range(rand, 10, 99)));
    if (!world_command(world, "operator", "meeting.create", params))
        g_error("%s", world->last.refusal.message);
    json_decref(deputies);
    json_decref(params);
    return world;
}

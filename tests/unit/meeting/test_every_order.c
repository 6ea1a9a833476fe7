/* The core itself in every order of a few commands: all states that they lead to are visited, each
 * once, and each must be sound. What tests/model/ proves of the rules this proves of the program.
 */
#include "tests/unit/meeting/chance.h"

#include <string.h>

/* `params`: "@hue" stands for the open request of the room hue. */
struct step {
    const char *who, *method, *params;
};

struct search {
    const struct step *steps;
    size_t step_count;
    void (*check)(struct world *before, const struct step *step, struct world *after);
    GHashTable *seen; /* keys of states */
    GQueue open;      /* of struct world */
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void add_requests(json_t *key, const json_t *requests)
{
    size_t index;
    json_t *request;
    json_array_foreach ((json_t *)requests, index, request)
        json_array_append_new(
            key, json_pack("[s, s]", text_of(request, "site"), text_of(request, "state")));
}

/* What of a state matters: not its age, nor the numbers of requests. */
static char *key_of(struct world *world)
{
    json_t *snapshot = meeting_snapshot(world->meeting), *key = json_array();
    const json_t *meeting = json_object_get(snapshot, "meeting");
    const json_t *floor = json_object_get(snapshot, "floor");
    static const char *const of_meeting[] = {"state", "acting", "delegate", "consult",
                                             "queue_with_secretary"};
    size_t index;
    json_t *site;
    for (size_t i = 0; i < G_N_ELEMENTS(of_meeting); i++) {
        json_t *value = json_deep_copy(json_object_get(meeting, of_meeting[i]));
        if (json_is_object(value))
            json_object_del(value, "since");
        json_array_append_new(key, value);
    }
    json_array_foreach (json_object_get(snapshot, "sites"), index, site)
        json_array_append(key, json_object_get(site, "connected"));
    add_requests(key, json_object_get(floor, "queue"));
    json_array_append_new(key, json_null());
    add_requests(key, json_object_get(floor, "holders"));
    char *text = json_canonical(key), *copy = g_strdup(text);
    free(text);
    json_decref(key);
    json_decref(snapshot);
    return copy;
}

static char *request_of(struct world *world, const char *site)
{
    static const char *const lists[] = {"queue", "holders"};
    json_t *snapshot = meeting_snapshot(world->meeting);
    char *found = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(lists) && found == NULL; i++) {
        size_t index;
        json_t *request;
        json_array_foreach (json_object_get(json_object_get(snapshot, "floor"), lists[i]), index,
                            request) {
            if (found == NULL && strcmp(text_of(request, "site"), site) == 0)
                found = g_strdup(text_of(request, "request"));
        }
    }
    json_decref(snapshot);
    return found != NULL ? found : g_strdup("r999");
}

static void let_time_pass(struct world *world)
{
    const char *method;
    json_t *params;
    world->now_us += 600 * G_USEC_PER_SEC;
    while (meeting_due(world->meeting, world->now_us, &method, &params)) {
        g_assert_true(world_command(world, "system", method, params));
        json_decref(params);
    }
}

static void take(struct world *world, const struct step *step)
{
    GString *params = g_string_new(step->params);
    const char *at = strchr(step->params, '@');
    if (strcmp(step->method, "time") == 0) {
        let_time_pass(world);
    } else {
        if (at != NULL) {
            g_autofree char *name = g_strndup(at, strcspn(at, "'"));
            g_autofree char *request = request_of(world, name + 1);
            g_string_replace(params, name, request, 1);
        }
        world_try(world, step->who, step->method, params->str);
    }
    g_string_free(params, TRUE);
}

static void visit(struct search *search, struct world *world)
{
    chance_check_state(world);
    if (g_hash_table_add(search->seen, key_of(world)))
        g_queue_push_tail(&search->open, world);
    else
        world_free(world);
}

/* How many states there are. */
static unsigned explore(struct search *search, struct world *start)
{
    struct world *world;
    search->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_queue_init(&search->open);
    visit(search, start);
    while ((world = g_queue_pop_head(&search->open)) != NULL) {
        for (size_t i = 0; i < search->step_count; i++) {
            struct world *next = world_copy(world);
            take(next, &search->steps[i]);
            if (search->check != NULL)
                search->check(world, &search->steps[i], next);
            visit(search, next);
        }
        world_free(world);
    }
    unsigned count = g_hash_table_size(search->seen);
    g_hash_table_unref(search->seen);
    return count;
}

/* Succession. */

#define JOIN(site)                                                                                 \
    {                                                                                              \
        "system", "site.join", "{'site':'" site "','session':'s-" site "'}"                        \
    }
#define LEAVE(site)                                                                                \
    {                                                                                              \
        "system", "site.leave", "{'site':'" site "','session':'s-" site "','reason':'lost'}"       \
    }

static const struct step comings[] = {
    JOIN("chu-toa"),
    JOIN("hue"),
    JOIN("da-nang"),
    JOIN("can-tho"),
    LEAVE("chu-toa"),
    LEAVE("hue"),
    LEAVE("da-nang"),
    LEAVE("can-tho"),
    {NULL, "time", ""},
    {"secretary", "chair.delegate", "{'site':'can-tho'}"},
    {"chair", "chair.delegate", "{'site':'hue'}"},
    {"secretary", "chair.recall", "{}"},
    {"operator", "site.remove", "{'site':'hue'}"},
    {"operator", "site.remove", "{'site':'can-tho'}"},
    {"secretary", "meeting.pause", "{}"},
    {"secretary", "meeting.resume", "{}"},
};

/* Asked of the core: a command that only the chair has. Nothing is changed by asking. */
static bool has_power(struct world *world, const struct actor *actor)
{
    const struct command command = {"consult.open", NULL, *actor, world->now_us, NULL};
    struct decision decision;
    meeting_decide(world->meeting, &command, &decision);
    bool is_allowed = g_strcmp0(decision.refusal.reason, "not-allowed") != 0;
    decision_clear(&decision);
    return is_allowed;
}

static bool is_connected(const json_t *snapshot, const char *id)
{
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site) {
        if (g_strcmp0(text_of(site, "id"), id) == 0)
            return json_is_true(json_object_get(site, "connected"));
    }
    return false;
}

/* The powers are with whom the state names, and with nobody else. */
static void check_powers(struct world *world, const json_t *meeting, const json_t *acting)
{
    static const char *const rooms[] = {"hue", "da-nang", "can-tho"};
    const char *delegate = text_of(meeting, "delegate");
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        bool is_named =
            g_strcmp0(delegate, rooms[i]) == 0 || g_strcmp0(text_of(acting, "site"), rooms[i]) == 0;
        const struct actor room = {.role = ROLE_SITE, .site = rooms[i]};
        g_assert_cmpint(has_power(world, &room), ==, is_named);
    }
    const struct actor secretary = {.account = "thu-ky", .role = ROLE_SECRETARY};
    const struct actor chair = {.role = ROLE_CHAIR, .site = "chu-toa"};
    g_assert_cmpint(has_power(world, &secretary), ==,
                    g_strcmp0(text_of(acting, "role"), "secretary") == 0);
    g_assert_true(has_power(world, &chair));
}

/* Once the time has passed: the first of the order who is there. */
static void check_order(const json_t *snapshot, const json_t *meeting, const json_t *acting)
{
    if (is_connected(snapshot, "chu-toa") || is_connected(snapshot, text_of(meeting, "delegate")))
        return;
    const char *first = is_connected(snapshot, "hue")       ? "hue"
                        : is_connected(snapshot, "da-nang") ? "da-nang"
                        : is_connected(snapshot, "can-tho") ? "can-tho"
                                                            : NULL;
    g_assert_cmpstr(text_of(acting, "site"), ==, first);
    g_assert_cmpstr(text_of(acting, "role"), ==, first != NULL ? "site" : "secretary");
}

static void check_succession(struct world *before, const struct step *step, struct world *after)
{
    json_t *was = meeting_snapshot(before->meeting), *snapshot = meeting_snapshot(after->meeting);
    const json_t *meeting = json_object_get(snapshot, "meeting");
    const json_t *acting = json_object_get(meeting, "acting");
    const json_t *acted = json_object_get(json_object_get(was, "meeting"), "acting");
    bool is_led =
        is_connected(snapshot, "chu-toa") || is_connected(snapshot, text_of(meeting, "delegate"));
    bool secretary_acts = g_strcmp0(text_of(acting, "role"), "secretary") == 0;
    check_powers(after, meeting, acting);
    /* The chair's return ends every standing in, at once. */
    g_assert_false(is_connected(snapshot, "chu-toa") && json_is_object(acting));
    /* The secretary yields to a deputy who comes. */
    if (secretary_acts)
        g_assert_false(is_connected(snapshot, "hue") || is_connected(snapshot, "da-nang") ||
                       is_connected(snapshot, "can-tho"));
    if (strcmp(step->method, "time") == 0) {
        g_assert_true(is_led || secretary_acts || is_connected(snapshot, text_of(acting, "site")));
        /* Who stands in stays while he is there. */
        if (!json_is_object(acted) || !is_connected(snapshot, text_of(acted, "site")))
            check_order(snapshot, meeting, acting);
        else
            g_assert_true(json_equal(acted, acting));
    }
    json_decref(was);
    json_decref(snapshot);
}

static void the_chair_is_never_empty_and_always_taken_back(void)
{
    struct world *world = world_new();
    struct search search = {comings, G_N_ELEMENTS(comings), check_succession, NULL, {0}};
    world_do(world, "chair", "meeting.update",
             "{'co_chair':'hue','deputies':['da-nang','can-tho'],'chair_lost_seconds':600}");
    world_do(world, "chair", "meeting.open", "{}");
    unsigned states = explore(&search, world);
    g_test_message("%u states", states);
    g_assert_cmpuint(states, >, 200);
}

/* The floor. */

#define OF(site)                                                                                   \
    {"chair", "floor.accept", "{'request':'@" site "'}"},                                          \
        {"secretary", "floor.grant", "{'request':'@" site "'}"},                                   \
        {"chair", "floor.grant", "{'site':'" site "'}"},                                           \
        {"chair", "floor.revoke", "{'request':'@" site "'}"},                                      \
        {"secretary", "floor.deny", "{'request':'@" site "'}"},                                    \
        {"chair", "floor.defer", "{'request':'@" site "'}"},                                       \
        {"secretary", "floor.reorder", "{'request':'@" site "','position':1}"},                    \
    {                                                                                              \
        site, "floor.cancel", "{'request':'@" site "'}"                                            \
    }

static const struct step turns[] = {
    OF("da-nang"),
    OF("hue"),
    OF("can-tho"),
    {"da-nang", "floor.request", "{}"},
    {"hue", "floor.request", "{'kind':'point-of-order'}"},
    {"can-tho", "floor.request", "{}"},
    {"da-nang", "floor.release", "{}"},
    {"hue", "floor.release", "{}"},
    {"can-tho", "floor.release", "{}"},
    {"operator", "site.remove", "{'site':'hue'}"},
    {"chair", "meeting.pause", "{}"},
    {"chair", "meeting.resume", "{}"},
    JOIN("hue"),
    LEAVE("hue"),
};

/* A line that is lost or comes back takes and gives nothing. */
static void check_places(struct world *before, const struct step *step, struct world *after)
{
    if (strcmp(step->method, "site.join") != 0 && strcmp(step->method, "site.leave") != 0)
        return;
    json_t *was = meeting_snapshot(before->meeting), *is = meeting_snapshot(after->meeting);
    g_assert_true(json_equal(json_object_get(was, "floor"), json_object_get(is, "floor")));
    json_decref(was);
    json_decref(is);
}

static void the_floor_is_sound_in_every_order(void)
{
    static const char *const settings[] = {
        "{'floors':1,'moderated':true}",
        "{'floors':2,'moderated':false}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        struct world *world = world_new();
        struct search search = {turns, G_N_ELEMENTS(turns), check_places, NULL, {0}};
        world_do(world, "chair", "meeting.update", settings[i]);
        world_do(world, "chair", "meeting.open", "{}");
        unsigned states = explore(&search, world);
        g_test_message("%u states with %s", states, settings[i]);
        g_assert_cmpuint(states, >, 50);
    }
}

#define TEST(name) g_test_add_func("/every_order/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_chair_is_never_empty_and_always_taken_back);
    TEST(the_floor_is_sound_in_every_order);
    return g_test_run();
}

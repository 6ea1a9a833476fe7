#include "bridge/control.h"

#include "bridge/conference.h"
#include "bridge/control_socket.h"
#include "bridge/line_test.h"
#include "bridge/network.h"
#include "bridge/transport/sdp.h"
#include "common/ids.h"
#include "common/json.h"
#include "common/log.h"
#include "common/wire.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_VERSION  1
#define ACCOUNT_PREFIX   "account." /* of the leg of an account without a room */
#define NAME_MAX_CHARS   300
#define PATH_MAX_BYTES   4000
#define SPEAKERS_MAX     4000
#define APART_GROUPS_MAX 8
#define APART_LEGS_MAX   4000
#define LEG_NAME_MAX     (sizeof ACCOUNT_PREFIX + ID_SLUG_MAX)

enum {
    INVALID_PARAMS = -32602,
    NO_SUCH_METHOD = -32601,
    FAILED = 1,
    NO_SUCH_CONFERENCE = 2,
    WRONG_STATE = 3,
    TOO_MANY = 4
};

struct control {
    struct bridge *bridge;
    struct control_socket *socket;
    struct wire *wire; /* NULL: nobody is connected */
    void (*quit)(void *arg);
    void *quit_arg;
    bool is_quitting;
    guint quit_source;
};

/* A command in the making: its params and the request to answer. */
struct call {
    struct control *control;
    struct json_fields fields;
    struct wire_request *request;
};

static void refuse_fields(struct call *call)
{
    g_autofree char *why = g_strconcat(call->fields.bad_field, " ", call->fields.why, NULL);
    wire_refuse(call->request, INVALID_PARAMS, why);
}

/* A leg's id goes into the names of files: what is not a slug is refused. */
static const char *read_leg(struct json_fields *fields)
{
    const char *leg =
        json_fields_raw(fields, "leg", strlen(ACCOUNT_PREFIX) + ID_SLUG_MAX, JSON_REQUIRED);
    if (leg == NULL)
        return NULL;
    const char *slug = g_str_has_prefix(leg, ACCOUNT_PREFIX) ? leg + strlen(ACCOUNT_PREFIX) : leg;
    if (!id_is_slug(slug))
        json_fields_fail(fields, "leg", "must be a slug or \"account.\" and a slug");
    return leg;
}

/* The conference that the params name, once all params are read; NULL and refused otherwise. */
static struct conference *find_conference(struct call *call, const char *id)
{
    if (!json_fields_end(&call->fields)) {
        refuse_fields(call);
        return NULL;
    }
    struct conference *conference = g_hash_table_lookup(call->control->bridge->conferences, id);
    if (conference == NULL)
        wire_refuse(call->request, NO_SUCH_CONFERENCE, "there is no such conference");
    return conference;
}

/* ---- commands ---- */

static void call_hello(struct call *call)
{
    json_fields_integer(&call->fields, "version", CONTROL_VERSION, CONTROL_VERSION, 0,
                        JSON_REQUIRED);
    const json_t *settings = json_fields_object(&call->fields, "network", JSON_OPTIONAL);
    char why[160];
    struct network *network = network_new(settings, why);
    if (network == NULL)
        json_fields_fail(&call->fields, "network", why);
    if (!json_fields_end(&call->fields)) {
        network_unref(network);
        refuse_fields(call);
        return;
    }
    network_unref(call->control->bridge->network);
    call->control->bridge->network = network;
    json_t *conferences = json_array();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, call->control->bridge->conferences);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        json_array_append_new(conferences, conference_describe(value));
    wire_answer(call->request, json_pack("{s:i, s:i, s:o}", "version", CONTROL_VERSION, "pid",
                                         (int)getpid(), "conferences", conferences));
}

static void call_create(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *name = json_fields_text(&call->fields, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    if (!json_fields_end(&call->fields)) {
        refuse_fields(call);
        return;
    }
    struct bridge *bridge = call->control->bridge;
    if (call->control->is_quitting) {
        wire_refuse(call->request, FAILED, "the bridge is ending");
        return;
    }
    if (g_hash_table_lookup(bridge->conferences, id) == NULL) {
        struct conference *conference = conference_new(bridge, id, name);
        g_hash_table_insert(bridge->conferences, (char *)conference_id(conference), conference);
    }
    wire_answer(call->request, json_object());
}

static void answer_empty(void *arg)
{
    wire_answer(arg, json_object());
}

/* What is not there is closed already. */
static void call_close(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    if (!json_fields_end(&call->fields)) {
        refuse_fields(call);
        return;
    }
    GHashTable *conferences = call->control->bridge->conferences;
    struct conference *conference = g_hash_table_lookup(conferences, id);
    if (conference == NULL) {
        wire_answer(call->request, json_object());
        return;
    }
    g_hash_table_remove(conferences, id);
    conference_close(conference, answer_empty, call->request);
}

/* Each once, each {leg, name}. */
static void check_speakers(struct json_fields *fields, const json_t *speakers)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)speakers, index, entry) {
        struct json_fields inner;
        json_fields_begin(&inner, json_is_null(entry) ? json_true() : entry);
        const char *leg = read_leg(&inner);
        json_fields_text(&inner, "name", NAME_MAX_CHARS, JSON_REQUIRED);
        if (json_fields_end(&inner) && !g_hash_table_add(seen, (char *)leg))
            json_fields_fail(&inner, "leg", "is named twice");
        if (inner.failed) {
            g_autofree char *why =
                g_strdup_printf("[%zu]: %s %s", index, inner.bad_field, inner.why);
            json_fields_fail(fields, "speakers", why);
            return;
        }
    }
}

/* [{legs: [leg], talk}] */
static void check_apart(struct json_fields *fields, const json_t *groups)
{
    size_t i, j;
    json_t *group, *leg;
    json_array_foreach ((json_t *)groups, i, group) {
        struct json_fields inner;
        json_fields_begin(&inner, group);
        const json_t *legs = json_fields_array(&inner, "legs", APART_LEGS_MAX, JSON_REQUIRED);
        json_fields_boolean(&inner, "talk", false, JSON_REQUIRED);
        json_array_foreach ((json_t *)legs, j, leg) {
            if (json_string_value(leg) == NULL || strlen(json_string_value(leg)) > LEG_NAME_MAX)
                json_fields_fail(&inner, "legs", "must be names of legs");
        }
        if (!json_fields_end(&inner))
            json_fields_fail(fields, "apart", inner.why);
    }
}

static void call_floor(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const json_t *speakers =
        json_fields_array(&call->fields, "speakers", SPEAKERS_MAX, JSON_REQUIRED);
    const json_t *apart =
        json_fields_array(&call->fields, "apart", APART_GROUPS_MAX, JSON_OPTIONAL);
    check_speakers(&call->fields, speakers);
    check_apart(&call->fields, apart);
    struct conference *conference = find_conference(call, id);
    if (conference == NULL)
        return;
    if (conference_set_floor(conference, speakers, apart))
        wire_answer(call->request, json_object());
    else
        wire_refuse(call->request, FAILED, "too many speakers");
}

static void call_scene(struct call *call)
{
    char why[160];
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    json_t *scene = (json_t *)json_fields_object(&call->fields, "scene", JSON_REQUIRED);
    struct conference *conference = find_conference(call, id);
    if (conference == NULL)
        return;
    if (conference_set_scene(conference, scene, why))
        wire_answer(call->request, json_object());
    else
        wire_refuse(call->request, INVALID_PARAMS, why);
}

static void call_preview(struct call *call)
{
    char why[160];
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields);
    const char *layout = json_fields_raw(&call->fields, "layout", 64, JSON_OPTIONAL);
    const json_t *assigned =
        json_fields_array(&call->fields, "cells", LAYOUT_CELLS_MAX, JSON_OPTIONAL);
    int64_t page = json_fields_integer(&call->fields, "page", 0, 10000, 0, JSON_OPTIONAL);
    struct conference *conference = find_conference(call, id);
    if (conference == NULL)
        return;
    if (conference_preview(conference, leg, layout, assigned, (unsigned)page, why))
        wire_answer(call->request, json_object());
    else
        wire_refuse(call->request, FAILED, why);
}

static void on_offer_answered(const char *answer, const char *error, void *arg)
{
    if (answer != NULL)
        wire_answer(arg, json_pack("{s:s}", "sdp", answer));
    else
        wire_refuse(arg, INVALID_PARAMS, error);
}

static void call_offer(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields);
    const char *sdp = json_fields_raw(&call->fields, "sdp", SDP_TEXT_MAX, JSON_REQUIRED);
    struct conference *conference = find_conference(call, id);
    if (conference != NULL)
        conference_offer(conference, leg, sdp, on_offer_answered, call->request);
}

static void call_candidate(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields);
    const char *candidate = json_fields_raw(&call->fields, "candidate", 1024, JSON_REQUIRED);
    const char *mid = json_fields_raw(&call->fields, "mid", 32, JSON_OPTIONAL);
    struct conference *conference = find_conference(call, id);
    if (conference == NULL)
        return;
    conference_candidate(conference, leg, candidate, mid != NULL ? mid : "0");
    wire_answer(call->request, json_object());
}

static void call_remove(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields);
    struct conference *conference = find_conference(call, id);
    if (conference == NULL)
        return;
    conference_remove_leg(conference, leg);
    wire_answer(call->request, json_object());
}

static unsigned count_line_tests(const struct bridge *bridge)
{
    unsigned count = 0;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, bridge->conferences);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        count += conference_count_line_tests(value);
    return count;
}

static void call_line_start(struct call *call)
{
    const struct bridge *bridge = call->control->bridge;
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields), *why;
    uint32_t peer_ssrc =
        (uint32_t)json_fields_integer(&call->fields, "ssrc", 1, UINT32_MAX, 0, JSON_OPTIONAL);
    unsigned seconds = (unsigned)json_fields_integer(
        &call->fields, "seconds", 1, LINE_TEST_SECONDS_MAX, LINE_TEST_SECONDS, JSON_OPTIONAL);
    struct conference *conference = find_conference(call, id);
    uint32_t ssrc;
    if (conference == NULL)
        return;
    if (count_line_tests(bridge) >= bridge->line_tests_most)
        wire_refuse(call->request, TOO_MANY, "too many line tests run now: try again soon");
    else if (!conference_start_line_test(conference, leg, peer_ssrc, seconds,
                                         bridge->line_test_kbps, &ssrc, &why))
        wire_refuse(call->request, WRONG_STATE, why);
    else
        wire_answer(call->request,
                    json_pack("{s:I, s:i, s:i, s:i}", "ssrc", (json_int_t)ssrc, "seconds",
                              (int)seconds, "kbps", (int)bridge->line_test_kbps, "echo_ms",
                              LINE_TEST_ECHO_MS));
}

static void on_line_stopped(const json_t *measures, void *arg)
{
    if (measures != NULL)
        wire_answer(arg, json_deep_copy(measures));
    else
        wire_refuse(arg, WRONG_STATE, "no line test runs");
}

static void call_line_stop(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *leg = read_leg(&call->fields);
    struct conference *conference = find_conference(call, id);
    if (conference != NULL)
        conference_stop_line_test(conference, leg, on_line_stopped, call->request);
}

static void on_recording_done(json_t *place, const char *error, void *arg)
{
    if (error == NULL)
        wire_answer(arg, json_incref(place));
    else
        wire_refuse(arg, FAILED, error);
}

static void call_start_recording(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    const char *directory =
        json_fields_raw(&call->fields, "directory", PATH_MAX_BYTES, JSON_REQUIRED);
    const char *title = json_fields_text(&call->fields, "title", NAME_MAX_CHARS, JSON_REQUIRED);
    if (directory != NULL && !g_path_is_absolute(directory))
        json_fields_fail(&call->fields, "directory", "must be an absolute path");
    struct conference *conference = find_conference(call, id);
    if (conference != NULL)
        recording_start(conference_recording(conference), directory, title, on_recording_done,
                        call->request);
}

static void call_stop_recording(struct call *call)
{
    const char *id = json_fields_slug(&call->fields, "conference", JSON_REQUIRED);
    struct conference *conference = find_conference(call, id);
    if (conference != NULL)
        recording_stop(conference_recording(conference), on_recording_done, call->request);
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec used;
    clock_gettime(clock, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void call_stats(struct call *call)
{
    if (!json_fields_end(&call->fields)) {
        refuse_fields(call);
        return;
    }
    const struct bridge *bridge = call->control->bridge;
    json_t *conferences = json_array();
    json_int_t shards = 0, audio = 0;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, bridge->conferences);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        json_t *stats = conference_stats(value);
        audio += json_integer_value(json_object_get(stats, "audio_cpu_us"));
        json_array_append_new(conferences, stats);
    }
    for (unsigned i = 0; i < bridge->shard_count; i++)
        shards += shard_cpu_us(bridge->shards[i]);
    wire_answer(call->request,
                json_pack("{s:o, s:{s:I, s:I, s:I, s:I}}", "conferences", conferences, "cpu_us",
                          "main", (json_int_t)clock_us(CLOCK_THREAD_CPUTIME_ID), "audio", audio,
                          "shards", shards, "process",
                          (json_int_t)clock_us(CLOCK_PROCESS_CPUTIME_ID)));
}

static void call_shutdown(struct call *call)
{
    if (!json_fields_end(&call->fields)) {
        refuse_fields(call);
        return;
    }
    wire_answer(call->request, json_object());
    control_shutdown(call->control);
}

static const struct {
    const char *method;
    void (*call)(struct call *call);
} methods[] = {
    {"bridge.hello", call_hello},
    {"bridge.stats", call_stats},
    {"bridge.shutdown", call_shutdown},
    {"conference.create", call_create},
    {"conference.close", call_close},
    {"conference.floor", call_floor},
    {"conference.scene", call_scene},
    {"recording.start", call_start_recording},
    {"recording.stop", call_stop_recording},
    {"leg.offer", call_offer},
    {"leg.candidate", call_candidate},
    {"leg.remove", call_remove},
    {"leg.preview", call_preview},
    {"line.start", call_line_start},
    {"line.stop", call_line_stop},
};

/* ---- the connection ---- */

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct control *control = arg;
    (void)wire;
    if (request == NULL)
        return; /* nothing is told to the bridge, only asked */
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (strcmp(methods[i].method, method) == 0) {
            struct call call = {.control = control, .request = request};
            json_fields_begin(&call.fields, params);
            methods[i].call(&call);
            return;
        }
    }
    wire_refuse(request, NO_SUCH_METHOD, "there is no such method");
}

static void on_wire_closed(struct wire *wire, const char *why, void *arg)
{
    struct control *control = arg;
    log_info("control connection ends: %s", why);
    if (control->wire == wire)
        control->wire = NULL;
    wire_free(wire);
}

static void on_connection(int fd, void *arg)
{
    static const struct wire_handlers handlers = {on_call, on_wire_closed};
    struct control *control = arg;
    log_info("control connection begins");
    wire_free(control->wire);
    control->wire = wire_new(fd, NULL, &handlers, control);
}

static void notify(const char *method, json_t *params, void *arg)
{
    struct control *control = arg;
    if (control->wire != NULL)
        wire_notify(control->wire, method, params);
    else
        json_decref(params);
}

/* ---- the end ---- */

static gboolean quit_now(gpointer data)
{
    struct control *control = data;
    control->quit_source = 0;
    control->quit(control->quit_arg);
    return G_SOURCE_REMOVE;
}

/* Not before the last answers are written, which the main loop does first. */
static void quit_when_finished(void *arg)
{
    struct control *control = arg;
    if (control->is_quitting && control->bridge->closing == 0 && control->quit_source == 0)
        control->quit_source = g_idle_add(quit_now, control);
}

void control_shutdown(struct control *control)
{
    GHashTableIter iter;
    gpointer value;
    if (control->is_quitting)
        return;
    control->is_quitting = true;
    g_hash_table_iter_init(&iter, control->bridge->conferences);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        g_hash_table_iter_remove(&iter);
        conference_close(value, NULL, NULL);
    }
    quit_when_finished(control);
}

bool control_is_idle(const struct control *control)
{
    GHashTableIter iter;
    gpointer value;
    if (control->wire != NULL || control->bridge->closing > 0)
        return false;
    g_hash_table_iter_init(&iter, control->bridge->conferences);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (conference_has_connected_legs(value))
            return false;
    }
    return true;
}

/* ---- life ---- */

struct control *control_new(struct bridge *bridge, const char *path, void (*quit)(void *arg),
                            void *arg, GError **error)
{
    struct control *control = g_new0(struct control, 1);
    control->bridge = bridge;
    control->quit = quit;
    control->quit_arg = arg;
    bridge->notify = notify;
    bridge->finished = quit_when_finished;
    bridge->arg = control;
    control->socket = control_socket_new(path, on_connection, control, error);
    if (control->socket == NULL) {
        g_free(control);
        return NULL;
    }
    return control;
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    if (control->quit_source != 0)
        g_source_remove(control->quit_source);
    control_socket_free(control->socket);
    wire_free(control->wire);
    g_free(control);
}

#include "signaling/bus/media_plane.h"

#include "common/log.h"
#include "common/wire.h"
#include "signaling/bus/followed.h"
#include "signaling/bus/supervisor.h"

#include <string.h>

#define CONTROL_VERSION 1
#define INVALID_PARAMS  (-32602)
#define TOO_MANY        4
#define HELLO_SECONDS   10 /* a bridge that does not greet within it hangs */
#define FINISH_SECONDS  20 /* a bridge that finishes recordings is given so long */
#define END_SECONDS     5  /* and so long to end thereafter */

struct media_plane {
    char *data_dir;
    struct media_handlers handlers;
    void *arg;
    struct supervisor *supervisor;
    struct wire *wire;
    json_t *network;
    guint hello_timer;
    bool is_ready; /* connected and greeted */
    bool is_stopping;
    GHashTable *meetings; /* id -> struct followed */
};

/* ---- greeting ---- */

static struct followed *find_followed(struct media_plane *plane, const char *meeting)
{
    return meeting != NULL ? g_hash_table_lookup(plane->meetings, meeting) : NULL;
}

/* What the bridge that we have found is doing; the number of its legs. */
static size_t take_over(struct media_plane *plane, const json_t *conferences)
{
    size_t index, legs = 0;
    json_t *conference;
    json_array_foreach ((json_t *)conferences, index, conference) {
        json_t *id = json_object_get(conference, "conference");
        struct followed *followed = find_followed(plane, json_string_value(id));
        if (followed != NULL) {
            followed_take_over(followed, conference);
            legs += json_array_size(json_object_get(conference, "legs"));
        } else {
            wire_call(plane->wire, "conference.close", json_pack("{s:O}", "conference", id), NULL,
                      NULL);
        }
    }
    return legs;
}

/* What happened to the legs while nobody was told. */
static void tell_leg_states(struct media_plane *plane, const json_t *conferences)
{
    size_t i, j;
    json_t *conference, *leg;
    json_array_foreach ((json_t *)conferences, i, conference) {
        const char *id = json_string_value(json_object_get(conference, "conference"));
        if (find_followed(plane, id) == NULL)
            continue;
        json_array_foreach (json_object_get(conference, "legs"), j, leg) {
            const char *name = json_string_value(json_object_get(leg, "leg"));
            const char *state = json_string_value(json_object_get(leg, "state"));
            if (name != NULL && state != NULL && strcmp(state, "new") != 0)
                plane->handlers.leg_state(id, name, state, plane->arg);
            if (name != NULL && plane->handlers.leg_hint != NULL)
                plane->handlers.leg_hint(id, name, json_object_get(leg, "wanted"), plane->arg);
        }
    }
}

static void stop_hello_timer(struct media_plane *plane)
{
    if (plane->hello_timer != 0)
        g_source_remove(plane->hello_timer);
    plane->hello_timer = 0;
}

static void on_hello(json_t *result, json_t *error, void *arg)
{
    struct media_plane *plane = arg;
    GHashTableIter iter;
    gpointer value;
    stop_hello_timer(plane);
    if (json_integer_value(json_object_get(error, "code")) == WIRE_CLOSED)
        return;
    if (error != NULL) {
        log_error("the bridge that runs is of another version; ending it: %s",
                  json_string_value(json_object_get(error, "message")));
        wire_call(plane->wire, "bridge.shutdown", NULL, NULL, NULL);
        return;
    }
    json_t *conferences = json_object_get(result, "conferences");
    size_t legs = take_over(plane, conferences);
    log_info("the bridge is ready process=%d legs=%zu",
             (int)json_integer_value(json_object_get(result, "pid")), legs);
    plane->is_ready = true;
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        followed_begin(value, plane->wire);
    json_incref(conferences);
    plane->handlers.ready(legs == 0, plane->arg);
    tell_leg_states(plane, conferences);
    json_decref(conferences);
}

static gboolean on_hello_timeout(gpointer data)
{
    struct media_plane *plane = data;
    plane->hello_timer = 0;
    log_error("the bridge does not answer; killing it");
    supervisor_kill(plane->supervisor);
    return G_SOURCE_REMOVE;
}

/* ---- the connection ---- */

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct media_plane *plane = arg;
    const char *meeting = json_string_value(json_object_get(params, "conference"));
    const char *leg = json_string_value(json_object_get(params, "leg"));
    (void)wire;
    if (request != NULL) {
        wire_refuse(request, -32601, "signaling takes no calls");
    } else if (!plane->is_ready || meeting == NULL) {
        return;
    } else if (strcmp(method, "leg.candidate") == 0 && leg != NULL) {
        const char *candidate = json_string_value(json_object_get(params, "candidate"));
        const char *mid = json_string_value(json_object_get(params, "mid"));
        if (candidate != NULL && mid != NULL)
            plane->handlers.candidate(meeting, leg, candidate, mid, plane->arg);
    } else if (strcmp(method, "leg.state") == 0 && leg != NULL) {
        const char *state = json_string_value(json_object_get(params, "state"));
        if (state != NULL)
            plane->handlers.leg_state(meeting, leg, state, plane->arg);
    } else if (strcmp(method, "leg.hint") == 0 && leg != NULL) {
        if (plane->handlers.leg_hint != NULL)
            plane->handlers.leg_hint(meeting, leg, json_object_get(params, "video"), plane->arg);
    } else if (strcmp(method, "leg.sound") == 0 && leg != NULL) {
        const char *state = json_string_value(json_object_get(params, "state"));
        if (state != NULL && plane->handlers.leg_sound != NULL)
            plane->handlers.leg_sound(meeting, leg, state, plane->arg);
    } else if (strcmp(method, "line.ended") == 0 && leg != NULL) {
        const char *reason = json_string_value(json_object_get(params, "reason"));
        if (reason != NULL && plane->handlers.line_ended != NULL)
            plane->handlers.line_ended(meeting, leg, reason, json_object_get(params, "measures"),
                                       plane->arg);
    } else if (strcmp(method, "recording.failed") == 0) {
        const char *why = json_string_value(json_object_get(params, "why"));
        struct followed *followed = find_followed(plane, meeting);
        if (followed != NULL)
            followed_recording_failed(followed, why != NULL ? why : "unknown");
    }
}

static void on_closed(struct wire *wire, const char *why, void *arg)
{
    struct media_plane *plane = arg;
    bool was_ready = plane->is_ready;
    GHashTableIter iter;
    gpointer value;
    stop_hello_timer(plane);
    plane->is_ready = false;
    plane->wire = NULL;
    wire_free(wire);
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        followed_lose(value);
    if (plane->is_stopping)
        return;
    log_warning("the connection to the bridge has ended: %s", why);
    supervisor_reconnect(plane->supervisor, was_ready);
    if (was_ready)
        plane->handlers.lost(plane->arg);
}

static void on_connected(int fd, void *arg)
{
    static const struct wire_handlers handlers = {on_call, on_closed};
    struct media_plane *plane = arg;
    plane->wire = wire_new(fd, NULL, &handlers, plane);
    plane->hello_timer = g_timeout_add_seconds(HELLO_SECONDS, on_hello_timeout, plane);
    wire_call(plane->wire, "bridge.hello",
              json_pack("{s:i, s:O*}", "version", CONTROL_VERSION, "network", plane->network),
              on_hello, plane);
}

/* ---- life ---- */

struct media_plane *media_plane_new(const struct media_config *config,
                                    const struct media_handlers *handlers, void *arg)
{
    static const struct supervisor_handlers supervised = {on_connected};
    struct media_plane *plane = g_new0(struct media_plane, 1);
    plane->data_dir = g_canonicalize_filename(config->data_dir, NULL);
    plane->handlers = *handlers;
    plane->network = json_incref(config->network);
    plane->arg = arg;
    plane->meetings =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)followed_free);
    plane->supervisor = supervisor_new(plane->data_dir, config->bridge_program,
                                       config->bridge_arguments, &supervised, plane);
    return plane;
}

static bool is_recording(struct media_plane *plane)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (followed_is_recording(value))
            return true;
    }
    return false;
}

static gboolean on_deadline(gpointer data)
{
    bool *is_over = data;
    *is_over = true;
    return G_SOURCE_CONTINUE;
}

/* First the recordings, so that their ends are told; then the bridge, which closes the connection
 * as the last thing that it does. False if it did not within its time. */
static bool shut_bridge_down(struct media_plane *plane)
{
    bool is_over = false;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        followed_end(value);
    guint timer = g_timeout_add_seconds(FINISH_SECONDS, on_deadline, &is_over);
    while (plane->wire != NULL && is_recording(plane) && !is_over)
        g_main_context_iteration(NULL, TRUE);
    if (plane->wire != NULL)
        wire_call(plane->wire, "bridge.shutdown", NULL, NULL, NULL);
    while (plane->wire != NULL && !is_over)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
    return plane->wire == NULL;
}

void media_plane_free(struct media_plane *plane, bool stop_bridge)
{
    if (plane == NULL)
        return;
    plane->is_stopping = true;
    if (stop_bridge) {
        bool is_ending = plane->is_ready && shut_bridge_down(plane);
        supervisor_end(plane->supervisor, is_ending ? END_SECONDS : 0);
    }
    stop_hello_timer(plane);
    plane->is_ready = false;
    wire_free(plane->wire);
    supervisor_free(plane->supervisor);
    g_hash_table_unref(plane->meetings);
    json_decref(plane->network);
    g_free(plane->data_dir);
    g_free(plane);
}

bool media_plane_is_ready(const struct media_plane *plane)
{
    return plane->is_ready;
}

void media_plane_follow(struct media_plane *plane, const struct meeting *meeting)
{
    const char *id = meeting_id(meeting);
    struct followed *followed = find_followed(plane, id);
    if (followed == NULL) {
        followed = followed_new(id, plane->data_dir, &plane->handlers, plane->arg);
        g_hash_table_insert(plane->meetings, g_strdup(id), followed);
        followed_declare(followed, meeting);
        if (plane->is_ready)
            followed_begin(followed, plane->wire);
        return;
    }
    followed_declare(followed, meeting);
}

/* ---- legs ---- */

struct offer {
    media_answer done;
    void *arg;
    bool is_calling; /* media_plane_offer() has not returned */
};

static gboolean answer_away(gpointer data)
{
    struct offer *offer = data;
    offer->done(NULL, "the bridge is away", true, offer->arg);
    g_free(offer);
    return G_SOURCE_REMOVE;
}

static void on_offer_answer(json_t *result, json_t *error, void *arg)
{
    struct offer *offer = arg;
    const char *sdp = json_string_value(json_object_get(result, "sdp"));
    if (offer->is_calling) {
        g_idle_add(answer_away, offer); /* the connection has just ended */
        return;
    }
    if (sdp != NULL) {
        offer->done(sdp, NULL, false, offer->arg);
    } else {
        bool is_refused = json_integer_value(json_object_get(error, "code")) == INVALID_PARAMS;
        const char *why = json_string_value(json_object_get(error, "message"));
        offer->done(NULL, why != NULL ? why : "the bridge gave no answer", !is_refused, offer->arg);
    }
    g_free(offer);
}

void media_plane_offer(struct media_plane *plane, const char *meeting, const char *leg,
                       const char *sdp, media_answer done, void *arg)
{
    struct followed *followed = find_followed(plane, meeting);
    struct offer *offer = g_new0(struct offer, 1);
    *offer = (struct offer){done, arg, true};
    if (!plane->is_ready || followed == NULL || !followed_takes_legs(followed)) {
        g_idle_add(answer_away, offer);
        return;
    }
    followed_want_conference(followed);
    wire_call(plane->wire, "leg.offer",
              json_pack("{s:s, s:s, s:s}", "conference", meeting, "leg", leg, "sdp", sdp),
              on_offer_answer, offer);
    offer->is_calling = false;
}

void media_plane_candidate(struct media_plane *plane, const char *meeting, const char *leg,
                           const char *candidate, const char *mid)
{
    if (plane->is_ready)
        wire_call(plane->wire, "leg.candidate",
                  json_pack("{s:s, s:s, s:s, s:s}", "conference", meeting, "leg", leg, "candidate",
                            candidate, "mid", mid),
                  NULL, NULL);
}

void media_plane_remove_leg(struct media_plane *plane, const char *meeting, const char *leg)
{
    if (plane->is_ready)
        wire_call(plane->wire, "leg.remove",
                  json_pack("{s:s, s:s}", "conference", meeting, "leg", leg), NULL, NULL);
}

/* ---- line tests ---- */

struct line_call {
    media_leg_answer done;
    void *arg;
    bool is_calling; /* media_plane_ask_leg() has not returned */
};

static gboolean answer_line_away(gpointer data)
{
    struct line_call *call = data;
    call->done(NULL, MEDIA_AWAY, "the bridge is away", call->arg);
    g_free(call);
    return G_SOURCE_REMOVE;
}

static void on_line(json_t *result, json_t *error, void *arg)
{
    struct line_call *call = arg;
    json_int_t code = json_integer_value(json_object_get(error, "code"));
    const char *why = json_string_value(json_object_get(error, "message"));
    if (call->is_calling || code == WIRE_CLOSED) {
        g_idle_add(answer_line_away, call);
        return;
    }
    call->done(result, code == TOO_MANY ? MEDIA_TOO_MANY : MEDIA_REFUSED,
               why != NULL ? why : "the bridge gave no answer", call->arg);
    g_free(call);
}

void media_plane_ask_leg(struct media_plane *plane, const char *method, const char *meeting,
                         const char *leg, const json_t *params, media_leg_answer done, void *arg)
{
    struct line_call *call = g_new0(struct line_call, 1);
    *call = (struct line_call){done, arg, true};
    if (!plane->is_ready) {
        g_idle_add(answer_line_away, call);
        return;
    }
    json_t *sent = params != NULL ? json_copy((json_t *)params) : json_object();
    json_object_set_new(sent, "conference", json_string(meeting));
    json_object_set_new(sent, "leg", json_string(leg));
    wire_call(plane->wire, method, sent, on_line, call);
    call->is_calling = false;
}

/* ---- counters ---- */

struct stats_call {
    void (*done)(const json_t *stats, void *arg);
    void *arg;
};

static void on_stats(json_t *result, json_t *error, void *arg)
{
    struct stats_call *call = arg;
    (void)error;
    call->done(result, call->arg);
    g_free(call);
}

void media_plane_stats(struct media_plane *plane, void (*done)(const json_t *stats, void *arg),
                       void *arg)
{
    if (!plane->is_ready) {
        done(NULL, arg);
        return;
    }
    struct stats_call *call = g_new(struct stats_call, 1);
    *call = (struct stats_call){done, arg};
    wire_call(plane->wire, "bridge.stats", NULL, on_stats, call);
}

#include "signaling/bus/media_plane.h"

#include "common/log.h"
#include "common/wire.h"
#include "signaling/bus/supervisor.h"

#include <signal.h>
#include <string.h>

#define CONTROL_VERSION   1
#define INVALID_PARAMS    (-32602)
#define STOP_SECONDS      20 /* a bridge that finishes recordings is given so long */
#define RETRY_RECORDING_S 5

/* A meeting as the bridge is to show it, and as it was last told. */
struct followed {
    struct media_plane *plane;
    char *id, *title;
    json_t *speakers;
    bool wants_conference, wants_recording, is_closed;
    /* Last told. */
    json_t *told_speakers;
    bool has_conference, is_recording;
    int part;
    bool is_busy; /* a recording is being started or stopped */
    guint retry;
};

struct media_plane {
    char *data_dir;
    struct media_handlers handlers;
    void *arg;
    struct supervisor *supervisor;
    struct wire *wire;
    bool is_ready; /* connected and greeted */
    bool is_stopping;
    pid_t bridge_pid;
    GHashTable *meetings; /* id -> struct followed */
};

static void sync_meeting(struct followed *followed);

/* The connection ended under the call: what that means is told when it is known to be over. */
static bool is_gone(const json_t *error)
{
    return json_integer_value(json_object_get(error, "code")) == WIRE_CLOSED;
}

/* ---- recording ---- */

static gboolean retry_recording(gpointer data)
{
    struct followed *followed = data;
    followed->retry = 0;
    sync_meeting(followed);
    return G_SOURCE_REMOVE;
}

static void on_recording_started(json_t *result, json_t *error, void *arg)
{
    struct followed *followed = arg;
    struct media_plane *plane = followed->plane;
    followed->is_busy = false;
    if (is_gone(error))
        return;
    if (error != NULL) {
        plane->handlers.recording_failed(
            followed->id, json_string_value(json_object_get(error, "message")), plane->arg);
        if (followed->retry == 0)
            followed->retry = g_timeout_add_seconds(RETRY_RECORDING_S, retry_recording, followed);
        return;
    }
    followed->is_recording = true;
    followed->part = (int)json_integer_value(json_object_get(result, "part"));
    g_autofree char *path =
        g_strconcat(json_string_value(json_object_get(result, "path")), "/program.webm", NULL);
    plane->handlers.recording_started(followed->id, followed->part, path, plane->arg);
    sync_meeting(followed);
}

static void on_recording_stopped(json_t *result, json_t *error, void *arg)
{
    struct followed *followed = arg;
    struct media_plane *plane = followed->plane;
    (void)result;
    followed->is_busy = false;
    if (is_gone(error))
        return;
    followed->is_recording = false;
    if (error != NULL)
        plane->handlers.recording_failed(
            followed->id, json_string_value(json_object_get(error, "message")), plane->arg);
    plane->handlers.recording_stopped(followed->id, followed->part, plane->arg);
    sync_meeting(followed);
}

static void start_recording(struct followed *followed)
{
    struct media_plane *plane = followed->plane;
    g_autofree char *directory =
        g_build_filename(plane->data_dir, "recordings", followed->id, NULL);
    if (g_mkdir_with_parents(directory, 0700) != 0)
        log_error("%s cannot be made meeting=%s", directory, followed->id);
    followed->is_busy = true;
    wire_call(plane->wire, "recording.start",
              json_pack("{s:s, s:s, s:s}", "conference", followed->id, "directory", directory,
                        "title", followed->title),
              on_recording_started, followed);
}

static void stop_recording(struct followed *followed)
{
    followed->is_busy = true;
    wire_call(followed->plane->wire, "recording.stop",
              json_pack("{s:s}", "conference", followed->id), on_recording_stopped, followed);
}

/* ---- what is to be, against what was told ---- */

static void sync_recording(struct followed *followed)
{
    bool wants = followed->wants_recording && !followed->is_closed;
    if (followed->is_busy || followed->retry != 0 || wants == followed->is_recording)
        return;
    if (wants)
        start_recording(followed);
    else
        stop_recording(followed);
}

static void sync_meeting(struct followed *followed)
{
    struct media_plane *plane = followed->plane;
    if (!plane->is_ready)
        return;
    if (followed->wants_conference && !followed->has_conference) {
        followed->has_conference = true;
        wire_call(plane->wire, "conference.create",
                  json_pack("{s:s, s:s}", "conference", followed->id, "name", followed->title),
                  NULL, NULL);
    }
    if (!followed->has_conference)
        return;
    if (!json_equal(followed->speakers, followed->told_speakers)) {
        json_decref(followed->told_speakers);
        followed->told_speakers = json_incref(followed->speakers);
        wire_call(
            plane->wire, "conference.floor",
            json_pack("{s:s, s:O}", "conference", followed->id, "speakers", followed->speakers),
            NULL, NULL);
    }
    sync_recording(followed);
    if (followed->is_closed && !followed->is_recording && !followed->is_busy) {
        followed->has_conference = followed->wants_conference = false;
        wire_call(plane->wire, "conference.close", json_pack("{s:s}", "conference", followed->id),
                  NULL, NULL);
    }
}

/* ---- the connection ---- */

static void forget_told(struct followed *followed)
{
    g_clear_pointer(&followed->told_speakers, json_decref);
    followed->has_conference = followed->is_recording = followed->is_busy = false;
}

/* What the bridge that we have found is doing; the number of its legs. */
static size_t take_over(struct media_plane *plane, const json_t *conferences)
{
    size_t index, legs = 0;
    json_t *entry;
    json_array_foreach((json_t *)conferences, index, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "conference"));
        struct followed *followed = id != NULL ? g_hash_table_lookup(plane->meetings, id) : NULL;
        legs += json_array_size(json_object_get(entry, "legs"));
        if (followed == NULL) {
            wire_call(plane->wire, "conference.close", json_pack("{s:s*}", "conference", id), NULL,
                      NULL);
            continue;
        }
        followed->has_conference = followed->wants_conference = true;
        followed->is_recording = json_is_true(json_object_get(entry, "recording"));
        followed->part = (int)json_integer_value(json_object_get(entry, "part"));
    }
    return legs;
}

static void on_hello(json_t *result, json_t *error, void *arg)
{
    struct media_plane *plane = arg;
    GHashTableIter iter;
    gpointer value;
    if (error != NULL) {
        log_error("the bridge does not answer: %s",
                  json_string_value(json_object_get(error, "message")));
        return;
    }
    plane->is_ready = true;
    plane->bridge_pid = (pid_t)json_integer_value(json_object_get(result, "pid"));
    size_t legs = take_over(plane, json_object_get(result, "conferences"));
    log_info("bridge process %d is ready with %zu legs", (int)plane->bridge_pid, legs);
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        sync_meeting(value);
    plane->handlers.ready(legs == 0, plane->arg);
}

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct media_plane *plane = arg;
    const char *meeting = json_string_value(json_object_get(params, "conference"));
    const char *leg = json_string_value(json_object_get(params, "leg"));
    (void)wire;
    if (request != NULL) {
        wire_refuse(request, -32601, "signaling takes no calls");
    } else if (strcmp(method, "leg.candidate") == 0 && meeting != NULL && leg != NULL) {
        const char *candidate = json_string_value(json_object_get(params, "candidate"));
        const char *mid = json_string_value(json_object_get(params, "mid"));
        if (candidate != NULL && mid != NULL)
            plane->handlers.candidate(meeting, leg, candidate, mid, plane->arg);
    } else if (strcmp(method, "leg.state") == 0 && meeting != NULL && leg != NULL) {
        const char *state = json_string_value(json_object_get(params, "state"));
        if (state != NULL)
            plane->handlers.leg_state(meeting, leg, state, plane->arg);
    } else if (strcmp(method, "recording.failed") == 0 && meeting != NULL) {
        const char *why = json_string_value(json_object_get(params, "why"));
        plane->handlers.recording_failed(meeting, why != NULL ? why : "unknown", plane->arg);
    }
}

static void on_closed(struct wire *wire, const char *why, void *arg)
{
    struct media_plane *plane = arg;
    bool was_ready = plane->is_ready;
    GHashTableIter iter;
    gpointer value;
    plane->is_ready = false;
    plane->wire = NULL;
    wire_free(wire);
    if (plane->is_stopping)
        return;
    log_warning("the bridge is away: %s", why);
    g_hash_table_iter_init(&iter, plane->meetings);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        forget_told(value);
    supervisor_reconnect(plane->supervisor);
    if (was_ready)
        plane->handlers.lost(plane->arg);
}

static void on_connected(int fd, void *arg)
{
    static const struct wire_handlers handlers = {on_call, on_closed};
    struct media_plane *plane = arg;
    plane->wire = wire_new(fd, NULL, &handlers, plane);
    wire_call(plane->wire, "bridge.hello", json_pack("{s:i}", "version", CONTROL_VERSION), on_hello,
              plane);
}

/* ---- life ---- */

static void followed_free(void *data)
{
    struct followed *followed = data;
    if (followed->retry != 0)
        g_source_remove(followed->retry);
    json_decref(followed->speakers);
    json_decref(followed->told_speakers);
    g_free(followed->id);
    g_free(followed->title);
    g_free(followed);
}

struct media_plane *media_plane_new(const struct media_config *config,
                                    const struct media_handlers *handlers, void *arg)
{
    static const struct supervisor_handlers supervised = {on_connected};
    struct media_plane *plane = g_new0(struct media_plane, 1);
    plane->data_dir = g_canonicalize_filename(config->data_dir, NULL);
    plane->handlers = *handlers;
    plane->arg = arg;
    plane->meetings = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, followed_free);
    plane->supervisor = supervisor_new(plane->data_dir, config->bridge_program,
                                       config->bridge_arguments, &supervised, plane);
    return plane;
}

static gboolean on_deadline(gpointer data)
{
    bool *is_over = data;
    *is_over = true;
    return G_SOURCE_REMOVE;
}

/* The bridge closes the connection as the last thing that it does. */
static void stop_and_wait(struct media_plane *plane)
{
    bool is_over = false;
    plane->is_stopping = true;
    wire_call(plane->wire, "bridge.shutdown", NULL, NULL, NULL);
    guint timer = g_timeout_add_seconds(STOP_SECONDS, on_deadline, &is_over);
    while (plane->wire != NULL && !is_over)
        g_main_context_iteration(NULL, TRUE);
    if (!is_over) {
        g_source_remove(timer);
        return;
    }
    log_error("the bridge did not end in %d s; ending it", STOP_SECONDS);
    kill(plane->bridge_pid, SIGKILL);
}

void media_plane_free(struct media_plane *plane, bool stop_bridge)
{
    if (plane == NULL)
        return;
    if (stop_bridge && plane->wire != NULL && plane->is_ready)
        stop_and_wait(plane);
    plane->is_stopping = true;
    plane->is_ready = false;
    wire_free(plane->wire);
    supervisor_free(plane->supervisor);
    g_hash_table_unref(plane->meetings);
    g_free(plane->data_dir);
    g_free(plane);
}

bool media_plane_is_ready(const struct media_plane *plane)
{
    return plane->is_ready;
}

/* ---- following ---- */

void media_plane_follow(struct media_plane *plane, const struct meeting *meeting)
{
    const char *id = meeting_id(meeting);
    struct followed *followed = g_hash_table_lookup(plane->meetings, id);
    if (followed == NULL) {
        followed = g_new0(struct followed, 1);
        followed->plane = plane;
        followed->id = g_strdup(id);
        followed->title = g_strdup(meeting_title(meeting));
        g_hash_table_insert(plane->meetings, followed->id, followed);
    }
    json_decref(followed->speakers);
    followed->speakers = meeting_speakers(meeting);
    followed->wants_recording = meeting_wants_recording(meeting);
    followed->is_closed = meeting_is_closed(meeting);
    if (followed->wants_recording || json_array_size(followed->speakers) > 0)
        followed->wants_conference = true;
    sync_meeting(followed);
}

/* ---- legs ---- */

struct offer {
    media_answer done;
    void *arg;
};

static void on_offer_answer(json_t *result, json_t *error, void *arg)
{
    struct offer *offer = arg;
    const char *sdp = json_string_value(json_object_get(result, "sdp"));
    if (sdp != NULL) {
        offer->done(sdp, NULL, false, offer->arg);
    } else {
        bool is_refused = json_integer_value(json_object_get(error, "code")) == INVALID_PARAMS;
        const char *why = json_string_value(json_object_get(error, "message"));
        offer->done(NULL, why != NULL ? why : "the bridge gave no answer", !is_refused, offer->arg);
    }
    g_free(offer);
}

static gboolean answer_away(gpointer data)
{
    struct offer *offer = data;
    offer->done(NULL, "the bridge is away", true, offer->arg);
    g_free(offer);
    return G_SOURCE_REMOVE;
}

void media_plane_offer(struct media_plane *plane, const char *meeting, const char *leg,
                       const char *sdp, media_answer done, void *arg)
{
    struct followed *followed = g_hash_table_lookup(plane->meetings, meeting);
    struct offer *offer = g_new0(struct offer, 1);
    *offer = (struct offer){done, arg};
    if (!plane->is_ready || followed == NULL || followed->is_closed) {
        g_idle_add(answer_away, offer);
        return;
    }
    followed->wants_conference = true;
    sync_meeting(followed);
    wire_call(plane->wire, "leg.offer",
              json_pack("{s:s, s:s, s:s}", "conference", meeting, "leg", leg, "sdp", sdp),
              on_offer_answer, offer);
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

#include "signaling/bus/followed.h"

#include "common/log.h"

/* A disk that refuses is tried again after a while, and then more seldom. */
#define FIRST_RETRY_SECONDS 5
#define LAST_RETRY_SECONDS  300

struct followed {
    char *id, *directory;
    const struct media_handlers *handlers;
    void *arg;
    /* What is to be. */
    char *title;
    json_t *speakers, *apart, *scene;
    bool wants_conference, wants_recording, is_closed, is_ending;
    /* What the bridge has been told; NULL wire: nothing, it is away. */
    struct wire *wire;
    json_t *told_speakers, *told_apart, *told_scene;
    bool has_conference, is_recording;
    int part;
    bool is_busy; /* a part is being begun or finished */
    guint retry;
    unsigned retry_seconds;
};

static void tell_changes(struct followed *followed);

static const char *message_of(const json_t *error)
{
    const char *message = json_string_value(json_object_get(error, "message"));
    return message != NULL ? message : "the bridge does not say why";
}

/* The connection ended under the call: followed_lose() is about to come. */
static bool is_gone(const json_t *error)
{
    return json_integer_value(json_object_get(error, "code")) == WIRE_CLOSED;
}

/* ---- recording ---- */

static gboolean retry_recording(gpointer data)
{
    struct followed *followed = data;
    followed->retry = 0;
    tell_changes(followed);
    return G_SOURCE_REMOVE;
}

static void retry_later(struct followed *followed)
{
    if (followed->retry != 0)
        return;
    followed->retry = g_timeout_add_seconds(followed->retry_seconds, retry_recording, followed);
    followed->retry_seconds = MIN(followed->retry_seconds * 2, LAST_RETRY_SECONDS);
}

static void on_recording_started(json_t *result, json_t *error, void *arg)
{
    struct followed *followed = arg;
    const char *path = json_string_value(json_object_get(result, "path"));
    followed->is_busy = false;
    if (is_gone(error))
        return;
    if (path == NULL) {
        retry_later(followed);
        followed->handlers->recording_failed(followed->id, message_of(error), followed->arg);
        return;
    }
    followed->is_recording = true;
    followed->part = (int)json_integer_value(json_object_get(result, "part"));
    g_autofree char *program = g_strconcat(path, "/program.webm", NULL);
    followed->handlers->recording_started(followed->id, followed->part, program, followed->arg);
    tell_changes(followed);
}

static void on_recording_stopped(json_t *result, json_t *error, void *arg)
{
    struct followed *followed = arg;
    (void)result;
    followed->is_busy = false;
    if (is_gone(error))
        return;
    followed->is_recording = false;
    if (error == NULL)
        followed->retry_seconds = FIRST_RETRY_SECONDS;
    else
        followed->handlers->recording_failed(followed->id, message_of(error), followed->arg);
    followed->handlers->recording_stopped(followed->id, followed->part, followed->arg);
    tell_changes(followed);
}

static void start_recording(struct followed *followed)
{
    if (g_mkdir_with_parents(followed->directory, 0700) != 0)
        log_error("%s cannot be made meeting=%s", followed->directory, followed->id);
    followed->is_busy = true;
    wire_call(followed->wire, "recording.start",
              json_pack("{s:s, s:s, s:s}", "conference", followed->id, "directory",
                        followed->directory, "title", followed->title),
              on_recording_started, followed);
}

static void stop_recording(struct followed *followed)
{
    followed->is_busy = true;
    wire_call(followed->wire, "recording.stop", json_pack("{s:s}", "conference", followed->id),
              on_recording_stopped, followed);
}

void followed_recording_failed(struct followed *followed, const char *why)
{
    followed->handlers->recording_failed(followed->id, why, followed->arg);
    if (!followed->is_recording || followed->is_busy)
        return;
    retry_later(followed);
    stop_recording(followed);
}

/* ---- what is to be, against what was told ---- */

static void on_told(json_t *result, json_t *error, void *arg)
{
    (void)result;
    if (error != NULL && !is_gone(error))
        log_error("the bridge refuses %s: %s", (const char *)arg, message_of(error));
}

static void tell_floor(struct followed *followed)
{
    if (json_equal(followed->speakers, followed->told_speakers) &&
        json_equal(followed->apart, followed->told_apart))
        return;
    json_decref(followed->told_speakers);
    json_decref(followed->told_apart);
    followed->told_speakers = json_incref(followed->speakers);
    followed->told_apart = json_incref(followed->apart);
    wire_call(followed->wire, "conference.floor",
              json_pack("{s:s, s:O, s:O}", "conference", followed->id, "speakers",
                        followed->speakers, "apart", followed->apart),
              on_told, (void *)"the floor");
}

/* Pictures follow the floor; a bridge that composes none takes it all the same. */
static void tell_scene(struct followed *followed)
{
    if (json_equal(followed->scene, followed->told_scene))
        return;
    json_decref(followed->told_scene);
    followed->told_scene = json_incref(followed->scene);
    wire_call(followed->wire, "conference.scene",
              json_pack("{s:s, s:O}", "conference", followed->id, "scene", followed->scene),
              on_told, (void *)"the scene");
}

static void tell_recording(struct followed *followed)
{
    bool wants = followed->wants_recording && !followed->is_closed && !followed->is_ending;
    if (followed->is_busy || wants == followed->is_recording)
        return;
    if (!wants)
        stop_recording(followed);
    else if (followed->retry == 0)
        start_recording(followed);
}

static void tell_changes(struct followed *followed)
{
    if (followed->wire == NULL)
        return;
    if (followed->wants_conference && !followed->has_conference) {
        followed->has_conference = true;
        wire_call(followed->wire, "conference.create",
                  json_pack("{s:s, s:s}", "conference", followed->id, "name", followed->title),
                  on_told, (void *)"a conference");
    }
    if (!followed->has_conference)
        return;
    tell_floor(followed);
    tell_scene(followed);
    tell_recording(followed);
    if (followed->is_closed && !followed_is_recording(followed)) {
        followed->has_conference = followed->wants_conference = false;
        wire_call(followed->wire, "conference.close",
                  json_pack("{s:s}", "conference", followed->id), on_told,
                  (void *)"the end of a conference");
    }
}

void followed_declare(struct followed *followed, const struct meeting *meeting)
{
    g_free(followed->title);
    json_decref(followed->speakers);
    json_decref(followed->apart);
    json_decref(followed->scene);
    followed->title = g_strdup(meeting_title(meeting));
    followed->speakers = meeting_speakers(meeting);
    followed->apart = meeting_apart(meeting);
    followed->scene = meeting_scene(meeting);
    followed->wants_recording = meeting_wants_recording(meeting);
    followed->is_closed = meeting_is_closed(meeting);
    if (followed->wants_recording || json_array_size(followed->speakers) > 0 ||
        json_array_size(followed->apart) > 0)
        followed->wants_conference = true;
    tell_changes(followed);
}

void followed_want_conference(struct followed *followed)
{
    followed->wants_conference = true;
    tell_changes(followed);
}

bool followed_takes_legs(const struct followed *followed)
{
    return !followed->is_closed;
}

/* ---- the bridge's coming and going ---- */

void followed_take_over(struct followed *followed, const json_t *conference)
{
    followed->has_conference = followed->wants_conference = true;
    followed->is_recording = json_is_true(json_object_get(conference, "recording"));
    followed->part = (int)json_integer_value(json_object_get(conference, "part"));
}

void followed_begin(struct followed *followed, struct wire *wire)
{
    followed->wire = wire;
    tell_changes(followed);
}

void followed_lose(struct followed *followed)
{
    followed->wire = NULL;
    g_clear_pointer(&followed->told_speakers, json_decref);
    g_clear_pointer(&followed->told_apart, json_decref);
    g_clear_pointer(&followed->told_scene, json_decref);
    followed->has_conference = followed->is_recording = followed->is_busy = false;
}

void followed_end(struct followed *followed)
{
    followed->is_ending = true;
    tell_changes(followed);
}

bool followed_is_recording(const struct followed *followed)
{
    return followed->is_recording || followed->is_busy;
}

/* ---- life ---- */

struct followed *followed_new(const char *meeting, const char *data_dir,
                              const struct media_handlers *handlers, void *arg)
{
    struct followed *followed = g_new0(struct followed, 1);
    followed->id = g_strdup(meeting);
    followed->directory = g_build_filename(data_dir, "recordings", meeting, NULL);
    followed->handlers = handlers;
    followed->arg = arg;
    followed->retry_seconds = FIRST_RETRY_SECONDS;
    return followed;
}

void followed_free(struct followed *followed)
{
    if (followed->retry != 0)
        g_source_remove(followed->retry);
    json_decref(followed->speakers);
    json_decref(followed->told_speakers);
    json_decref(followed->apart);
    json_decref(followed->told_apart);
    json_decref(followed->scene);
    json_decref(followed->told_scene);
    g_free(followed->id);
    g_free(followed->directory);
    g_free(followed->title);
    g_free(followed);
}

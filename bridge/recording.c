#include "bridge/recording.h"

#include "bridge/pictures.h"
#include "bridge/record/record.h"
#include "bridge/video/relay.h"
#include "common/log.h"

#include <pthread.h>

enum phase {
    IDLE,
    RECOVERING, /* what was left unfinished is being finished */
    WRITING,
    STOPPING /* the part is being finished */
};

struct waiter {
    recording_done done;
    void *arg;
};

struct recording {
    struct bridge *bridge;
    struct audio *audio;
    struct pictures *pictures;
    char *conference;
    void (*idle)(void *arg);
    void *idle_arg;
    enum phase phase;
    bool is_unwanted; /* stopped before it began */
    char *directory, *title;
    struct recorder *recorder;
    GArray *starting, *stopping; /* of struct waiter */
    /* The recovery's; the main thread looks once it has been told. */
    pthread_t recovery;
    unsigned recovered;
    GError *recovery_error;
};

struct recording *recording_new(struct bridge *bridge, struct audio *audio,
                                struct pictures *pictures, const char *conference,
                                void (*idle)(void *arg), void *arg)
{
    struct recording *recording = g_new0(struct recording, 1);
    recording->bridge = bridge;
    recording->audio = audio;
    recording->pictures = pictures;
    recording->conference = g_strdup(conference);
    recording->idle = idle;
    recording->idle_arg = arg;
    recording->starting = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    recording->stopping = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    return recording;
}

void recording_free(struct recording *recording)
{
    if (recording == NULL)
        return;
    g_assert(recording->phase == IDLE);
    g_array_unref(recording->starting);
    g_array_unref(recording->stopping);
    g_free(recording->conference);
    g_free(recording);
}

bool recording_is_idle(const struct recording *recording)
{
    return recording->phase == IDLE;
}

unsigned recording_part(const struct recording *recording)
{
    return recording->phase == WRITING ? recorder_part(recording->recorder) : 0;
}

/* ---- those who wait ---- */

static void wait_for(GArray *waiters, recording_done done, void *arg)
{
    struct waiter waiter = {done, arg};
    if (done != NULL)
        g_array_append_val(waiters, waiter);
}

static void tell(GArray *waiters, json_t *place, const char *error)
{
    for (unsigned i = 0; i < waiters->len; i++) {
        struct waiter waiter = g_array_index(waiters, struct waiter, i);
        waiter.done(place, error, waiter.arg);
    }
    g_array_set_size(waiters, 0);
}

static json_t *place_of(const struct recorder *recorder)
{
    return json_pack("{s:i, s:s}", "part", (int)recorder_part(recorder), "path",
                     recorder_path(recorder));
}

/* ---- beginning ---- */

static void become_idle(struct recording *recording)
{
    recording->phase = IDLE;
    recording->recorder = NULL;
    g_hash_table_remove(recording->bridge->directories, recording->directory);
    g_clear_pointer(&recording->directory, g_free);
    g_clear_pointer(&recording->title, g_free);
    recording->idle(recording->idle_arg);
}

static void give_up(struct recording *recording, const char *why)
{
    if (!recording->is_unwanted)
        log_error("recording: %s meeting=%s", why, recording->conference);
    tell(recording->starting, NULL, why);
    tell(recording->stopping, json_null(), NULL);
    become_idle(recording);
}

/* The meeting goes on; what becomes of the recording is signaling's to say. */
static void on_failed(const char *why, void *arg)
{
    struct recording *recording = arg;
    struct bridge *bridge = recording->bridge;
    bridge->notify("recording.failed",
                   json_pack("{s:s, s:s}", "conference", recording->conference, "why", why),
                   bridge->arg);
}

/* On an encoder's thread, and on the relay's. */
static void take_picture(struct coded_frame *frame, void *arg)
{
    recorder_picture(arg, RECORDER_PICTURE, frame, RELAY_SOUND_DELAY_US);
}

static void take_slides(struct coded_frame *frame, void *arg)
{
    recorder_picture(arg, RECORDER_SLIDES, frame, RELAY_SOUND_DELAY_US);
}

static void feed(struct recording *recording)
{
    audio_set_recorder(recording->audio, recording->recorder);
    pictures_set_tap(recording->pictures, take_picture, recording->recorder);
    pictures_set_content_tap(recording->pictures, take_slides, recording->recorder);
}

static void starve(struct recording *recording)
{
    audio_set_recorder(recording->audio, NULL);
    pictures_set_tap(recording->pictures, NULL, NULL);
    pictures_set_content_tap(recording->pictures, NULL, NULL);
}

static void begin_part(struct recording *recording)
{
    g_autoptr(GError) error = NULL;
    recording->recorder = recorder_new(recording->directory, recording->title, &error);
    if (recording->recorder == NULL) {
        give_up(recording, error->message);
        return;
    }
    recording->phase = WRITING;
    recorder_watch(recording->recorder, on_failed, recording);
    feed(recording);
    log_info("recording begins meeting=%s path=%s", recording->conference,
             recorder_path(recording->recorder));
    json_t *place = place_of(recording->recorder);
    tell(recording->starting, place, NULL);
    json_decref(place);
}

static void take_recovered(void *arg)
{
    struct recording *recording = arg;
    g_autoptr(GError) error = g_steal_pointer(&recording->recovery_error);
    pthread_join(recording->recovery, NULL);
    if (recording->recovered > 0)
        log_info("finished %u parts of before meeting=%s", recording->recovered,
                 recording->conference);
    /* A part that cannot be saved is no reason not to record the next. */
    if (error != NULL)
        log_error("recording: %s meeting=%s", error->message, recording->conference);
    if (recording->is_unwanted)
        give_up(recording, "the recording was stopped before it began");
    else
        begin_part(recording);
}

static void *recover(void *arg)
{
    struct recording *recording = arg;
    pthread_setname_np(pthread_self(), "recovery");
    recording->recovered = recorder_recover(recording->directory, &recording->recovery_error);
    queue_post(recording->bridge->main_queue, take_recovered, recording);
    return NULL;
}

void recording_start(struct recording *recording, const char *directory, const char *title,
                     recording_done done, void *arg)
{
    if (recording->phase == WRITING) {
        json_t *place = place_of(recording->recorder);
        done(place, NULL, arg);
        json_decref(place);
        return;
    }
    if (recording->phase == RECOVERING && !recording->is_unwanted) {
        wait_for(recording->starting, done, arg);
        return;
    }
    if (recording->phase != IDLE ||
        g_hash_table_contains(recording->bridge->directories, directory)) {
        done(NULL, "the last recording is still being finished; try again later", arg);
        return;
    }
    recording->phase = RECOVERING;
    recording->is_unwanted = false;
    recording->directory = g_strdup(directory);
    recording->title = g_strdup(title);
    g_hash_table_add(recording->bridge->directories, g_strdup(directory));
    wait_for(recording->starting, done, arg);
    if (pthread_create(&recording->recovery, NULL, recover, recording) != 0)
        give_up(recording, "no thread is left to record with");
}

/* ---- ending ---- */

static void on_stopped(const struct recorder_result *result, void *arg)
{
    struct recording *recording = arg;
    const char *error = result->error != NULL ? result->error->message : NULL;
    json_t *place = place_of(recording->recorder);
    json_object_set_new(place, "duration_us", json_integer(result->duration_us));
    if (error != NULL)
        log_error("recording: %s meeting=%s", error, recording->conference);
    else
        log_info("recording ends meeting=%s path=%s", recording->conference, result->path);
    tell(recording->stopping, error == NULL ? place : NULL, error);
    json_decref(place);
    become_idle(recording);
}

void recording_stop(struct recording *recording, recording_done done, void *arg)
{
    if (recording->phase == IDLE) {
        if (done != NULL)
            done(json_null(), NULL, arg);
        return;
    }
    wait_for(recording->stopping, done, arg);
    if (recording->phase == RECOVERING) {
        recording->is_unwanted = true;
    } else if (recording->phase == WRITING) {
        recording->phase = STOPPING;
        starve(recording);
        recorder_stop(recording->recorder, on_stopped, recording);
    }
}

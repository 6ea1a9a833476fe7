#include "tests/unit/record/stage.h"

#include "bridge/record/disk.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define AMPLITUDE 8000

void tone_open(struct tone *tone, double hz)
{
    int error;
    *tone = (struct tone){.encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_AUDIO, &error),
                          .hz = hz};
    g_assert_cmpint(error, ==, OPUS_OK);
    opus_encoder_ctl(tone->encoder, OPUS_SET_BITRATE(32000));
    opus_encoder_ctl(tone->encoder, OPUS_SET_VBR(0));
}

void tone_close(struct tone *tone)
{
    opus_encoder_destroy(tone->encoder);
}

size_t tone_next(struct tone *tone, uint8_t *opus, size_t capacity)
{
    int16_t samples[FRAME_SAMPLES];
    for (int i = 0; i < FRAME_SAMPLES; i++)
        samples[i] =
            (int16_t)(AMPLITUDE * sin(2 * G_PI * tone->hz * (double)tone->position++ / 48000));
    int size = opus_encode(tone->encoder, samples, FRAME_SAMPLES, opus, (opus_int32)capacity);
    g_assert_cmpint(size, >, 0);
    return (size_t)size;
}

void stage_open_in(struct stage *stage, const char *directory)
{
    memset(stage, 0, sizeof *stage);
    stage->is_guest = true;
    stage->directory = g_strdup(directory);
    stage->part = g_build_filename(stage->directory, "part-001", NULL);
    stage->pool = frame_pool_new(4);
    tone_open(&stage->program, 440);
    tone_open(&stage->speaker, 880);
}

void stage_open(struct stage *stage)
{
    g_autofree char *directory = g_dir_make_tmp("nhipcau-record-XXXXXX", NULL);
    g_assert_nonnull(directory);
    stage_open_in(stage, directory);
    stage->is_guest = false;
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_remove(path);
}

void stage_close(struct stage *stage)
{
    tone_close(&stage->program);
    tone_close(&stage->speaker);
    frame_pool_free(stage->pool);
    if (!stage->is_guest)
        remove_tree(stage->directory);
    g_free(stage->directory);
    g_free(stage->part);
}

void stage_record(struct stage *stage)
{
    g_autoptr(GError) error = NULL;
    stage->recorder = recorder_new(stage->directory, "Họp thử", &error);
    g_assert_no_error(error);
}

void stage_feed(struct stage *stage, int64_t from, unsigned frames, const char *leg)
{
    for (unsigned i = 0; i < frames; i++) {
        int64_t time = (from + i) * FRAME_SAMPLES;
        uint8_t opus[FRAME_PAYLOAD_MAX];
        struct frame *frame = frame_pool_take(stage->pool);
        g_assert_nonnull(frame);
        frame->size = (uint16_t)tone_next(&stage->program, frame->payload, sizeof frame->payload);
        recorder_program(stage->recorder, time, frame);
        frame_unref(frame);
        size_t size = tone_next(&stage->speaker, opus, sizeof opus);
        if (leg != NULL)
            recorder_speaker_packet(stage->recorder, time, leg, opus, size);
    }
}

static void on_stopped(const struct recorder_result *result, void *arg)
{
    struct stopped *stopped = arg;
    stopped->is_done = true;
    stopped->duration_us = result->duration_us;
    stopped->error = result->error != NULL ? g_strdup(result->error->message) : NULL;
}

void stage_stop(struct stage *stage, struct stopped *stopped)
{
    memset(stopped, 0, sizeof *stopped);
    recorder_stop(g_steal_pointer(&stage->recorder), on_stopped, stopped);
    while (!stopped->is_done)
        g_main_context_iteration(NULL, TRUE);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

int64_t stage_stop_well(struct stage *stage)
{
    struct stopped stopped;
    stage_stop(stage, &stopped);
    g_assert_cmpstr(stopped.error, ==, NULL);
    return stopped.duration_us;
}

GPid stage_spawn(const char *what, const char *directory, int *output_fd)
{
    const char *argv[] = {"/proc/self/exe", what, directory, NULL};
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autoptr(GError) error = NULL;
    GPid pid;
    argv[0] = self;
    g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                             NULL, output_fd, NULL, &error);
    g_assert_no_error(error);
    return pid;
}

int stage_reap(GPid pid)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status;
}

/* ---- reading back ---- */

json_t *stage_manifest(const struct stage *stage)
{
    g_autofree char *path = g_build_filename(stage->part, "manifest.json", NULL);
    json_error_t error;
    json_t *manifest = json_load_file(path, 0, &error);
    if (manifest == NULL)
        g_error("%s: %s", path, error.text);
    return manifest;
}

void stage_verify(const struct stage *stage, const json_t *manifest)
{
    size_t index;
    json_t *entry;
    json_array_foreach (json_object_get(manifest, "files"), index, entry) {
        const char *name = json_string_value(json_object_get(entry, "file"));
        g_autofree char *path = g_build_filename(stage->part, name, NULL);
        char sha256[DISK_SHA256_SIZE];
        struct stat status;
        g_assert_true(disk_sha256_file(path, sha256, NULL));
        g_assert_cmpstr(sha256, ==, json_string_value(json_object_get(entry, "sha256")));
        g_assert_cmpint(stat(path, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0600);
        g_assert_cmpint(status.st_size, ==, json_integer_value(json_object_get(entry, "size")));
    }
}

static char *run(const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *complaint = NULL;
    char *output = NULL;
    int status;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &complaint,
                 &status, &error);
    g_assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL) || complaint[0] != '\0')
        g_error("%s says: %s", argv[0], complaint);
    return output;
}

json_t *stage_probe(const struct stage *stage, const char *file)
{
    g_autofree char *path = g_build_filename(stage->part, file, NULL);
    const char *const argv[] = {
        "ffprobe", "-v", "error", "-show_packets", "-show_chapters", "-show_format", "-of",
        "json",    path, NULL};
    g_autofree char *output = run(argv);
    json_t *probe = json_loads(output, 0, NULL);
    g_assert_nonnull(probe);
    return probe;
}

size_t probe_packets(const json_t *probe)
{
    return json_array_size(json_object_get(probe, "packets"));
}

static double number_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    g_assert_nonnull(text);
    return g_ascii_strtod(text, NULL);
}

double probe_packet_time(const json_t *probe, size_t index)
{
    return number_of(json_array_get(json_object_get(probe, "packets"), index), "pts_time");
}

double probe_duration(const json_t *probe)
{
    return number_of(json_object_get(probe, "format"), "duration");
}

GArray *stage_decode(const struct stage *stage, const char *file, enum decoder decoder)
{
    g_autofree char *path = g_build_filename(stage->part, file, NULL);
    g_autofree char *raw = g_strconcat(path, ".raw", NULL);
    g_autofree char *location_from = g_strconcat("location=", path, NULL);
    g_autofree char *location_to = g_strconcat("location=", raw, NULL);
    const char *const ffmpeg[] = {
        "ffmpeg", "-v", "error", "-y",    "-i", path,    "-af", "aresample=async=1:first_pts=0",
        "-ac",    "1",  "-ar",   "48000", "-f", "s16le", raw,   NULL};
    const char *const gstreamer[] = {"gst-launch-1.0",
                                     "-q",
                                     "filesrc",
                                     location_from,
                                     "!",
                                     "matroskademux",
                                     "!",
                                     "opusdec",
                                     "!",
                                     "audioconvert",
                                     "!",
                                     "audio/x-raw,format=S16LE,rate=48000,channels=1",
                                     "!",
                                     "filesink",
                                     location_to,
                                     NULL};
    g_free(run(decoder == DECODE_FFMPEG ? ffmpeg : gstreamer));
    char *bytes;
    gsize size;
    g_assert_true(g_file_get_contents(raw, &bytes, &size, NULL));
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(int16_t));
    g_array_append_vals(samples, bytes, (guint)(size / sizeof(int16_t)));
    g_free(bytes);
    g_remove(raw);
    return samples;
}

double tone_strength(const int16_t *samples, unsigned count, double hz)
{
    double cosine = 0, sine = 0;
    for (unsigned i = 0; i < count; i++) {
        cosine += samples[i] * cos(2 * G_PI * hz * i / 48000);
        sine += samples[i] * sin(2 * G_PI * hz * i / 48000);
    }
    return 2 * sqrt(cosine * cosine + sine * sine) / count / 32768;
}

/* Recordings of real Opus, read back by libavformat's demuxer and by their own manifest. */
#include "bridge/record/disk.h"
#include "bridge/record/record.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <opus.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_SAMPLES 960

struct tone {
    OpusEncoder *encoder;
    double hz;
    int64_t position;
};

static void tone_open(struct tone *tone, double hz)
{
    int error;
    *tone = (struct tone){.encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_AUDIO, &error),
                          .hz = hz};
    g_assert_cmpint(error, ==, OPUS_OK);
}

static size_t tone_next(struct tone *tone, uint8_t *opus, size_t capacity)
{
    int16_t samples[FRAME_SAMPLES];
    for (int i = 0; i < FRAME_SAMPLES; i++)
        samples[i] = (int16_t)(8000 * sin(2 * G_PI * tone->hz * (double)tone->position++ / 48000));
    int size = opus_encode(tone->encoder, samples, FRAME_SAMPLES, opus, (opus_int32)capacity);
    g_assert_cmpint(size, >, 0);
    return (size_t)size;
}

static void feed(struct recorder *recorder, struct frame_pool *pool, int64_t from_frame,
                 unsigned frames, const char *leg, struct tone *program, struct tone *speaker)
{
    for (unsigned i = 0; i < frames; i++) {
        int64_t time = (from_frame + i) * FRAME_SAMPLES;
        struct frame *frame = frame_pool_take(pool);
        frame->size = (uint16_t)tone_next(program, frame->payload, sizeof frame->payload);
        recorder_program(recorder, time, frame);
        frame_unref(frame);
        uint8_t opus[1275];
        size_t size = tone_next(speaker, opus, sizeof opus);
        if (leg != NULL)
            recorder_speaker_packet(recorder, time, leg, opus, size);
    }
}

struct stopped {
    bool is_done;
    int64_t duration_us;
    char *error;
};

static void on_stopped(const struct recorder_result *result, void *arg)
{
    struct stopped *stopped = arg;
    stopped->is_done = true;
    stopped->duration_us = result->duration_us;
    stopped->error = result->error != NULL ? g_strdup(result->error->message) : NULL;
}

static void stop(struct recorder *recorder, struct stopped *stopped)
{
    memset(stopped, 0, sizeof *stopped);
    recorder_stop(recorder, on_stopped, stopped);
    while (!stopped->is_done)
        g_main_context_iteration(NULL, TRUE);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* What a demuxer that is not ours finds. */
struct found {
    unsigned packets, chapters;
    double first, last, duration;
    char first_title[64];
};

static void read_back(const char *directory, const char *file, struct found *found)
{
    g_autofree char *path = g_build_filename(directory, file, NULL);
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    memset(found, 0, sizeof *found);
    g_assert_cmpint(avformat_open_input(&format, path, NULL, NULL), ==, 0);
    g_assert_cmpuint(format->nb_streams, ==, 1);
    g_assert_cmpint(format->streams[0]->codecpar->codec_id, ==, AV_CODEC_ID_OPUS);
    while (av_read_frame(format, packet) == 0) {
        double time = (double)packet->pts * av_q2d(format->streams[0]->time_base);
        if (found->packets++ == 0)
            found->first = time;
        found->last = time;
        av_packet_unref(packet);
    }
    found->chapters = format->nb_chapters;
    found->duration = (double)format->duration / AV_TIME_BASE;
    if (format->nb_chapters > 0)
        g_strlcpy(found->first_title,
                  av_dict_get(format->chapters[0]->metadata, "title", NULL, 0)->value,
                  sizeof found->first_title);
    av_packet_free(&packet);
    avformat_close_input(&format);
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

static json_t *read_manifest(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, "part-001", "manifest.json", NULL);
    return json_load_file(path, 0, NULL);
}

static void files_chapters_and_manifest_agree(void)
{
    g_autofree char *directory = g_dir_make_tmp("nhipcau-record-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    struct frame_pool *pool = frame_pool_new(4);
    struct tone program, speaker;
    struct stopped stopped;
    struct found found;
    tone_open(&program, 440);
    tone_open(&speaker, 880);
    struct recorder *recorder = recorder_new(directory, "Họp thử", &error);
    g_assert_no_error(error);
    feed(recorder, pool, 0, 50, NULL, &program, &speaker);
    recorder_speaker_begin(recorder, 50 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    feed(recorder, pool, 50, 100, "hue", &program, &speaker);
    recorder_speaker_end(recorder, 150 * FRAME_SAMPLES, "hue");
    feed(recorder, pool, 150, 25, NULL, &program, &speaker);
    recorder_speaker_begin(recorder, 175 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    feed(recorder, pool, 175, 75, "hue", &program, &speaker);
    stop(recorder, &stopped);
    g_assert_null(stopped.error);
    g_assert_cmpint(stopped.duration_us, ==, 5000000);

    g_autofree char *part = g_build_filename(directory, "part-001", NULL);
    read_back(part, "program.webm", &found);
    g_assert_cmpuint(found.packets, ==, 250);
    g_assert_cmpuint(found.chapters, ==, 2);
    g_assert_cmpstr(found.first_title, ==, "Thành phố Huế");
    g_assert_cmpfloat_with_epsilon(found.duration, 5.0, 0.05);
    read_back(part, "speaker-1-hue.webm", &found);
    g_assert_cmpuint(found.packets, ==, 175);
    g_assert_cmpfloat_with_epsilon(found.first, 1.0, 0.002);
    g_assert_cmpfloat_with_epsilon(found.last, 4.98, 0.002);

    json_t *manifest = read_manifest(directory), *entry;
    size_t index;
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "files")), ==, 2);
    json_array_foreach(json_object_get(manifest, "files"), index, entry)
    {
        char sha256[65];
        g_autofree char *path =
            g_build_filename(part, json_string_value(json_object_get(entry, "file")), NULL);
        g_assert_true(disk_sha256_file(path, sha256, NULL));
        g_assert_cmpstr(sha256, ==, json_string_value(json_object_get(entry, "sha256")));
    }
    g_assert_false(json_is_true(json_object_get(manifest, "recovered")));
    json_decref(manifest);
    opus_encoder_destroy(program.encoder);
    opus_encoder_destroy(speaker.encoder);
    frame_pool_free(pool);
    remove_tree(directory);
}

/* Records in real time until it is killed; says each second that it has begun. */
static void record_until_killed(const char *directory, int told_fd)
{
    struct frame_pool *pool = frame_pool_new(4);
    struct tone program, speaker;
    tone_open(&program, 440);
    tone_open(&speaker, 880);
    struct recorder *recorder = recorder_new(directory, "Họp thử", NULL);
    recorder_speaker_begin(recorder, 0, "hue", "Thành phố Huế");
    for (int64_t frame = 0;; frame++) {
        feed(recorder, pool, frame, 1, "hue", &program, &speaker);
        g_usleep(2000); /* ten times as fast as life: the child's own clock */
        if (frame % 50 == 49 && write(told_fd, "s", 1) != 1)
            _exit(1);
    }
}

static void a_killed_recording_opens_and_lacks_two_seconds_at_most(void)
{
    g_autofree char *directory = g_dir_make_tmp("nhipcau-record-XXXXXX", NULL);
    int told[2];
    char byte;
    struct found found;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(pipe(told), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        close(told[0]);
        record_until_killed(directory, told[1]);
    }
    close(told[1]);
    for (int second = 0; second < 6; second++)
        g_assert_cmpint(read(told[0], &byte, 1), ==, 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(told[0]);

    g_autofree char *part = g_build_filename(directory, "part-001", NULL);
    read_back(part, "program.webm", &found);
    g_assert_cmpfloat(found.last, >=, 4.0 - 0.02);
    g_assert_cmpuint(recorder_recover(directory, &error), ==, 1);
    g_assert_no_error(error);
    read_back(part, "program.webm", &found);
    g_assert_cmpfloat(found.last, >=, 4.0 - 0.02);
    g_assert_cmpuint(found.chapters, ==, 1);
    json_t *manifest = read_manifest(directory);
    g_assert_true(json_is_true(json_object_get(manifest, "recovered")));
    json_decref(manifest);
    g_assert_cmpuint(recorder_recover(directory, &error), ==, 0);
    remove_tree(directory);
}

static void a_directory_that_cannot_be_made_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(recorder_new("/proc/nhipcau", "Họp thử", &error));
    g_assert_nonnull(strstr(error->message, "/proc/nhipcau"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recorder/files_chapters_and_manifest_agree",
                    files_chapters_and_manifest_agree);
    g_test_add_func("/recorder/a_killed_recording_opens_and_lacks_two_seconds_at_most",
                    a_killed_recording_opens_and_lacks_two_seconds_at_most);
    g_test_add_func("/recorder/a_directory_that_cannot_be_made_is_named",
                    a_directory_that_cannot_be_made_is_named);
    return g_test_run();
}

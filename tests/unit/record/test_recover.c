/* What a killed process, a full disk or a power loss leaves of a recording. */
#include "tests/unit/record/stage.h"

#include "bridge/record/disk.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES_ALLOWED 20000 /* some four seconds of the tone */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static unsigned recover(const struct stage *stage)
{
    g_autoptr(GError) error = NULL;
    unsigned recovered = recorder_recover(stage->directory, &error);
    g_assert_no_error(error);
    return recovered;
}

/* ---- processes that do not live to stop their recorder ---- */

/* Records ten times as fast as life until it is killed; a byte on the standard output for each
 * second that it has handed over. */
static int record_until_killed(const char *directory)
{
    struct stage stage;
    stage_open_in(&stage, directory);
    stage_record(&stage);
    recorder_speaker_begin(stage.recorder, 0, "hue", "Thành phố Huế");
    for (int64_t frame = 0;; frame++) {
        stage_feed(&stage, frame, 1, "hue");
        g_usleep(2000);
        if (frame % FRAMES_PER_SECOND == FRAMES_PER_SECOND - 1 && write(STDOUT_FILENO, "s", 1) != 1)
            return 1;
    }
}

/* A recording that was killed after `seconds`. */
static void kill_after(struct stage *stage, int seconds)
{
    int output;
    char byte;
    stage_open(stage);
    GPid child = stage_spawn("--record-until-killed", stage->directory, &output);
    for (int i = 0; i < seconds; i++)
        g_assert_cmpint(read(output, &byte, 1), ==, 1);
    kill(child, SIGKILL);
    stage_reap(child);
    close(output);
}

static unsigned failures;

static void on_failed(const char *why, void *arg)
{
    (void)arg;
    g_assert_nonnull(strstr(why, "program.webm"));
    failures++;
}

/* Speeches whose chapters need more room than the disk has in the end. */
static void speak_often(struct recorder *recorder)
{
    for (int64_t i = 0; i < 60; i++) {
        recorder_speaker_begin(recorder, i * FRAME_SAMPLES, "hue",
                               "Phó Chủ tịch Ủy ban nhân dân Thành phố Huế");
        recorder_speaker_end(recorder, (i + 1) * FRAME_SAMPLES, "hue");
    }
}

/* Records onto a disk that has room for little. 0: the recorder bore it as it should. */
static int record_until_full(const char *directory, bool has_chapters)
{
    const struct rlimit limit = {BYTES_ALLOWED, BYTES_ALLOWED};
    struct stage stage;
    struct stopped stopped;
    stage_open_in(&stage, directory);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    stage_record(&stage);
    recorder_watch(stage.recorder, on_failed, NULL);
    if (has_chapters)
        speak_often(stage.recorder);
    for (int64_t frame = 0; failures == 0; frame++) {
        stage_feed(&stage, frame, 1, NULL);
        g_usleep(1000);
        g_main_context_iteration(NULL, FALSE);
    }
    stage_stop(&stage, &stopped);
    stage_close(&stage);
    bool is_told = failures == 1 && stopped.error != NULL;
    g_free(stopped.error);
    return is_told ? 0 : 1;
}

/* ---- the tests ---- */

/* All lines of the log that tell of a cluster of the file hold, but perhaps the last: a line is
 * written before its cluster. */
static void verify_clusters(const struct stage *stage, const char *file)
{
    g_autofree char *log_path = g_build_filename(stage->part, "manifest.jsonl", NULL);
    g_autofree char *path = g_build_filename(stage->part, file, NULL);
    g_autofree char *log = NULL, *content = NULL;
    gsize size;
    unsigned found = 0;
    bool is_torn = false;
    g_assert_true(g_file_get_contents(log_path, &log, NULL, NULL));
    g_assert_true(g_file_get_contents(path, &content, &size, NULL));
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
    for (char **line = lines; line[0] != NULL && line[1] != NULL; line++) {
        char sha256[DISK_SHA256_SIZE];
        json_t *entry = json_loads(*line, 0, NULL);
        g_assert_nonnull(entry);
        if (strcmp(text_of(entry, "type"), "cluster") == 0 &&
            strcmp(text_of(entry, "file"), file) == 0) {
            json_int_t offset = number_of(entry, "offset"), length = number_of(entry, "length");
            g_assert_false(is_torn);
            is_torn = offset + length > (json_int_t)size;
            if (is_torn) {
                json_decref(entry);
                continue;
            }
            disk_sha256(content + offset, (size_t)length, sha256);
            g_assert_cmpstr(sha256, ==, text_of(entry, "sha256"));
            g_assert_cmpint(number_of(entry, "end_us") - number_of(entry, "start_us"), <=, 1000000);
            found++;
        }
        json_decref(entry);
    }
    g_assert_cmpuint(found, >, 0);
}

static double last_packet_time(const struct stage *stage, const char *file)
{
    json_t *probe = stage_probe(stage, file);
    double time = probe_packet_time(probe, probe_packets(probe) - 1);
    json_decref(probe);
    return time;
}

static void a_killed_recording_opens_and_lacks_two_seconds_at_most(void)
{
    static const char *const files[] = {"program.webm", "speaker-1-hue.webm"};
    struct stage stage;
    kill_after(&stage, 6);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        verify_clusters(&stage, files[i]);
        g_assert_cmpfloat(last_packet_time(&stage, files[i]), >=, 4.0 - 0.021);
        for (int decoder = DECODE_FFMPEG; decoder <= DECODE_GSTREAMER; decoder++) {
            g_autoptr(GArray) sound = stage_decode(&stage, files[i], (enum decoder)decoder);
            g_assert_cmpuint(sound->len, >=, 4 * 48000 - FRAME_SAMPLES);
            g_assert_cmpfloat(tone_strength((int16_t *)sound->data, 3 * 48000, i == 0 ? 440 : 880),
                              >, 0.2);
        }
    }
    stage_close(&stage);
}

static void a_killed_recording_is_finished_later(void)
{
    struct stage stage;
    kill_after(&stage, 4);
    double last = last_packet_time(&stage, "program.webm");
    g_assert_cmpuint(recover(&stage), ==, 1);
    json_t *manifest = stage_manifest(&stage);
    stage_verify(&stage, manifest);
    g_assert_true(json_is_true(json_object_get(manifest, "recovered")));
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "files")), ==, 2);
    json_t *probe = stage_probe(&stage, "program.webm");
    g_assert_cmpfloat_with_epsilon(probe_packet_time(probe, probe_packets(probe) - 1), last, 0.001);
    g_assert_cmpfloat_with_epsilon(probe_duration(probe), last + 0.02, 0.002);
    g_assert_cmpfloat_with_epsilon((double)number_of(manifest, "duration_us") / 1e6, last + 0.02,
                                   0.002);
    json_t *chapter = json_array_get(json_object_get(probe, "chapters"), 0);
    g_assert_cmpstr(text_of(json_object_get(chapter, "tags"), "title"), ==, "Thành phố Huế");
    json_decref(probe);
    json_decref(manifest);
    g_assert_cmpuint(recover(&stage), ==, 0);
    stage_close(&stage);
}

static void append(const struct stage *stage, const char *file, const char *bytes)
{
    g_autofree char *path = g_build_filename(stage->part, file, NULL);
    FILE *stream = fopen(path, "ae");
    g_assert_nonnull(stream);
    g_assert_cmpint(fputs(bytes, stream), >=, 0);
    fclose(stream);
}

static void a_torn_end_is_cut_off(void)
{
    struct stage stage;
    kill_after(&stage, 3);
    double last = last_packet_time(&stage, "program.webm");
    /* A cluster's beginning, and lines that are none. */
    append(&stage, "program.webm", "\x1f\x43\xb6\x75\x01torn");
    append(&stage, "manifest.jsonl", "{\"type\":\"cluster\",\"file\":\"prog");
    g_assert_cmpuint(recover(&stage), ==, 1);
    g_assert_cmpfloat_with_epsilon(last_packet_time(&stage, "program.webm"), last, 0.001);
    stage_close(&stage);
}

static void a_cluster_that_only_the_log_has_is_left_out(void)
{
    struct stage stage;
    kill_after(&stage, 4);
    g_autofree char *path = g_build_filename(stage.part, "program.webm", NULL);
    g_autofree char *content = NULL;
    gsize size;
    double last = last_packet_time(&stage, "program.webm");
    g_assert_true(g_file_get_contents(path, &content, &size, NULL));
    memset(content + size - 100, 0, 100);
    g_assert_true(g_file_set_contents_full(path, content, (gssize)size, 0, 0600, NULL));
    g_assert_cmpuint(recover(&stage), ==, 1);
    g_assert_cmpfloat_with_epsilon(last_packet_time(&stage, "program.webm"), last - 1, 0.021);
    stage_close(&stage);
}

static void sound_outlives_a_ruined_log(void)
{
    struct stage stage;
    kill_after(&stage, 3);
    g_autofree char *path = g_build_filename(stage.part, "manifest.jsonl", NULL);
    g_autofree char *log = NULL;
    double last = last_packet_time(&stage, "program.webm");
    g_assert_true(g_file_get_contents(path, &log, NULL, NULL));
    char *cluster = strstr(log, "{\"type\":\"cluster\"");
    memcpy(cluster, "\x01\n", sizeof "\x01\n");
    g_assert_true(g_file_set_contents_full(path, log, -1, 0, 0600, NULL));
    g_assert_cmpuint(recover(&stage), ==, 1);
    g_assert_cmpfloat(last_packet_time(&stage, "program.webm"), >=, last - 0.001);
    stage_close(&stage);
}

static void a_finish_that_was_cut_short_is_done_again(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 0, 150, "hue");
    stage_stop_well(&stage);
    g_autofree char *manifest_path = g_build_filename(stage.part, "manifest.json", NULL);
    g_assert_cmpint(g_remove(manifest_path), ==, 0);
    g_assert_cmpuint(recover(&stage), ==, 1);
    json_t *manifest = stage_manifest(&stage), *probe = stage_probe(&stage, "program.webm");
    stage_verify(&stage, manifest);
    g_assert_cmpuint(probe_packets(probe), ==, 150);
    json_decref(probe);
    json_decref(manifest);
    stage_close(&stage);
}

static void a_ruined_file_does_not_hold_up_the_others(void)
{
    struct stage stage;
    kill_after(&stage, 3);
    g_autofree char *path = g_build_filename(stage.part, "speaker-1-hue.webm", NULL);
    g_assert_true(g_file_set_contents_full(path, "\0\0\0\0", 4, 0, 0600, NULL));
    g_assert_cmpuint(recover(&stage), ==, 1);
    json_t *manifest = stage_manifest(&stage), *file;
    size_t index;
    json_array_foreach (json_object_get(manifest, "files"), index, file)
        g_assert_cmpint(strcmp(text_of(file, "kind"), "speaker") == 0, ==,
                        text_of(file, "damaged") != NULL);
    stage_verify(&stage, manifest);
    json_decref(manifest);
    stage_close(&stage);
}

static void a_part_that_cannot_be_read_does_not_hold_up_the_others(void)
{
    struct stage stage;
    g_autoptr(GError) error = NULL;
    kill_after(&stage, 2);
    stage_record(&stage);
    g_assert_cmpstr(recorder_path(stage.recorder), ==, "part-002");
    stage_stop_well(&stage);
    g_autofree char *second = g_build_filename(stage.directory, "part-002", NULL);
    g_autofree char *manifest = g_build_filename(second, "manifest.json", NULL);
    g_autofree char *log = g_build_filename(stage.part, "manifest.jsonl", NULL);
    g_assert_cmpint(g_remove(manifest), ==, 0);
    g_assert_cmpint(g_remove(log), ==, 0);
    g_assert_cmpint(g_mkdir_with_parents(log, 0700), ==, 0);
    g_assert_cmpuint(recorder_recover(stage.directory, &error), ==, 1);
    g_assert_nonnull(strstr(error->message, "part-001"));
    g_assert_true(g_file_test(manifest, G_FILE_TEST_EXISTS));
    stage_close(&stage);
}

static void a_part_without_a_log_is_an_empty_one(void)
{
    struct stage stage;
    stage_open(&stage);
    g_assert_cmpint(g_mkdir_with_parents(stage.part, 0700), ==, 0);
    g_assert_cmpuint(recover(&stage), ==, 1);
    json_t *manifest = stage_manifest(&stage);
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "files")), ==, 0);
    json_decref(manifest);
    stage_close(&stage);
}

static void fill_disk(struct stage *stage, const char *what)
{
    int output;
    stage_open(stage);
    GPid child = stage_spawn(what, stage->directory, &output);
    int status = stage_reap(child);
    close(output);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void a_full_disk_ends_the_recording_and_keeps_what_was_there(void)
{
    struct stage stage;
    fill_disk(&stage, "--record-until-full");
    json_t *manifest = stage_manifest(&stage), *probe = stage_probe(&stage, "program.webm");
    stage_verify(&stage, manifest);
    g_assert_cmpint(number_of(manifest, "duration_us"), >=, 1000000);
    g_assert_cmpfloat_with_epsilon(probe_duration(probe),
                                   (double)number_of(manifest, "duration_us") / 1e6, 0.001);
    json_decref(probe);
    json_decref(manifest);
    stage_close(&stage);
}

static void a_disk_too_full_to_finish_on_is_waited_for(void)
{
    struct stage stage;
    fill_disk(&stage, "--record-until-full-with-chapters");
    g_autofree char *path = g_build_filename(stage.part, "manifest.json", NULL);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    verify_clusters(&stage, "program.webm");
    /* There is room again. */
    g_assert_cmpuint(recover(&stage), ==, 1);
    json_t *manifest = stage_manifest(&stage);
    stage_verify(&stage, manifest);
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "chapters")), ==, 60);
    json_decref(manifest);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
#define TEST(name) {"/recover/" #name, name}
        TEST(a_killed_recording_opens_and_lacks_two_seconds_at_most),
        TEST(a_killed_recording_is_finished_later),
        TEST(a_torn_end_is_cut_off),
        TEST(a_cluster_that_only_the_log_has_is_left_out),
        TEST(sound_outlives_a_ruined_log),
        TEST(a_finish_that_was_cut_short_is_done_again),
        TEST(a_ruined_file_does_not_hold_up_the_others),
        TEST(a_part_that_cannot_be_read_does_not_hold_up_the_others),
        TEST(a_part_without_a_log_is_an_empty_one),
        TEST(a_full_disk_ends_the_recording_and_keeps_what_was_there),
        TEST(a_disk_too_full_to_finish_on_is_waited_for),
    };
    if (argc == 3 && strcmp(argv[1], "--record-until-killed") == 0)
        return record_until_killed(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--record-until-full") == 0)
        return record_until_full(argv[2], false);
    if (argc == 3 && strcmp(argv[1], "--record-until-full-with-chapters") == 0)
        return record_until_full(argv[2], true);
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}

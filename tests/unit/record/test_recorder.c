/* Recordings of real Opus, read back by ffprobe, ffmpeg, GStreamer and their own manifest. */
#include "tests/unit/record/stage.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* ---- a disk of our own making: fdatasync() waits at the gate while that is closed ---- */

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opens = PTHREAD_COND_INITIALIZER;
static bool gate_is_closed;

static void gate_set(bool is_closed)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_closed = is_closed;
    pthread_cond_broadcast(&gate_opens);
    pthread_mutex_unlock(&gate_lock);
}

/* Takes the C library's place in this program. */
int fdatasync(int fd)
{
    pthread_mutex_lock(&gate_lock);
    while (gate_is_closed)
        pthread_cond_wait(&gate_opens, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
    return fsync(fd);
}

/* ---- what is recorded ---- */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void every_second_of_sound_is_where_it_was(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    for (int second = 0; second < 5; second++) {
        stage.program.hz = 300 + 100 * second;
        stage_feed(&stage, second * FRAMES_PER_SECOND, FRAMES_PER_SECOND, NULL);
    }
    g_assert_cmpint(stage_stop_well(&stage), ==, 5000000);
    for (int decoder = DECODE_FFMPEG; decoder <= DECODE_GSTREAMER; decoder++) {
        g_autoptr(GArray) sound = stage_decode(&stage, "program.webm", (enum decoder)decoder);
        const int16_t *samples = (const int16_t *)sound->data;
        g_assert_cmpint(ABS((int)sound->len - 5 * 48000), <=, FRAME_SAMPLES);
        for (int second = 0; second < 5; second++) {
            /* Its middle: around the change both tones are heard. */
            const int16_t *middle = samples + second * 48000 + 4800;
            g_assert_cmpfloat(tone_strength(middle, 38400, 300 + 100 * second), >, 0.2);
            g_assert_cmpfloat(tone_strength(middle, 38400, 300 + 100 * ((second + 1) % 5)), <,
                              0.01);
        }
    }
    stage_close(&stage);
}

static void a_gap_stays_a_gap(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 0, 50, NULL);
    stage_feed(&stage, 150, 50, NULL);
    g_assert_cmpint(stage_stop_well(&stage), ==, 4000000);
    json_t *probe = stage_probe(&stage, "program.webm");
    g_assert_cmpuint(probe_packets(probe), ==, 100);
    g_assert_cmpfloat_with_epsilon(probe_packet_time(probe, 49), 0.98, 0.0011);
    g_assert_cmpfloat_with_epsilon(probe_packet_time(probe, 50), 3.0, 0.0011);
    g_assert_cmpfloat_with_epsilon(probe_duration(probe), 4.0, 0.01);
    json_decref(probe);
    g_autoptr(GArray) sound = stage_decode(&stage, "program.webm", DECODE_FFMPEG);
    const int16_t *samples = (const int16_t *)sound->data;
    g_assert_cmpfloat(tone_strength(samples + 4800, 38400, 440), >, 0.2);
    g_assert_cmpfloat(tone_strength(samples + 52800, 86400, 440), <, 0.001);
    g_assert_cmpfloat(tone_strength(samples + 3 * 48000 + 4800, 38400, 440), >, 0.2);
    stage_close(&stage);
}

static void a_late_beginning_stays_late(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 350, 50, "hue");
    stage_stop_well(&stage);
    json_t *probe = stage_probe(&stage, "speaker-1-hue.webm");
    g_assert_cmpfloat_with_epsilon(probe_packet_time(probe, 0), 7.0, 0.0011);
    json_decref(probe);
    stage_close(&stage);
}

static void chapters_tell_who_spoke_when(void)
{
    struct stage stage;
    static const struct {
        const char *title;
        double start, end;
    } expected[] = {{"Thành phố Huế", 1, 3}, {"Thành phố Đà Nẵng", 2, 4}, {"Thành phố Huế", 4, 5}};
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 0, 50, NULL);
    recorder_speaker_begin(stage.recorder, 50 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    stage_feed(&stage, 50, 50, "hue");
    recorder_speaker_begin(stage.recorder, 100 * FRAME_SAMPLES, "da-nang", "Thành phố Đà Nẵng");
    stage_feed(&stage, 100, 50, "hue");
    recorder_speaker_end(stage.recorder, 150 * FRAME_SAMPLES, "hue");
    stage_feed(&stage, 150, 50, "da-nang");
    recorder_speaker_end(stage.recorder, 200 * FRAME_SAMPLES, "da-nang");
    /* The recording's end cuts him off. */
    recorder_speaker_begin(stage.recorder, 200 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    stage_feed(&stage, 200, 50, "hue");
    stage_stop_well(&stage);
    json_t *probe = stage_probe(&stage, "program.webm");
    json_t *chapters = json_object_get(probe, "chapters");
    g_assert_cmpuint(json_array_size(chapters), ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        json_t *chapter = json_array_get(chapters, i);
        g_assert_cmpstr(text_of(json_object_get(chapter, "tags"), "title"), ==, expected[i].title);
        g_assert_cmpfloat_with_epsilon(g_ascii_strtod(text_of(chapter, "start_time"), NULL),
                                       expected[i].start, 0.001);
        g_assert_cmpfloat_with_epsilon(g_ascii_strtod(text_of(chapter, "end_time"), NULL),
                                       expected[i].end, 0.001);
    }
    json_t *tags = json_object_get(json_object_get(probe, "format"), "tags");
    g_assert_cmpstr(text_of(tags, "title"), ==, "Họp thử");
    json_decref(probe);
    stage_close(&stage);
}

static void the_manifest_lists_what_is_there(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    g_assert_cmpuint(recorder_part(stage.recorder), ==, 1);
    g_assert_cmpstr(recorder_path(stage.recorder), ==, "part-001");
    recorder_speaker_begin(stage.recorder, 25 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    stage_feed(&stage, 25, 100, "hue");
    recorder_speaker_end(stage.recorder, 125 * FRAME_SAMPLES, "hue");
    stage_stop_well(&stage);
    json_t *manifest = stage_manifest(&stage);
    stage_verify(&stage, manifest);
    g_assert_cmpint(number_of(manifest, "part"), ==, 1);
    g_assert_cmpstr(text_of(manifest, "title"), ==, "Họp thử");
    g_assert_cmpint(number_of(manifest, "duration_us"), ==, 2500000);
    g_assert_true(json_is_false(json_object_get(manifest, "recovered")));
    json_t *files = json_object_get(manifest, "files");
    g_assert_cmpuint(json_array_size(files), ==, 2);
    for (size_t i = 0; i < 2; i++) {
        json_t *file = json_array_get(files, i);
        bool is_program = strcmp(text_of(file, "kind"), "program") == 0;
        json_t *spans = json_object_get(file, "spans");
        g_assert_cmpstr(text_of(file, "file"), ==,
                        is_program ? "program.webm" : "speaker-1-hue.webm");
        g_assert_cmpstr(text_of(file, "leg"), ==, is_program ? NULL : "hue");
        g_assert_cmpstr(text_of(file, "name"), ==, is_program ? "Họp thử" : "Thành phố Huế");
        g_assert_cmpuint(json_array_size(spans), ==, is_program ? 0 : 1);
        if (!is_program) {
            g_assert_cmpint(number_of(json_array_get(spans, 0), "start_us"), ==, 500000);
            g_assert_cmpint(number_of(json_array_get(spans, 0), "end_us"), ==, 2500000);
        }
    }
    json_decref(manifest);
    stage_close(&stage);
}

static void twenty_speakers_have_a_file_each(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    for (int64_t frame = 0; frame < 100; frame++) {
        for (unsigned speaker = 0; speaker < 20; speaker++) {
            uint8_t opus[FRAME_PAYLOAD_MAX];
            char leg[16];
            g_snprintf(leg, sizeof leg, "room-%u", speaker);
            if (frame == 0)
                recorder_speaker_begin(stage.recorder, 0, leg, leg);
            size_t size = tone_next(&stage.speaker, opus, sizeof opus);
            recorder_speaker_packet(stage.recorder, frame * FRAME_SAMPLES, leg, opus, size);
        }
        stage_feed(&stage, frame, 1, NULL);
    }
    g_assert_cmpuint(recorder_dropped(stage.recorder), ==, 0);
    stage_stop_well(&stage);
    json_t *manifest = stage_manifest(&stage);
    stage_verify(&stage, manifest);
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "files")), ==, 21);
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "chapters")), ==, 20);
    json_decref(manifest);
    json_t *probe = stage_probe(&stage, "speaker-20-room-19.webm");
    g_assert_cmpuint(probe_packets(probe), ==, 100);
    json_decref(probe);
    stage_close(&stage);
}

static void who_says_nothing_has_a_chapter_and_no_file(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    recorder_speaker_begin(stage.recorder, 0, "hue", "Thành phố Huế");
    stage_feed(&stage, 0, 50, NULL);
    stage_stop_well(&stage);
    json_t *manifest = stage_manifest(&stage);
    g_autofree char *path = g_build_filename(stage.part, "speaker-1-hue.webm", NULL);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "files")), ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(manifest, "chapters")), ==, 1);
    json_decref(manifest);
    stage_close(&stage);
}

static bool log_has(const struct stage *stage, const char *text)
{
    g_autofree char *path = g_build_filename(stage->part, "manifest.jsonl", NULL);
    g_autofree char *content = NULL;
    return g_file_get_contents(path, &content, NULL, NULL) && strstr(content, text) != NULL;
}

static void who_falls_silent_is_on_the_disk_while_it_goes_on(void)
{
    struct stage stage;
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 0, 10, NULL);
    while (!log_has(&stage, "\"end_us\":200000"))
        g_usleep(1000);
    json_t *probe = stage_probe(&stage, "program.webm");
    g_assert_cmpuint(probe_packets(probe), ==, 10);
    json_decref(probe);
    stage_stop_well(&stage);
    stage_close(&stage);
}

/* ---- what the disk and the peers do to it ---- */

static void a_stalled_disk_costs_packets_but_no_speech(void)
{
    struct stage stage;
    uint8_t opus[FRAME_PAYLOAD_MAX];
    stage_open(&stage);
    stage_record(&stage);
    size_t size = tone_next(&stage.speaker, opus, sizeof opus);
    gate_set(true);
    for (int64_t frame = 0; frame < 6000; frame++)
        recorder_speaker_packet(stage.recorder, frame * FRAME_SAMPLES, "hue", opus, size);
    uint64_t dropped = recorder_dropped(stage.recorder);
    g_assert_cmpuint(dropped, >, 1500);
    recorder_speaker_begin(stage.recorder, 6000 * FRAME_SAMPLES, "hue", "Thành phố Huế");
    recorder_speaker_end(stage.recorder, 6050 * FRAME_SAMPLES, "hue");
    g_assert_cmpuint(recorder_dropped(stage.recorder), ==, dropped);
    gate_set(false);
    stage_stop_well(&stage);
    json_t *manifest = stage_manifest(&stage);
    json_t *chapter = json_array_get(json_object_get(manifest, "chapters"), 0);
    g_assert_cmpuint((uint64_t)number_of(manifest, "dropped_packets"), ==, dropped);
    g_assert_cmpint(number_of(chapter, "start_us"), ==, 120000000);
    g_assert_cmpint(number_of(chapter, "end_us"), ==, 121000000);
    json_decref(manifest);
    json_t *probe = stage_probe(&stage, "speaker-1-hue.webm");
    g_assert_cmpuint(probe_packets(probe), ==, 6000 - dropped);
    json_decref(probe);
    stage_close(&stage);
}

static void what_is_no_sound_is_left_out(void)
{
    struct stage stage;
    uint8_t opus[FRAME_PAYLOAD_MAX];
    static const uint8_t no_opus[] = {0xff, 0x3f, 0, 1, 2, 3}; /* 63 frames of 20 ms: too long */
    stage_open(&stage);
    stage_record(&stage);
    stage_feed(&stage, 0, 50, "hue");
    size_t size = tone_next(&stage.speaker, opus, sizeof opus);
    recorder_speaker_packet(stage.recorder, 50 * FRAME_SAMPLES, "hue", no_opus, sizeof no_opus);
    recorder_speaker_packet(stage.recorder, 51 * FRAME_SAMPLES, "hue", opus, 0);
    recorder_speaker_packet(stage.recorder, 10 * FRAME_SAMPLES, "hue", opus, size);
    stage_feed(&stage, 52, 50, "hue");
    stage_stop_well(&stage);
    json_t *probe = stage_probe(&stage, "speaker-1-hue.webm");
    g_assert_cmpuint(probe_packets(probe), ==, 100);
    json_decref(probe);
    stage_close(&stage);
}

static void names_from_outside_become_neither_paths_nor_broken_text(void)
{
    struct stage stage;
    uint8_t opus[FRAME_PAYLOAD_MAX];
    g_autoptr(GString) name = g_string_new(NULL);
    for (int i = 0; i < 200; i++)
        g_string_append(name, "𝄞"); /* four bytes each: the longest name there can be */
    stage_open(&stage);
    stage_record(&stage);
    size_t size = tone_next(&stage.speaker, opus, sizeof opus);
    recorder_speaker_begin(stage.recorder, 0, "../../hue", name->str);
    recorder_speaker_packet(stage.recorder, 0, "../../hue", opus, size);
    recorder_speaker_begin(stage.recorder, 0, "account.thu-ky", "\xff\xfe");
    recorder_speaker_packet(stage.recorder, 0, "account.thu-ky", opus, size);
    stage_stop_well(&stage);
    json_t *manifest = stage_manifest(&stage);
    stage_verify(&stage, manifest);
    json_t *files = json_object_get(manifest, "files");
    g_assert_cmpstr(text_of(json_array_get(files, 0), "file"), ==, "speaker-1.webm");
    g_assert_cmpstr(text_of(json_array_get(files, 0), "name"), ==, name->str);
    g_assert_cmpstr(text_of(json_array_get(files, 1), "file"), ==, "speaker-2.webm");
    json_decref(manifest);
    stage_close(&stage);
}

static void a_removed_parts_number_is_not_given_again(void)
{
    struct stage stage;
    stage_open(&stage);
    g_autofree char *fourth = g_build_filename(stage.directory, "part-004", NULL);
    g_assert_cmpint(g_mkdir_with_parents(fourth, 0700), ==, 0);
    stage_record(&stage);
    g_assert_cmpstr(recorder_path(stage.recorder), ==, "part-005");
    stage_stop_well(&stage);
    stage_close(&stage);
}

static void a_directory_that_cannot_be_made_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(recorder_new("/proc/nhipcau", "Họp thử", &error));
    g_assert_nonnull(strstr(error->message, "/proc/nhipcau"));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
#define TEST(name) {"/recorder/" #name, name}
        TEST(every_second_of_sound_is_where_it_was),
        TEST(a_gap_stays_a_gap),
        TEST(a_late_beginning_stays_late),
        TEST(chapters_tell_who_spoke_when),
        TEST(the_manifest_lists_what_is_there),
        TEST(twenty_speakers_have_a_file_each),
        TEST(who_says_nothing_has_a_chapter_and_no_file),
        TEST(who_falls_silent_is_on_the_disk_while_it_goes_on),
        TEST(a_stalled_disk_costs_packets_but_no_speech),
        TEST(what_is_no_sound_is_left_out),
        TEST(names_from_outside_become_neither_paths_nor_broken_text),
        TEST(a_removed_parts_number_is_not_given_again),
        TEST(a_directory_that_cannot_be_made_is_named),
    };
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}

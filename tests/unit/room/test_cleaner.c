/* What the microphone's cleaning is worth, measured: a far voice comes out of the speaker and back
 * into the microphone, later and softer, as it does in a hall. */
#include "client/room/cleaner.h"

#include <glib.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#define RATE      48000
#define FRAME     480 /* 10 ms: WebRTC's own */
#define SECONDS   16
#define SAMPLES   (RATE * SECONDS)
#define ECHO_MS   35
#define ECHO_GAIN 0.5
#define SETTLED   (RATE * 8) /* the canceller has learnt by then */

struct hall {
    GstElement *pipeline, *far_in, *near_in, *near_out;
    int16_t *far, *microphone, *cleaned;
    size_t cleaned_count;
};

/* A voice, more or less: noise in syllables, coloured by a formant that wanders. */
static void speak(int16_t *samples, unsigned seed, unsigned from, unsigned until)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    double last = 0, before = 0;
    for (unsigned i = from; i < until; i++) {
        double seconds = (double)i / RATE;
        double formant = 500 + 300 * sin(seconds * 2.1 + seed);
        double radius = 0.98, angle = 2 * G_PI * formant / RATE;
        double value = g_rand_double_range(random, -1, 1) + 2 * radius * cos(angle) * last -
                       radius * radius * before;
        before = last;
        last = value;
        double syllable = fmax(0, sin(2 * G_PI * 2.5 * seconds + seed));
        samples[i] = (int16_t)(value * 500 * syllable);
    }
}

/* Speakers and rooms smear. */
static void add_echo(struct hall *hall, unsigned milliseconds)
{
    const unsigned delay = RATE * milliseconds / 1000;
    static const double taps[] = {1, 0.4, -0.3, 0.2, 0.1};
    for (unsigned i = delay + 4 * 211; i < SAMPLES; i++) {
        double sum = 0;
        for (unsigned k = 0; k < G_N_ELEMENTS(taps); k++)
            sum += taps[k] * hall->far[i - delay - k * 211];
        hall->microphone[i] =
            (int16_t)CLAMP(hall->microphone[i] + ECHO_GAIN * sum, G_MININT16, G_MAXINT16);
    }
}

static GstElement *make_source(void)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(CLEANER_CAPS);
    GstElement *source = gst_element_factory_make("appsrc", NULL);
    g_object_set(source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
    return source;
}

static GstElement *add_chain(struct hall *hall, GstElement *first, const char *middle,
                             GstElement *last)
{
    g_autoptr(GError) error = NULL;
    GstElement *bin = gst_parse_bin_from_description(middle, TRUE, &error);
    g_assert_no_error(error);
    gst_bin_add_many(GST_BIN(hall->pipeline), first, bin, last, NULL);
    g_assert_true(gst_element_link_many(first, bin, last, NULL));
    return bin;
}

static void push(GstElement *source, const int16_t *samples, unsigned at)
{
    GstBuffer *buffer = gst_buffer_new_memdup(samples + at, FRAME * sizeof *samples);
    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale(at, GST_SECOND, RATE);
    GST_BUFFER_DURATION(buffer) = 10 * GST_MSECOND;
    gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
}

static void take(struct hall *hall, GstSample *sample)
{
    GstMapInfo map;
    gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
    size_t count = MIN(map.size / sizeof(int16_t), SAMPLES - hall->cleaned_count);
    memcpy(hall->cleaned + hall->cleaned_count, map.data, count * sizeof(int16_t));
    hall->cleaned_count += count;
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    gst_sample_unref(sample);
}

/* Plays and records all of it, as fast as it goes, the speaker ahead as it is in a room. */
static void run(struct hall *hall, const struct cleaner_options *options)
{
    static unsigned runs;
    g_autofree char *probe = g_strdup_printf("test-probe-%u", runs++);
    g_autofree char *inwards = cleaner_describe_microphone(options, probe);
    g_autofree char *outwards = cleaner_describe_speaker(options, probe);
    GstElement *far_out = gst_element_factory_make("appsink", NULL);
    hall->pipeline = gst_pipeline_new(NULL);
    hall->far_in = make_source();
    hall->near_in = make_source();
    hall->near_out = gst_element_factory_make("appsink", NULL);
    g_object_set(far_out, "sync", FALSE, "async", FALSE, NULL);
    g_object_set(hall->near_out, "sync", FALSE, "async", FALSE, NULL);
    cleaner_delay_echo(add_chain(hall, hall->far_in, outwards, far_out), probe,
                       options->echo_delay_ms);
    add_chain(hall, hall->near_in, inwards, hall->near_out);
    gst_element_set_state(hall->pipeline, GST_STATE_PLAYING);
    for (unsigned at = 0; at + FRAME <= SAMPLES; at += FRAME) {
        GstSample *sample;
        push(hall->far_in, hall->far, at);
        sample = gst_app_sink_pull_sample(GST_APP_SINK(far_out)); /* the probe has heard it */
        g_assert_nonnull(sample);
        gst_sample_unref(sample);
        push(hall->near_in, hall->microphone, at);
        /* Step by step: what is played and what is heard keep pace, as they do in a room. */
        sample = gst_app_sink_try_pull_sample(GST_APP_SINK(hall->near_out), GST_SECOND);
        g_assert_nonnull(sample);
        take(hall, sample);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(hall->near_in));
    GstSample *sample;
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(hall->near_out))) != NULL)
        take(hall, sample);
    gst_element_set_state(hall->pipeline, GST_STATE_NULL);
    gst_object_unref(hall->pipeline);
}

static double power(const int16_t *samples, size_t from, size_t until)
{
    double sum = 1e-9;
    for (size_t i = from; i < until; i++)
        sum += (double)samples[i] * samples[i];
    return sum / (double)(until - from);
}

static double decibels(double ratio)
{
    return 10 * log10(ratio);
}

static struct hall hall_new(void)
{
    struct hall hall = {.far = g_new0(int16_t, SAMPLES),
                        .microphone = g_new0(int16_t, SAMPLES),
                        .cleaned = g_new0(int16_t, SAMPLES)};
    return hall;
}

static void hall_clear(struct hall *hall)
{
    g_free(hall->far);
    g_free(hall->microphone);
    g_free(hall->cleaned);
}

static bool is_missing(void)
{
    if (cleaner_is_available())
        return false;
    g_test_skip("gstreamer1.0-plugins-bad has no webrtcdsp here");
    return true;
}

static const struct cleaner_options echo_only = {.cancels_echo = true};

/* Echo return loss enhancement: by how many dB the echo is softer behind the canceller (ITU-T
 * G.168). */
static double measure(const struct cleaner_options *options, unsigned echo_ms)
{
    struct hall hall = hall_new();
    speak(hall.far, 1, 0, SAMPLES);
    add_echo(&hall, echo_ms);
    run(&hall, options);
    double enhancement = decibels(power(hall.microphone, SETTLED, SAMPLES - RATE) /
                                  power(hall.cleaned, SETTLED, SAMPLES - RATE));
    g_test_message("ERLE %.1f dB", enhancement);
    hall_clear(&hall);
    return enhancement;
}

static void the_echo_of_the_far_side_is_taken_out(void)
{
    if (!is_missing())
        g_assert_cmpfloat(measure(&echo_only, ECHO_MS), >, 20);
}

static void a_late_echo_is_taken_out_where_it_is_told(void)
{
    static const struct cleaner_options late = {.cancels_echo = true, .echo_delay_ms = 180};
    if (!is_missing())
        g_assert_cmpfloat(measure(&late, 200), >, 20);
}

static void without_it_the_echo_stays(void)
{
    static const struct cleaner_options nothing;
    if (!is_missing())
        g_assert_cmpfloat(fabs(measure(&nothing, ECHO_MS)), <, 1);
}

/* Who speaks here, while the far side is silent, is not touched. */
static void the_near_voice_stays(void)
{
    if (is_missing())
        return;
    struct hall hall = hall_new();
    speak(hall.far, 1, 0, SETTLED);
    speak(hall.microphone, 2, SETTLED + RATE, SAMPLES);
    double said = power(hall.microphone, SETTLED + 2 * RATE, SAMPLES - RATE);
    add_echo(&hall, ECHO_MS);
    run(&hall, &echo_only);
    double change = decibels(power(hall.cleaned, SETTLED + 2 * RATE, SAMPLES - RATE) / said);
    g_test_message("near voice %+.1f dB", change);
    g_assert_cmpfloat(fabs(change), <, 3);
    hall_clear(&hall);
}

static void steady_noise_is_softened(void)
{
    if (is_missing())
        return;
    static const struct cleaner_options noise_only = {.suppresses_noise = true};
    struct hall hall = hall_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    for (unsigned i = 0; i < SAMPLES; i++)
        hall.microphone[i] = (int16_t)g_rand_int_range(random, -500, 500);
    run(&hall, &noise_only);
    double change = decibels(power(hall.cleaned, SETTLED, SAMPLES - RATE) /
                             power(hall.microphone, SETTLED, SAMPLES - RATE));
    g_test_message("noise %+.1f dB", change);
    g_assert_cmpfloat(change, <, -6);
    hall_clear(&hall);
}

/* For the suppressions of what libraries leak, whole stacks are needed. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(NULL, NULL);
    g_test_add_func("/cleaner/the_echo_of_the_far_side_is_taken_out",
                    the_echo_of_the_far_side_is_taken_out);
    g_test_add_func("/cleaner/a_late_echo_is_taken_out_where_it_is_told",
                    a_late_echo_is_taken_out_where_it_is_told);
    g_test_add_func("/cleaner/without_it_the_echo_stays", without_it_the_echo_stays);
    g_test_add_func("/cleaner/the_near_voice_stays", the_near_voice_stays);
    g_test_add_func("/cleaner/steady_noise_is_softened", steady_noise_is_softened);
    int status = g_test_run();
    gst_deinit();
    return status;
}

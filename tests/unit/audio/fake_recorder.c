#include "tests/unit/audio/fake_recorder.h"

#include <string.h>

struct recorder *fake_recorder_new(void)
{
    return g_new0(struct recorder, 1);
}

void fake_recorder_free(struct recorder *recorder)
{
    g_free(recorder);
}

static void G_GNUC_PRINTF(2, 3) tell(struct recorder *recorder, const char *format, ...)
{
    size_t length = strlen(recorder->story);
    va_list values;
    va_start(values, format);
    g_vsnprintf(recorder->story + length, sizeof recorder->story - length, format, values);
    va_end(values);
}

void recorder_starts_at(struct recorder *recorder, int64_t monotonic_us)
{
    (void)recorder;
    (void)monotonic_us;
}

void recorder_program(struct recorder *recorder, int64_t time_samples, struct frame *frame)
{
    g_assert_cmpuint(frame->size, >, 0);
    recorder->program++;
    recorder->program_time = time_samples;
}

void recorder_speaker_begin(struct recorder *recorder, int64_t time_samples, const char *leg,
                            const char *name)
{
    tell(recorder, "begin %s (%s)@%" G_GINT64_FORMAT " ", leg, name, time_samples);
}

void recorder_speaker_packet(struct recorder *recorder, int64_t time_samples, const char *leg,
                             const uint8_t *opus, size_t size)
{
    g_assert_nonnull(leg);
    g_assert_nonnull(opus);
    g_assert_cmpuint(size, >, 0);
    recorder->speaker_packets++;
    recorder->packet_time = time_samples;
}

void recorder_speaker_end(struct recorder *recorder, int64_t time_samples, const char *leg)
{
    tell(recorder, "end %s@%" G_GINT64_FORMAT " ", leg, time_samples);
}

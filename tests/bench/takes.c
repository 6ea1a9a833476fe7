#include "tests/bench/takes.h"

#include "bridge/audio/level.h"
#include "tests/unit/audio/speech.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RATE  48000u
#define FRAME 960u
#define QUIET (-45) /* dBFS of a recording's pauses */

static void read_file(struct take *take, const char *path)
{
    g_autoptr(GError) error = NULL;
    char *bytes;
    gsize size;
    if (!g_file_get_contents(path, &bytes, &size, &error))
        g_error("%s", error->message);
    take->samples = (int16_t *)(void *)bytes;
    take->count = size / sizeof(int16_t);
}

static void make_up(struct take *take, unsigned index, unsigned seconds)
{
    static const double pitches[] = {115, 210, 140, 235, 95, 180};
    struct speech speech = speech_new(pitches[index % G_N_ELEMENTS(pitches)], -23);
    take->count = (size_t)seconds * RATE;
    take->samples = g_new(int16_t, take->count);
    speech_read(&speech, take->samples, (unsigned)take->count);
}

static void trim(struct take *take)
{
    size_t from = 0;
    while (from + FRAME < take->count && level_dbov(take->samples + from, FRAME) < QUIET)
        from += FRAME;
    while (take->count > from + FRAME &&
           level_dbov(take->samples + take->count - FRAME, FRAME) < QUIET)
        take->count -= FRAME;
    take->count -= from;
    memmove(take->samples, take->samples + from, take->count * sizeof *take->samples);
}

static void repeat(struct take *take, size_t wanted)
{
    size_t have = take->count;
    take->samples = g_renew(int16_t, take->samples, MAX(wanted, have));
    for (size_t i = have; i < wanted; i++)
        take->samples[i] = take->samples[i - have];
    take->count = MAX(wanted, have);
}

struct take take_read(char *const *paths, unsigned path_count, unsigned index, unsigned seconds)
{
    struct take take = {0};
    if (path_count == 0)
        make_up(&take, index, seconds);
    else
        read_file(&take, paths[index % path_count]);
    trim(&take);
    repeat(&take, (size_t)seconds * RATE);
    return take;
}

void take_scale(struct take *take, double dbfs)
{
    double squares = 0;
    size_t spoken = 0;
    for (size_t at = 0; at + FRAME <= take->count; at += FRAME) {
        double rms = level_rms(take->samples + at, FRAME);
        if (level_dbov(take->samples + at, FRAME) < QUIET)
            continue;
        squares += rms * rms;
        spoken++;
    }
    double factor = 32767 * pow(10, dbfs / 20) / sqrt(squares / (double)MAX(spoken, 1));
    for (size_t i = 0; i < take->count; i++)
        take->samples[i] = (int16_t)lrint(CLAMP(take->samples[i] * factor, -32768, 32767));
}

void take_free(struct take *take)
{
    g_free(take->samples);
}

double takes_cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

long takes_memory_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

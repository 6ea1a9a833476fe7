#include "bridge/audio/gain.h"

#include <math.h>
#include <string.h>

#define HOP           5        /* frames, 100 ms: blocks overlap by 75 % */
#define ABSOLUTE_GATE (-60.0f) /* LUFS: quieter is no speech in any room */
#define RELATIVE_GATE 10.0     /* LU under the mean (EBU Tech 3342: "gated") */
#define ABOVE_NOISE   9.0f     /* dB by which speech stands out */
#define FLOOR_RISE    0.06f    /* dB per frame: 3 dB/s, slower than anybody draws breath */
#define FLOOR_START   (-20.0f)
#define SPEAKING      4     /* frames of a block that must stand out */
#define LEARNT        30    /* blocks: 3 s of speech… */
#define LEARNT_LONG   80    /* …and the memory from then on, 8 s */
#define SLEW_LEARNING 0.3f  /* dB per frame: 15 dB/s */
#define SLEW_UP       0.03f /* 1.5 dB/s */
#define SLEW_DOWN     0.08f /* 4 dB/s */
#define NEAR          0.5f  /* dB: not worth a move */
#define FULL_SCALE    (32768.0 * 32768.0)

static float to_lufs(double power)
{
    return power > 0 ? (float)(-0.691 + 10 * log10(power / FULL_SCALE)) : -200;
}

static double to_power(double lufs)
{
    return pow(10, (lufs + 0.691) / 10) * FULL_SCALE;
}

static float to_factor(float db)
{
    return powf(10, db / 20);
}

void gain_init(struct gain *gain, float target_lufs, float most_db,
               const struct gain_memory *memory)
{
    *gain =
        (struct gain){.target_lufs = target_lufs, .most_db = most_db, .floor_lufs = FLOOR_START};
    k_filter_init(&gain->weight);
    if (memory == NULL || memory->learnt == 0 || target_lufs == 0)
        return;
    gain->learnt = memory->learnt;
    gain->gain_db = memory->gain_db;
    gain->power = to_power(target_lufs - memory->gain_db);
}

/* Notes the frame's loudness, and whether it stands out of the noise. */
static void measure_frame(struct gain *gain, const float samples[GAIN_FRAME])
{
    float weighted[GAIN_FRAME];
    double squares = 0;
    memcpy(weighted, samples, sizeof weighted);
    k_filter_run(&gain->weight, weighted, GAIN_FRAME);
    for (unsigned i = 0; i < GAIN_FRAME; i++)
        squares += (double)weighted[i] * weighted[i];
    double power = squares / GAIN_FRAME;
    float lufs = fmaxf(to_lufs(power), -100);
    gain->floor_lufs = fminf(gain->floor_lufs + FLOOR_RISE, lufs);
    unsigned at = gain->frames++ % GAIN_FRAMES;
    gain->powers[at] = power;
    gain->speaks[at] = lufs > ABSOLUTE_GATE && lufs > gain->floor_lufs + ABOVE_NOISE;
}

static bool is_speech(const struct gain *gain)
{
    unsigned speaking = 0;
    for (unsigned i = 0; i < GAIN_FRAMES; i++)
        speaking += gain->speaks[i];
    return gain->frames >= GAIN_FRAMES && speaking >= SPEAKING;
}

/* Takes the last 400 ms into the mean. */
static void learn(struct gain *gain)
{
    double power = 0;
    for (unsigned i = 0; i < GAIN_FRAMES; i++)
        power += gain->powers[i] / GAIN_FRAMES;
    double gate = gain->power * pow(10, -RELATIVE_GATE / 10);
    if (to_lufs(power) < ABSOLUTE_GATE || (gain->learnt > 0 && power < gate))
        return;
    if (gain->learnt < LEARNT_LONG)
        gain->learnt++;
    gain->power += (power - gain->power) / gain->learnt;
}

static void move(struct gain *gain)
{
    float wanted = gain->target_lufs - to_lufs(gain->power);
    wanted = fmaxf(GAIN_LEAST, fminf(gain->most_db, wanted));
    float way = wanted - gain->gain_db;
    if (fabsf(way) < NEAR && gain->learnt >= LEARNT)
        return;
    bool is_learning = gain->learnt < LEARNT;
    float up = is_learning ? SLEW_LEARNING : SLEW_UP;
    float down = is_learning ? SLEW_LEARNING : SLEW_DOWN;
    gain->gain_db += fmaxf(-down, fminf(up, way));
}

/* From one gain over to the other, in a straight line. */
static void apply(float samples[GAIN_FRAME], float from_db, float to_db)
{
    float factor = to_factor(from_db);
    float step = (to_factor(to_db) - factor) / GAIN_FRAME;
    for (unsigned i = 0; i < GAIN_FRAME; i++)
        samples[i] *= factor + step * (float)i;
}

void gain_run(struct gain *gain, float samples[GAIN_FRAME])
{
    float before = gain->gain_db;
    if (gain->target_lufs == 0)
        return;
    measure_frame(gain, samples);
    if (is_speech(gain)) {
        if (gain->frames % HOP == 0)
            learn(gain);
        if (gain->learnt > 0)
            move(gain);
    }
    if (before != 0 || gain->gain_db != 0)
        apply(samples, before, gain->gain_db);
}

struct gain_memory gain_recall(const struct gain *gain)
{
    return (struct gain_memory){gain->gain_db, gain->learnt};
}

#include "bridge/audio/filter.h"

#include <math.h>

#define RATE 48000.0
#define TINY 1e-9 /* of a sample step: below, a state is nothing, and slow to reckon with */

struct biquad biquad_high_pass(double hz, double q)
{
    double omega = 2 * M_PI * hz / RATE, alpha = sin(omega) / (2 * q), cosine = cos(omega);
    double a0 = 1 + alpha, side = (1 + cosine) / 2 / a0;
    return (struct biquad){.b = {side, -2 * side, side}, .a = {-2 * cosine / a0, (1 - alpha) / a0}};
}

struct biquad biquad_notch(double hz, double q)
{
    double omega = 2 * M_PI * hz / RATE, alpha = sin(omega) / (2 * q), cosine = cos(omega);
    double a0 = 1 + alpha;
    return (struct biquad){.b = {1 / a0, -2 * cosine / a0, 1 / a0},
                           .a = {-2 * cosine / a0, (1 - alpha) / a0}};
}

void biquad_run(struct biquad *filter, float *samples, size_t count)
{
    double first = filter->state[0], second = filter->state[1];
    for (size_t i = 0; i < count; i++) {
        double in = samples[i];
        double out = filter->b[0] * in + first;
        first = filter->b[1] * in - filter->a[0] * out + second;
        second = filter->b[2] * in - filter->a[1] * out;
        samples[i] = (float)out;
    }
    filter->state[0] = fabs(first) < TINY ? 0 : first;
    filter->state[1] = fabs(second) < TINY ? 0 : second;
}

void hum_filter_init(struct hum_filter *filter)
{
    *filter = (struct hum_filter){.stages = {
                                      /* Butterworth: the two Qs of order 4. */
                                      biquad_high_pass(80, 0.541196),
                                      biquad_high_pass(80, 1.306563),
                                      biquad_notch(50, 6),
                                      biquad_notch(100, 25),
                                      biquad_notch(150, 25),
                                  }};
}

void hum_filter_run(struct hum_filter *filter, float *samples, size_t count)
{
    for (unsigned i = 0; i < HUM_STAGES; i++)
        biquad_run(&filter->stages[i], samples, count);
}

void k_filter_init(struct k_filter *filter)
{
    *filter = (struct k_filter){
        .stages = {{.b = {1.53512485958697, -2.69169618940638, 1.19839281085285},
                    .a = {-1.69065929318241, 0.73248077421585}},
                   {.b = {1, -2, 1}, .a = {-1.99004745483398, 0.99007225036621}}}};
}

void k_filter_run(struct k_filter *filter, float *samples, size_t count)
{
    biquad_run(&filter->stages[0], samples, count);
    biquad_run(&filter->stages[1], samples, count);
}

#include "bridge/audio/source.h"

#include "bridge/transport/shard.h"

#include <math.h>
#include <string.h>

static void remember_gain(struct source *source, const struct audio_tuning *tuning)
{
    int gain_mdb;
    struct gain_memory memory;
    inbox_get_gain(source->inbox, &gain_mdb, &memory.learnt);
    memory.gain_db = (float)gain_mdb / 1000;
    gain_init(&source->gain, tuning->loudness_lufs, tuning->gain_max_db, &memory);
}

struct source *source_new(const char *leg, struct inbox *inbox, const struct source_config *config)
{
    struct source *source = g_new0(struct source, 1);
    source->leg = g_strdup(leg);
    source->feed.stream = stream_id_new();
    candidate_init(&source->candidate);
    hum_filter_init(&source->hum);
    atomic_init(&source->howl_dbov, 1);
    if (inbox != NULL) {
        source->inbox = inbox_ref(inbox);
        source->feed.encoder = encoder_new(config->bitrate_bps, config->complexity);
        source->playout = playout_new();
        remember_gain(source, &config->tuning);
    }
    return source;
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    inbox_unref(source->inbox);
    encoder_free(source->feed.encoder);
    playout_free(source->playout);
    g_free(source->leg);
    g_free(source);
}

void source_open(struct source *source)
{
    if (source->inbox == NULL)
        return;
    while (inbox_pop(source->inbox) != NULL)
        inbox_release(source->inbox);
    inbox_set_open(source->inbox, true);
}

void source_close(struct source *source)
{
    if (source->inbox != NULL)
        inbox_set_open(source->inbox, false);
}

void source_receive(struct source *source, int64_t now, bool has_jumped)
{
    const struct inbox_packet *packet;
    if (source->inbox == NULL)
        return;
    while ((packet = inbox_pop(source->inbox)) != NULL) {
        playout_push(source->playout, now, packet);
        candidate_hear(&source->candidate, packet->level_dbov, packet->size);
        inbox_release(source->inbox);
    }
    if (has_jumped)
        playout_catch_up(source->playout);
}

static void watch_howl(struct source *source, const float *samples)
{
    bool is_howling = howl_hear(&source->howl, samples);
    int level_dbov = is_howling ? (int)fminf(0, source->howl.level_dbov) : 1;
    atomic_store_explicit(&source->howl_dbov, level_dbov, memory_order_relaxed);
}

static void even_out(struct source *source, float *samples)
{
    unsigned learnt = source->gain.learnt;
    gain_run(&source->gain, samples);
    struct gain_memory memory = gain_recall(&source->gain);
    if (memory.learnt > 0 || learnt > 0)
        inbox_set_gain(source->inbox, (int)lrintf(memory.gain_db * 1000), memory.learnt);
}

struct playout_reading source_read(struct source *source, const struct playout_order *order,
                                   int32_t samples[MIXER_FRAME])
{
    int16_t heard[MIXER_FRAME];
    float work[MIXER_FRAME];
    struct playout_reading reading = playout_read(source->playout, order, heard);
    if (!order->decodes) {
        memset(samples, 0, MIXER_FRAME * sizeof *samples);
        return reading;
    }
    for (unsigned i = 0; i < MIXER_FRAME; i++)
        work[i] = heard[i];
    hum_filter_run(&source->hum, work, MIXER_FRAME);
    watch_howl(source, work);
    even_out(source, work);
    for (unsigned i = 0; i < MIXER_FRAME; i++)
        samples[i] = (int32_t)lrintf(work[i]);
    return reading;
}

#include "bridge/audio/source.h"

#include "bridge/transport/shard.h"

#include <string.h>

struct source *source_new(const char *leg, struct inbox *inbox, int bitrate_bps, int complexity)
{
    struct source *source = g_new0(struct source, 1);
    source->leg = g_strdup(leg);
    source->feed.stream = stream_id_new();
    if (inbox != NULL) {
        source->inbox = inbox_ref(inbox);
        source->feed.encoder = encoder_new(bitrate_bps, complexity);
        source->playout = playout_new();
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
        inbox_release(source->inbox);
    }
    if (has_jumped)
        playout_catch_up(source->playout);
}

#include "bridge/audio/roster.h"

#include <string.h>

static struct source *find(const struct roster *roster, const struct audio_speaker *speaker)
{
    for (unsigned i = 0; roster != NULL && i < roster->count; i++) {
        struct source *source = roster->places[i].source;
        if (source->inbox == speaker->inbox && strcmp(source->leg, speaker->leg) == 0)
            return source;
    }
    return NULL;
}

struct roster *roster_new(const struct roster *before, struct audio_speaker *speakers,
                          unsigned count, const struct source_config *config)
{
    struct roster *roster = g_malloc0(sizeof *roster + count * sizeof roster->places[0]);
    for (unsigned i = 0; i < count; i++) {
        struct source *source = find(roster, &speakers[i]);
        if (source == NULL) {
            struct roster_place *place = &roster->places[roster->count++];
            source = find(before, &speakers[i]);
            if (source == NULL)
                source = source_new(speakers[i].leg, speakers[i].inbox, config);
            place->source = source;
            place->name = g_strdup(speakers[i].name);
        }
        speakers[i].stream = source->feed.stream;
    }
    return roster;
}

bool roster_has_source(const struct roster *roster, const struct source *source)
{
    for (unsigned i = 0; i < roster->count; i++) {
        if (roster->places[i].source == source)
            return true;
    }
    return false;
}

void roster_free_retired(struct roster *roster)
{
    if (roster == NULL)
        return;
    for (unsigned i = 0; i < roster->count; i++) {
        if (roster->places[i].is_leaving)
            source_free(roster->places[i].source);
        g_free(roster->places[i].name);
    }
    g_free(roster);
}

void roster_free_last(struct roster *roster)
{
    for (unsigned i = 0; roster != NULL && i < roster->count; i++) {
        source_close(roster->places[i].source);
        roster->places[i].is_leaving = true;
    }
    roster_free_retired(roster);
}

/* Who is heard, as a whole: made on the main thread, handed to the tick, and given back when
 * another has taken its place. It is never changed in between, so that a change of the floor is one
 * pointer to the audio thread.
 *
 * Thread: main; the tick reads it, and marks who is leaving in one that it retires. */
#pragma once

#include "bridge/audio/audio.h"
#include "bridge/audio/source.h"

struct roster_place {
    struct source *source;
    char *name;
    bool is_leaving; /* the source is not in the roster that came after */
};

struct roster {
    struct roster *next; /* the tick's own */
    void *arg;           /* the maker's own */
    unsigned count;
    struct roster_place places[];
};

/* `before` (NULL: nobody) is the roster that this one will replace: speakers who stay keep their
 * source. A speaker named twice is in it once. Fills in the speakers' streams. */
struct roster *roster_new(const struct roster *before, struct audio_speaker *speakers,
                          unsigned count, const struct source_config *config);
bool roster_has_source(const struct roster *roster, const struct source *source);
/* Frees it and the sources that left with it. NULL is fine. */
void roster_free_retired(struct roster *roster);
/* Frees the last one, and all its sources. */
void roster_free_last(struct roster *roster);

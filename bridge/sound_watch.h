/* Watches what the legs of a conference send as sound, for whoever looks after the meeting: a room
 * that is loud without being asked to speak, and one that howls. Nothing of it changes what is
 * heard.
 *
 * Thread: the main thread. */
#pragma once

#include "bridge/audio/audio.h"

#include <glib.h>

struct member;
struct sound_watch;

struct sound_watch_config {
    GHashTable *members; /* leg -> struct member; borrowed, outlives the watch */
    const struct audio *audio;
    /* Whether the leg is heard by anybody, or apart. */
    bool (*may_speak)(const struct member *member, void *arg);
    /* `state` is "unasked", "howl" or, when it is over or the leg has gone, "ok". */
    void (*told)(const char *leg, const char *state, int level_dbov, void *arg);
    void *arg;
};

struct sound_watch *sound_watch_new(const struct sound_watch_config *config);
/* Tells the end of what it has told. */
void sound_watch_free(struct sound_watch *watch);

/* The rule itself, for one leg: a look each SOUND_WATCH_MS. */
#define SOUND_WATCH_MS 200

struct sound_look {
    bool may_speak, is_howling;
    int level_dbov; /* the loudest since the last look */
};

enum sound_state { SOUND_OK, SOUND_UNASKED, SOUND_HOWL };

struct sound_seen { /* zero-initialised */
    enum sound_state state;
    unsigned loud; /* looks at which it was, less those at which it was not */
};

/* Unasked is who was loud for more than a second in all; he is forgiven after three quiet ones, or
 * when he may speak. */
enum sound_state sound_see(struct sound_seen *seen, const struct sound_look *look);

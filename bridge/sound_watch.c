#include "bridge/sound_watch.h"

#include "bridge/audio/level.h"
#include "bridge/member.h"

static const char *const state_names[] = {
    [SOUND_OK] = "ok",
    [SOUND_UNASKED] = "unasked",
    [SOUND_HOWL] = "howl",
};

struct sound_watch {
    struct sound_watch_config config;
    GHashTable *seen; /* leg -> struct sound_seen */
    guint timer;
};

static struct sound_seen *find_seen(struct sound_watch *watch, const char *leg)
{
    struct sound_seen *seen = g_hash_table_lookup(watch->seen, leg);
    if (seen == NULL) {
        seen = g_new0(struct sound_seen, 1);
        g_hash_table_insert(watch->seen, g_strdup(leg), seen);
    }
    return seen;
}

static void look_at(struct sound_watch *watch, struct member *member)
{
    const struct sound_watch_config *config = &watch->config;
    const char *leg = member_leg(member);
    int howl_dbov;
    struct sound_seen *seen = find_seen(watch, leg);
    enum sound_state before = seen->state;
    struct sound_look look = {.may_speak = config->may_speak(member, config->arg),
                              .is_howling = audio_is_howling(config->audio, leg, &howl_dbov),
                              .level_dbov = inbox_take_level(member_inbox(member))};
    if (sound_see(seen, &look) != before)
        config->told(leg, state_names[seen->state],
                     seen->state == SOUND_HOWL ? howl_dbov : look.level_dbov, config->arg);
}

/* Legs that have gone (or all) raise no alarm. */
static void forget(struct sound_watch *watch, bool all)
{
    GHashTableIter iter;
    gpointer leg, value;
    g_hash_table_iter_init(&iter, watch->seen);
    while (g_hash_table_iter_next(&iter, &leg, &value)) {
        const struct sound_seen *seen = value;
        if (!all && g_hash_table_contains(watch->config.members, leg))
            continue;
        if (seen->state != SOUND_OK)
            watch->config.told(leg, state_names[SOUND_OK], LEVEL_SILENCE_DBOV, watch->config.arg);
        g_hash_table_iter_remove(&iter);
    }
}

static gboolean on_look(gpointer data)
{
    struct sound_watch *watch = data;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, watch->config.members);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        look_at(watch, value);
    forget(watch, false);
    return G_SOURCE_CONTINUE;
}

struct sound_watch *sound_watch_new(const struct sound_watch_config *config)
{
    struct sound_watch *watch = g_new0(struct sound_watch, 1);
    watch->config = *config;
    watch->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    watch->timer = g_timeout_add(SOUND_WATCH_MS, on_look, watch);
    return watch;
}

void sound_watch_free(struct sound_watch *watch)
{
    if (watch == NULL)
        return;
    g_source_remove(watch->timer);
    forget(watch, true);
    g_hash_table_unref(watch->seen);
    g_free(watch);
}

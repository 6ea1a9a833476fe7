#include "client/room/clips.h"

#include "common/queue.h"

#include <stdio.h>

#define AUTO_FIRST_HZ 400
#define AUTO_STEP_HZ  200
#define AUTO_TONES    40

struct clips {
    GHashTable *tones; /* "hz@level" -> struct clip */
    GHashTable *files; /* path -> struct clip */
    struct queue *done;
    unsigned loading;
};

struct loading {
    struct clips *clips;
    char *path;
    clips_loaded done;
    void *arg;
    GThread *thread;
    struct clip *clip;
    GError *error;
};

static void drop(void *clip)
{
    clip_unref(clip);
}

struct clips *clips_new(void)
{
    struct clips *clips = g_new0(struct clips, 1);
    clips->tones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop);
    clips->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop);
    clips->done = queue_new();
    queue_attach(clips->done, NULL);
    return clips;
}

void clips_free(struct clips *clips)
{
    while (clips->loading > 0)
        g_main_context_iteration(NULL, TRUE);
    queue_free(clips->done);
    g_hash_table_unref(clips->tones);
    g_hash_table_unref(clips->files);
    g_free(clips);
}

int clips_auto_tone(unsigned room)
{
    return AUTO_FIRST_HZ + AUTO_STEP_HZ * (int)(room % AUTO_TONES);
}

struct clip *clips_tone(struct clips *clips, int hz, double level_dbfs)
{
    char name[64];
    snprintf(name, sizeof name, "%d@%.2f", hz, level_dbfs);
    struct clip *clip = g_hash_table_lookup(clips->tones, name);
    if (clip == NULL) {
        clip = clip_new_tone(hz, level_dbfs);
        g_hash_table_insert(clips->tones, g_strdup(name), clip);
    }
    return clip;
}

static void take_file(void *arg)
{
    struct loading *loading = arg;
    g_thread_join(loading->thread);
    loading->clips->loading--;
    if (loading->clip != NULL)
        g_hash_table_insert(loading->clips->files, g_strdup(loading->path), loading->clip);
    loading->done(loading->clip, loading->error != NULL ? loading->error->message : NULL,
                  loading->arg);
    g_clear_error(&loading->error);
    g_free(loading->path);
    g_free(loading);
}

/* The thread's own pointer is written before it can have ended: by the one that joins it. */
static gpointer load(gpointer data)
{
    struct loading *loading = data;
    loading->clip = clip_load(loading->path, &loading->error);
    queue_post(loading->clips->done, take_file, loading);
    return NULL;
}

void clips_load(struct clips *clips, const char *path, clips_loaded done, void *arg)
{
    struct clip *known = g_hash_table_lookup(clips->files, path);
    if (known != NULL) {
        done(known, NULL, arg);
        return;
    }
    struct loading *loading = g_new0(struct loading, 1);
    loading->clips = clips;
    loading->path = g_strdup(path);
    loading->done = done;
    loading->arg = arg;
    clips->loading++;
    loading->thread = g_thread_new("decode", load, loading);
}

#include "client/room/clips.h"

#include "common/queue.h"

#include <stdio.h>

#define AUTO_FIRST_HZ 400
#define AUTO_STEP_HZ  200

struct clips {
    GHashTable *tones;   /* "hz@level" -> struct clip */
    GHashTable *files;   /* path -> struct clip */
    GHashTable *loading; /* path -> struct loading: files on their way */
    struct queue *done;
    atomic_bool is_over;
};

struct waiter {
    clips_loaded done;
    void *arg;
};

struct loading {
    struct clips *clips;
    char *path;
    GArray *waiters; /* of struct waiter: all rooms that play it */
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
    clips->loading = g_hash_table_new(g_str_hash, g_str_equal);
    clips->done = queue_new();
    queue_attach(clips->done, NULL);
    return clips;
}

void clips_free(struct clips *clips)
{
    atomic_store(&clips->is_over, true);
    while (g_hash_table_size(clips->loading) > 0)
        g_main_context_iteration(NULL, TRUE);
    queue_free(clips->done);
    g_hash_table_unref(clips->loading);
    g_hash_table_unref(clips->tones);
    g_hash_table_unref(clips->files);
    g_free(clips);
}

int clips_auto_tone(unsigned room)
{
    return AUTO_FIRST_HZ + AUTO_STEP_HZ * (int)(room % CLIPS_AUTO_TONES);
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
    struct clips *clips = loading->clips;
    g_thread_join(loading->thread);
    g_hash_table_remove(clips->loading, loading->path);
    if (loading->clip != NULL)
        g_hash_table_insert(clips->files, g_strdup(loading->path), loading->clip);
    for (unsigned i = 0; i < loading->waiters->len; i++) {
        struct waiter *waiter = &g_array_index(loading->waiters, struct waiter, i);
        waiter->done(loading->clip, loading->error != NULL ? loading->error->message : NULL,
                     waiter->arg);
    }
    g_clear_error(&loading->error);
    g_array_unref(loading->waiters);
    g_free(loading->path);
    g_free(loading);
}

static gpointer load(gpointer data)
{
    struct loading *loading = data;
    loading->clip = clip_load(loading->path, &loading->clips->is_over, &loading->error);
    queue_post(loading->clips->done, take_file, loading);
    return NULL;
}

/* `thread` is set before the main context can get to take_file(). */
static struct loading *start_loading(struct clips *clips, const char *path)
{
    struct loading *loading = g_new0(struct loading, 1);
    loading->clips = clips;
    loading->path = g_strdup(path);
    loading->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    g_hash_table_insert(clips->loading, loading->path, loading);
    loading->thread = g_thread_new("decode", load, loading);
    return loading;
}

void clips_load(struct clips *clips, const char *path, clips_loaded done, void *arg)
{
    struct clip *known = g_hash_table_lookup(clips->files, path);
    if (known != NULL) {
        done(known, NULL, arg);
        return;
    }
    struct loading *loading = g_hash_table_lookup(clips->loading, path);
    struct waiter waiter = {done, arg};
    if (loading == NULL)
        loading = start_loading(clips, path);
    g_array_append_val(loading->waiters, waiter);
}

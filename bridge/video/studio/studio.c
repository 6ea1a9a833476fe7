#include "bridge/video/studio/studio_private.h"

#include "common/clock.h"

/* A rendition that nobody has received for so many calls of studio_view_tidy() is ended. */
#define IDLE_CALLS_MAX 3

/* ---- sources ---- */

static void source_unref(struct studio_source *source)
{
    if (atomic_fetch_sub(&source->references, 1) == 1)
        g_free(source);
}

static void take_key_need(void *arg)
{
    struct studio_source *source = arg;
    if (!source->is_removed && source->studio->keyframe != NULL)
        source->studio->keyframe(source, source->studio->arg);
    source_unref(source);
}

/* The pushing thread's. Whoever is asked answers or is asked again with the next frame; the leg
 * limits the rate. */
static void on_decoder_needs_key(void *arg)
{
    struct studio_source *source = arg;
    if (atomic_exchange_explicit(&source->needs_key, true, memory_order_relaxed))
        return;
    atomic_fetch_add(&source->references, 1);
    queue_post(source->studio->back, take_key_need, source);
}

static void run_add_source(void *arg)
{
    struct studio_source *source = arg;
    g_ptr_array_add(source->studio->shown, source);
}

struct studio_source *studio_add_source(struct studio *studio, scene_id id, bool is_content,
                                        void *arg)
{
    struct studio_source *source = g_new0(struct studio_source, 1);
    struct video_decoder_config decoder = {
        .name = studio->name, .keyframe = on_decoder_needs_key, .arg = source};
    atomic_init(&source->references, 1);
    source->studio = studio;
    source->id = id;
    source->is_content = is_content;
    source->arg = arg;
    source->decoder = video_decoder_new(&decoder);
    g_ptr_array_add(studio->sources, source);
    queue_post(studio->queue, run_add_source, source);
    return source;
}

static void destroy_source(void *arg)
{
    struct studio_source *source = arg;
    video_decoder_free(source->decoder);
    picture_unref(source->newest);
    source_unref(source);
}

static void run_remove_source(void *arg)
{
    struct studio_source *source = arg;
    g_ptr_array_remove(source->studio->shown, source);
    queue_post(source->studio->back, destroy_source, source);
}

void studio_remove_source(struct studio *studio, struct studio_source *source)
{
    source->is_removed = true;
    g_ptr_array_remove(studio->sources, source);
    queue_post(studio->queue, run_remove_source, source);
}

void *studio_source_arg(const struct studio_source *source)
{
    return source->arg;
}

void studio_source_push(struct coded_frame *frame, void *arg)
{
    struct studio_source *source = arg;
    atomic_store_explicit(&source->heard_us, clock_monotonic_us(), memory_order_relaxed);
    if (frame->is_key)
        atomic_store_explicit(&source->needs_key, false, memory_order_relaxed);
    video_decoder_push(source->decoder, frame);
}

int64_t studio_source_heard_us(const struct studio_source *source)
{
    return atomic_load_explicit(&source->heard_us, memory_order_relaxed);
}

/* ---- texts ---- */

void texts_clear(struct texts *texts)
{
    g_clear_pointer(&texts->agenda, g_free);
    g_clear_pointer(&texts->state, g_free);
    g_clear_pointer(&texts->lost, g_free);
}

struct texts_job {
    struct studio *studio;
    struct texts texts;
};

static void run_set_texts(void *arg)
{
    struct texts_job *job = arg;
    texts_clear(&job->studio->texts);
    job->studio->texts = job->texts;
    g_free(job);
}

void studio_set_texts(struct studio *studio, const struct studio_texts *texts)
{
    struct texts_job *job = g_new0(struct texts_job, 1);
    job->studio = studio;
    job->texts = (struct texts){.agenda = g_strdup(texts->agenda),
                                .state = g_strdup(texts->state),
                                .lost = g_strdup(texts->lost),
                                .is_live = texts->is_live,
                                .has_clock = texts->has_clock};
    queue_post(studio->queue, run_set_texts, job);
}

/* ---- views ---- */

static struct rendition *make_rendition(const struct studio *studio, const char *view,
                                        const struct studio_rendition *wanted)
{
    g_autofree char *name = g_strdup_printf("%s/%s %up %s", studio->name, view, wanted->height,
                                            coded_codec_name(wanted->codec));
    struct rendition_config config = {.name = name,
                                      .codec = wanted->codec,
                                      .element = studio->elements[wanted->codec],
                                      .width = wanted->width,
                                      .height = wanted->height,
                                      .fps = studio->settings.fps,
                                      .bitrate_bps = wanted->bitrate_bps,
                                      .shards = studio->shards,
                                      .shard_count = studio->shard_count,
                                      .sound_delay_us = studio->sound_delay_us};
    return rendition_new(&config);
}

static void run_add_view(void *arg)
{
    struct studio_view *view = arg;
    g_ptr_array_add(view->studio->composed, view);
}

struct studio_view *studio_add_view(struct studio *studio, const char *name)
{
    struct studio_view *view = g_new0(struct studio_view, 1);
    const struct studio_rendition *renditions = studio->settings.renditions;
    view->studio = studio;
    view->name = g_strdup(name);
    view->count = studio->settings.rendition_count;
    view->age_us = 0;
    for (unsigned i = 0; i < view->count; i++)
        view->renditions[i] = make_rendition(studio, name, &renditions[i]);
    view->composer = composer_new(renditions[0].width, renditions[0].height, STUDIO_FADE_TICKS);
    g_ptr_array_add(studio->views, view);
    queue_post(studio->queue, run_add_view, view);
    return view;
}

static void destroy_view(void *arg)
{
    struct studio_view *view = arg;
    for (unsigned i = 0; i < view->count; i++) {
        video_encoder_free(rendition_swap(view->renditions[i], NULL));
        rendition_free(view->renditions[i]);
    }
    composer_free(view->composer);
    g_free(view->scene);
    g_free(view->name);
    g_free(view);
}

static void run_remove_view(void *arg)
{
    struct studio_view *view = arg;
    g_ptr_array_remove(view->studio->composed, view);
    queue_post(view->studio->back, destroy_view, view);
}

void studio_remove_view(struct studio *studio, struct studio_view *view)
{
    for (unsigned i = 0; i < view->count; i++)
        rendition_set_tap(view->renditions[i], NULL, NULL);
    g_ptr_array_remove(studio->views, view);
    queue_post(studio->queue, run_remove_view, view);
}

struct scene_job {
    struct studio_view *view;
    struct scene *scene;
};

static void run_set_scene(void *arg)
{
    struct scene_job *job = arg;
    g_free(job->view->scene);
    job->view->scene = job->scene;
    g_free(job);
}

void studio_set_scene(struct studio_view *view, const struct scene *scene)
{
    struct scene_job *job = g_new(struct scene_job, 1);
    *job = (struct scene_job){view, g_memdup2(scene, sizeof *scene)};
    queue_post(view->studio->queue, run_set_scene, job);
}

uint32_t studio_view_stream(const struct studio_view *view, unsigned rendition)
{
    return rendition_stream(view->renditions[rendition]);
}

/* ---- renditions that run and rest ---- */

struct swap_job {
    struct studio *studio;
    struct rendition *rendition;
    struct video_encoder *encoder;
};

static void free_encoder(void *arg)
{
    video_encoder_free(arg);
}

static void run_swap(void *arg)
{
    struct swap_job *job = arg;
    struct video_encoder *before = rendition_swap(job->rendition, job->encoder);
    if (before != NULL)
        queue_post(job->studio->back, free_encoder, before);
    g_free(job);
}

static void swap(struct studio_view *view, unsigned index, struct video_encoder *encoder)
{
    struct swap_job *job = g_new(struct swap_job, 1);
    *job = (struct swap_job){view->studio, view->renditions[index], encoder};
    view->is_started[index] = encoder != NULL;
    queue_post(view->studio->queue, run_swap, job);
}

static void start(struct studio_view *view, unsigned index)
{
    struct video_encoder *encoder = rendition_make_encoder(view->renditions[index]);
    if (encoder != NULL)
        swap(view, index, encoder);
}

static bool want(struct studio_view *view, unsigned index)
{
    view->idle_calls[index] = 0;
    if (!view->is_started[index])
        start(view, index);
    else
        rendition_request_keyframe(view->renditions[index]);
    return true;
}

bool studio_view_keyframe(struct studio_view *view, uint32_t stream)
{
    for (unsigned i = 0; i < view->count; i++) {
        if (rendition_stream(view->renditions[i]) == stream)
            return want(view, i);
    }
    return false;
}

bool studio_view_runs(const struct studio_view *view)
{
    for (unsigned i = 0; i < view->count; i++) {
        if (view->is_started[i])
            return true;
    }
    return false;
}

void studio_view_tidy(struct studio_view *view, const bool *is_wanted)
{
    for (unsigned i = 0; i < view->count; i++) {
        bool is_idle = !is_wanted[i] && !view->is_tapped[i];
        view->idle_calls[i] = is_idle ? view->idle_calls[i] + 1 : 0;
        if (view->is_started[i] && view->idle_calls[i] >= IDLE_CALLS_MAX)
            swap(view, i, NULL);
    }
}

void studio_view_tap(struct studio_view *view, unsigned rendition,
                     void (*tap)(struct coded_frame *frame, void *arg), void *arg)
{
    rendition_set_tap(view->renditions[rendition], tap, arg);
    view->is_tapped[rendition] = tap != NULL;
    if (tap != NULL)
        want(view, rendition);
}

/* ---- life ---- */

struct studio *studio_new(const struct studio_config *config)
{
    struct studio *studio = g_new0(struct studio, 1);
    g_assert(config->settings.rendition_count > 0 &&
             config->settings.rendition_count <= STUDIO_RENDITIONS_MAX);
    studio->name = g_strdup(config->name);
    studio->shards = config->shards;
    studio->shard_count = config->shard_count;
    studio->sound_delay_us = config->sound_delay_us;
    studio->settings = config->settings;
    for (unsigned i = 0; i < G_N_ELEMENTS(studio->elements); i++)
        studio->elements[i] = g_strdup(config->settings.elements[i]);
    studio->keyframe = config->keyframe;
    studio->arg = config->arg;
    studio->sources = g_ptr_array_new();
    studio->views = g_ptr_array_new();
    studio->shown = g_ptr_array_new();
    studio->composed = g_ptr_array_new();
    studio->clock_minute = -1;
    studio->queue = queue_new();
    studio->back = queue_new();
    queue_attach(studio->back, NULL);
    if (pthread_create(&studio->thread, NULL, studio_run, studio) != 0)
        g_error("no thread to compose the pictures of %s", studio->name);
    return studio;
}

void studio_free(struct studio *studio)
{
    if (studio == NULL)
        return;
    while (studio->sources->len > 0)
        studio_remove_source(studio, studio->sources->pdata[0]);
    while (studio->views->len > 0)
        studio_remove_view(studio, studio->views->pdata[0]);
    atomic_store(&studio->is_ending, true);
    pthread_join(studio->thread, NULL);
    queue_free(studio->queue); /* what the thread has not come to */
    queue_free(studio->back);
    g_ptr_array_unref(studio->sources);
    g_ptr_array_unref(studio->views);
    g_ptr_array_unref(studio->shown);
    g_ptr_array_unref(studio->composed);
    texts_clear(&studio->texts);
    for (unsigned i = 0; i < G_N_ELEMENTS(studio->elements); i++)
        g_free(studio->elements[i]);
    g_free(studio->name);
    g_free(studio);
}

void studio_counters(const struct studio *studio, struct studio_counters *counters)
{
    struct rendition_counters rendition;
    struct timespec used;
    clockid_t clock;
    *counters = (struct studio_counters){
        .ticks = atomic_load_explicit(&studio->ticks, memory_order_relaxed),
        .late_ticks = atomic_load_explicit(&studio->late_ticks, memory_order_relaxed)};
    for (unsigned i = 0; i < studio->views->len; i++) {
        const struct studio_view *view = studio->views->pdata[i];
        for (unsigned j = 0; j < view->count; j++) {
            rendition_counters(view->renditions[j], &rendition);
            counters->frames_encoded += rendition.encoder.frames;
            counters->frames_dropped += rendition.encoder.dropped;
            counters->key_frames += rendition.encoder.keys;
            counters->renditions_running += rendition.is_running;
        }
    }
    if (pthread_getcpuclockid(studio->thread, &clock) == 0 && clock_gettime(clock, &used) == 0)
        counters->cpu_us = (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

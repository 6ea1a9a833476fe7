/* The studio's thread: a steady tick, and what is posted to it between. */
#include "bridge/video/studio/studio_private.h"

#include "common/clock.h"

#include <poll.h>
#include <time.h>

/* The meeting's clock is Viet Nam's: UTC+7, without summer time. */
#define ZONE_S (7 * 3600)

/* The age of what is shown is followed slowly, so that the frames' times stay even. */
#define AGE_MAX_US 500000
#define AGE_SHARE  16

static struct studio_source *find_source(const struct studio *studio, scene_id id, bool is_content)
{
    for (unsigned i = 0; i < studio->shown->len; i++) {
        struct studio_source *source = studio->shown->pdata[i];
        if (source->id == id && source->is_content == is_content)
            return source;
    }
    return NULL;
}

static void take_newest(struct studio_source *source, int64_t now_us)
{
    int64_t capture_us;
    struct picture *picture = video_decoder_take(source->decoder, &capture_us);
    if (picture == NULL)
        return;
    picture_unref(source->newest);
    source->newest = picture;
    source->capture_us = capture_us;
    source->taken_us = now_us;
    atomic_store_explicit(&source->needs_key, false, memory_order_relaxed);
}

struct look {
    struct studio *studio;
    const struct scene *scene;
    int64_t now_us;
};

static bool is_in_scene(const struct scene *scene, scene_id id, bool is_content)
{
    for (unsigned i = 0; i < scene->cell_count; i++) {
        if (scene->cells[i].source == id && scene->cells[i].is_content == is_content)
            return true;
    }
    return false;
}

/* A member that sends no picture is still there: its placard says so. Who is in no scene any more
 * and is not decoded either has left, or is long out of sight. */
static bool look_up(scene_id id, bool is_content, struct compose_source *found, void *arg)
{
    const struct look *look = arg;
    const struct studio_source *source = find_source(look->studio, id, is_content);
    *found = (struct compose_source){.state = COMPOSE_NONE};
    if (source == NULL && !is_in_scene(look->scene, id, is_content))
        return false;
    if (source == NULL || source->newest == NULL)
        return true;
    bool is_frozen = !is_content && look->now_us - source->taken_us > STUDIO_FROZEN_US;
    found->picture = source->newest;
    found->state = is_frozen ? COMPOSE_FROZEN : COMPOSE_LIVE;
    found->notice = is_frozen ? look->studio->texts.lost : NULL;
    return true;
}

static const char *tell_time(struct studio *studio)
{
    int64_t minute = clock_utc_us() / G_USEC_PER_SEC / 60;
    if (minute != studio->clock_minute) {
        time_t seconds = (time_t)(minute * 60 + ZONE_S);
        struct tm parts;
        gmtime_r(&seconds, &parts);
        strftime(studio->clock, sizeof studio->clock, "%H:%M", &parts);
        studio->clock_minute = minute;
    }
    return studio->clock;
}

/* When what the large cell shows was taken: that is what sound is heard beside. */
static int64_t capture_of(struct studio_view *view, int64_t now_us)
{
    for (unsigned i = 0; i < view->scene->cell_count; i++) {
        const struct scene_cell *cell = &view->scene->cells[i];
        const struct studio_source *source =
            cell->is_main ? find_source(view->studio, cell->source, cell->is_content) : NULL;
        if (source == NULL || source->newest == NULL || source->is_content ||
            source->taken_us != now_us)
            continue;
        int64_t age_us = CLAMP(now_us - source->capture_us, 0, AGE_MAX_US);
        view->age_us += (age_us - view->age_us) / AGE_SHARE;
        break;
    }
    view->capture_us = MAX(now_us - view->age_us, view->capture_us + 1000);
    return view->capture_us;
}

static bool runs(const struct studio_view *view)
{
    struct rendition_counters counters;
    for (unsigned i = 0; i < view->count; i++) {
        rendition_counters(view->renditions[i], &counters);
        if (counters.is_running)
            return true;
    }
    return false;
}

/* Each from the smallest picture that is at least twice as large: less to read, as smooth. */
static struct picture *scaling_base(const struct studio_view *view, unsigned index,
                                    struct picture *composed)
{
    const struct studio_rendition *wanted = &view->studio->settings.renditions[index];
    struct picture *base = composed;
    for (unsigned i = 0; i < index; i++) {
        struct picture *other = rendition_picture(view->renditions[i]);
        if (other != NULL && other->height >= 2 * wanted->height && other->height < base->height)
            base = other;
        else if (other != NULL && other->height == wanted->height && other->width == wanted->width)
            return other;
    }
    return base;
}

static void compose(struct studio_view *view, int64_t now_us)
{
    struct studio *studio = view->studio;
    struct look look = {studio, view->scene, now_us};
    const struct texts *texts = &studio->texts;
    struct compose_header header = {.agenda = texts->agenda,
                                    .clock = texts->has_clock ? tell_time(studio) : NULL,
                                    .state = texts->state,
                                    .is_live = texts->is_live};
    if (view->scene == NULL || !runs(view))
        return;
    struct picture *picture = composer_render(view->composer, view->scene, look_up, &look, &header);
    int64_t capture_us = capture_of(view, now_us);
    for (unsigned i = 0; i < view->count; i++)
        rendition_draw(view->renditions[i], scaling_base(view, i, picture), capture_us, now_us);
    picture_unref(picture);
}

static void tick(struct studio *studio)
{
    int64_t now_us = clock_monotonic_us();
    for (unsigned i = 0; i < studio->shown->len; i++)
        take_newest(studio->shown->pdata[i], now_us);
    for (unsigned i = 0; i < studio->composed->len; i++)
        compose(studio->composed->pdata[i], now_us);
    atomic_fetch_add_explicit(&studio->ticks, 1, memory_order_relaxed);
}

/* Runs what is posted until it is time. */
static void wait_until(struct studio *studio, int64_t time_us)
{
    struct pollfd descriptor = {.fd = queue_fd(studio->queue), .events = POLLIN};
    for (;;) {
        int64_t left_us = time_us - clock_monotonic_us();
        if (left_us <= 0 || atomic_load(&studio->is_ending))
            return;
        struct timespec timeout = {.tv_sec = left_us / 1000000,
                                   .tv_nsec = left_us % 1000000 * 1000};
        if (ppoll(&descriptor, 1, &timeout, NULL) > 0)
            queue_run(studio->queue);
    }
}

void *studio_run(void *arg)
{
    struct studio *studio = arg;
    int64_t tick_us = 1000000 / studio->settings.fps;
    int64_t next_us = clock_monotonic_us() + tick_us;
    pthread_setname_np(pthread_self(), "compose");
    while (!atomic_load(&studio->is_ending)) {
        wait_until(studio, next_us);
        queue_run(studio->queue);
        tick(studio);
        next_us += tick_us;
        /* What is late is not made good: the next frame shows what there is by then. */
        int64_t now_us = clock_monotonic_us();
        if (now_us > next_us) {
            atomic_fetch_add_explicit(&studio->late_ticks, 1, memory_order_relaxed);
            next_us = now_us;
        }
    }
    return NULL;
}

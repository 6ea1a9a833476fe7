#include "bridge/pictures_private.h"

#include "common/clock.h"
#include "common/log.h"

#include <string.h>

#define WATCH_MS 500
/* Renditions are looked after at every n-th watch. */
#define TIDY_RUNS 2
/* How much a source is thought to send before it is known. */
#define RATE_FIRST_BPS 1000000

static void plan(struct pictures *pictures);

/* ---- before anything is declared ---- */

static bool is_composed(const struct pictures *pictures)
{
    return scenery_is_declared(pictures->scenery);
}

/* The last who got the floor is seen; he sees the first. */
static struct member *seen_by(const struct pictures *pictures, const struct member *member)
{
    if (pictures->speaker_count == 0)
        return NULL;
    struct member *last = pictures->speakers[pictures->speaker_count - 1];
    struct member *first = pictures->speakers[0];
    if (last != member)
        return last;
    return first != member ? first : NULL;
}

/* ---- stages ---- */

static struct member *find_member(const struct pictures *pictures, const char *leg)
{
    return leg != NULL ? g_hash_table_lookup(pictures->members, leg) : NULL;
}

static struct stage *add_stage(struct pictures *pictures, const char *leg)
{
    struct stage *stage = g_new0(struct stage, 1);
    stage->leg = leg;
    pictures->stages[pictures->stage_count++] = stage;
    return stage;
}

static void remove_stage(struct pictures *pictures, unsigned index)
{
    struct stage *stage = pictures->stages[index];
    if (stage->view != NULL)
        studio_remove_view(pictures->studio, stage->view);
    g_free(stage);
    pictures->stage_count--;
    memmove(&pictures->stages[index], &pictures->stages[index + 1],
            (pictures->stage_count - index) * sizeof pictures->stages[0]);
}

/* A member's own: of who holds the floor, and of the chair; they would see themselves otherwise.
 * And of who looks at something for himself. */
static struct stage *own_stage(const struct pictures *pictures, const char *leg)
{
    for (unsigned i = 1; i < pictures->stage_count; i++) {
        if (strcmp(pictures->stages[i]->leg, leg) == 0)
            return pictures->stages[i];
    }
    return NULL;
}

static bool needs_stage(const struct pictures *pictures, const char *leg)
{
    const char *holder;
    if (g_strcmp0(scenery_chair(pictures->scenery), leg) == 0 ||
        g_hash_table_contains(pictures->previews, leg))
        return true;
    for (unsigned i = 0; (holder = scenery_holder(pictures->scenery, i)) != NULL; i++) {
        if (strcmp(holder, leg) == 0)
            return true;
    }
    return false;
}

static void need_stage(struct pictures *pictures, const char *leg)
{
    if (find_member(pictures, leg) == NULL || own_stage(pictures, leg) != NULL ||
        pictures->stage_count == STAGES_MAX)
        return;
    add_stage(pictures, scenery_leg(pictures->scenery, scenery_id(pictures->scenery, leg)));
}

static void settle_stages(struct pictures *pictures)
{
    const char *holder;
    GHashTableIter iter;
    gpointer leg;
    for (unsigned i = pictures->stage_count; i-- > 1;) {
        const char *own = pictures->stages[i]->leg;
        if (!needs_stage(pictures, own) || find_member(pictures, own) == NULL)
            remove_stage(pictures, i);
    }
    if (pictures->stage_count == 0)
        add_stage(pictures, NULL);
    need_stage(pictures, scenery_chair(pictures->scenery));
    for (unsigned i = 0; (holder = scenery_holder(pictures->scenery, i)) != NULL; i++)
        need_stage(pictures, holder);
    g_hash_table_iter_init(&iter, pictures->previews);
    while (g_hash_table_iter_next(&iter, &leg, NULL))
        need_stage(pictures, leg);
}

/* ---- the studio ---- */

static bool anybody_has_video(const struct pictures *pictures)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, pictures->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (member_has_video(value))
            return true;
    }
    return false;
}

static void on_decoder_needs_key(struct studio_source *source, void *arg)
{
    const struct shown *shown = studio_source_arg(source);
    (void)arg;
    for (unsigned i = 0; i < MEDIA; i++) {
        if (shown->decoded[i] == source)
            member_request_keyframe(shown->member, LEG_MEDIUM_VIDEO + i);
    }
}

static gboolean on_watch(gpointer data);

static void open_studio(struct pictures *pictures)
{
    struct bridge *bridge = pictures->bridge;
    struct studio_config config = {.name = pictures->conference,
                                   .shards = bridge->shards,
                                   .shard_count = bridge->shard_count,
                                   .sound_delay_us = RELAY_SOUND_DELAY_US,
                                   .settings = bridge->studio,
                                   .keyframe = on_decoder_needs_key,
                                   .arg = pictures};
    if (pictures->studio != NULL || bridge->studio.rendition_count == 0 || !is_composed(pictures) ||
        !anybody_has_video(pictures))
        return;
    log_info("pictures are composed meeting=%s", pictures->conference);
    pictures->studio = studio_new(&config);
    pictures->page_since_us = clock_monotonic_us();
    pictures->timer = g_timeout_add(WATCH_MS, on_watch, pictures);
}

static const char *text_in(const json_t *texts, const char *name)
{
    return json_string_value(json_object_get(texts, name));
}

static void tell_texts(struct pictures *pictures)
{
    const json_t *declared = scenery_texts(pictures->scenery);
    struct studio_texts texts = {.agenda = text_in(declared, "agenda"),
                                 .state = text_in(declared, "state"),
                                 .is_live = json_is_true(json_object_get(declared, "live")),
                                 .lost = text_in(declared, "lost"),
                                 .has_clock = json_is_true(json_object_get(declared, "clock"))};
    if (pictures->studio != NULL)
        studio_set_texts(pictures->studio, &texts);
}

/* ---- the tap ---- */

static unsigned tapped_rendition(const struct pictures *pictures)
{
    const struct studio_settings *settings = &pictures->bridge->studio;
    for (unsigned i = 0; i < settings->rendition_count; i++) {
        if (settings->renditions[i].codec == CODED_VP8 && settings->renditions[i].height <= 720)
            return i;
    }
    return 0;
}

static void follow_tap(struct pictures *pictures)
{
    bool is_wanted = pictures->tap != NULL;
    struct stage *audience = pictures->stage_count > 0 ? pictures->stages[0] : NULL;
    if (audience == NULL || audience->view == NULL || is_wanted == pictures->is_tapped)
        return;
    studio_view_tap(audience->view, tapped_rendition(pictures), pictures->tap, pictures->tap_arg);
    pictures->is_tapped = is_wanted;
}

void pictures_set_tap(struct pictures *pictures, void (*tap)(struct coded_frame *frame, void *arg),
                      void *arg)
{
    if (pictures->is_tapped)
        studio_view_tap(pictures->stages[0]->view, tapped_rendition(pictures), NULL, NULL);
    pictures->is_tapped = false;
    pictures->tap = tap;
    pictures->tap_arg = arg;
    follow_tap(pictures);
    plan(pictures);
}

void pictures_set_content_tap(struct pictures *pictures,
                              void (*tap)(struct coded_frame *frame, void *arg), void *arg)
{
    pthread_mutex_lock(&pictures->content_lock);
    pictures->content_tap = tap;
    pictures->content_tap_arg = arg;
    pthread_mutex_unlock(&pictures->content_lock);
}

/* ---- who is of use ---- */

/* In how many lines a cell is drawn; 0 for one that fills the height. */
static unsigned lines_of(const struct pictures *pictures, const struct scene_cell *cell)
{
    unsigned height = pictures->bridge->studio.renditions[0].height;
    unsigned lines = height * cell->place.height / LAYOUT_SCALE;
    return lines * 4 >= height * 3 ? 0 : lines;
}

static void wish_scene(struct pictures *pictures, const struct stage *stage)
{
    bool is_decoded = stage->view != NULL && studio_view_runs(stage->view);
    for (unsigned i = 0; i < stage->scene.cell_count; i++) {
        const struct scene_cell *cell = &stage->scene.cells[i];
        struct member *member = find_member(pictures, scenery_leg(pictures->scenery, cell->source));
        if (member != NULL)
            shown_wish(pictures, member, cell->is_content, lines_of(pictures, cell), is_decoded);
    }
}

static void plan_stage(struct pictures *pictures, struct stage *stage)
{
    bool is_new = pictures->studio != NULL && stage->view == NULL;
    if (is_new)
        stage->view =
            studio_add_view(pictures->studio, stage->leg != NULL ? stage->leg : "audience");
    struct scene *scene = g_new0(struct scene, 1);
    const struct scenery_choice *choice =
        stage->leg != NULL ? g_hash_table_lookup(pictures->previews, stage->leg) : NULL;
    if (choice != NULL)
        scenery_plan_choice(pictures->scenery, choice, pictures->content, scene);
    else
        scenery_plan(pictures->scenery, stage->leg, pictures->content, pictures->page, scene);
    bool is_news = !scene_is_same(scene, &stage->scene);
    stage->scene = *scene;
    g_free(scene);
    if (stage->view != NULL && (is_news || is_new))
        studio_set_scene(stage->view, &stage->scene);
    wish_scene(pictures, stage);
}

static void plan_composed(struct pictures *pictures)
{
    const char *holder;
    settle_stages(pictures);
    open_studio(pictures);
    for (unsigned i = 0; i < pictures->stage_count; i++)
        plan_stage(pictures, pictures->stages[i]);
    /* Their slides are looked for: that there are some shows only when they come. */
    for (unsigned i = 0; (holder = scenery_holder(pictures->scenery, i)) != NULL; i++) {
        struct member *member = find_member(pictures, holder);
        if (member != NULL)
            shown_wish(pictures, member, 1, 0, false);
    }
    follow_tap(pictures);
}

static void plan(struct pictures *pictures)
{
    GHashTableIter iter;
    gpointer value;
    if (pictures->is_ended)
        return;
    shown_begin_plan(pictures);
    if (is_composed(pictures)) {
        plan_composed(pictures);
    } else {
        for (unsigned i = 0; i < pictures->speaker_count * MEDIA; i++)
            shown_wish(pictures, pictures->speakers[i / MEDIA], i % MEDIA, 0, false);
    }
    shown_follow_plan(pictures);
    g_hash_table_iter_init(&iter, pictures->members);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        pictures_show(pictures, value);
}

/* ---- who sees what ---- */

static unsigned pass_stream(const struct shown *shown, unsigned medium, unsigned bitrate_bps,
                            struct leg_rendition *rendition)
{
    if (shown == NULL || shown->relays[medium] == NULL)
        return 0;
    *rendition = (struct leg_rendition){.stream = relay_source_stream(shown->relays[medium]),
                                        .bitrate_bps = bitrate_bps};
    return 1;
}

/* A view that is one picture goes as it comes to who takes its codec. */
static unsigned pass_through(const struct pictures *pictures, const struct member *member,
                             const struct stage *stage, struct leg_rendition *rendition)
{
    enum coded_codec codec;
    const struct shown *shown =
        stage->scene.cell_count == 1 ? shown_find_id(pictures, stage->scene.cells[0].source) : NULL;
    if (!pictures->bridge->passes_through || shown == NULL || shown->member == member ||
        stage->scene.cells[0].is_content || shown->relays[0] == NULL ||
        !relay_source_codec(shown->relays[0], &codec) || !member_takes_codec(member, codec))
        return 0;
    return pass_stream(shown, 0, shown->rate_bps != 0 ? shown->rate_bps : RATE_FIRST_BPS,
                       rendition);
}

/* Those that need less than `below_bps`: beside what passes through, more would be no better. */
static unsigned composed(const struct pictures *pictures, const struct member *member,
                         const struct stage *stage, unsigned below_bps,
                         struct leg_rendition *renditions)
{
    const struct studio_settings *settings = &pictures->bridge->studio;
    enum coded_codec codec = member_takes_codec(member, CODED_VP8) ? CODED_VP8 : CODED_H264;
    unsigned count = 0;
    if (stage->view == NULL || !member_takes_codec(member, codec))
        return 0;
    for (unsigned i = 0; i < settings->rendition_count && count < LEG_RENDITIONS_MAX - 1; i++) {
        if (settings->renditions[i].codec == codec &&
            settings->renditions[i].bitrate_bps < below_bps)
            renditions[count++] =
                (struct leg_rendition){.stream = studio_view_stream(stage->view, i),
                                       .bitrate_bps = settings->renditions[i].bitrate_bps};
    }
    return count;
}

static void show_composed(struct pictures *pictures, struct member *member)
{
    struct leg_rendition renditions[LEG_RENDITIONS_MAX], slides;
    struct stage *stage = own_stage(pictures, member_leg(member));
    struct member *owner = find_member(pictures, pictures->content);
    if (stage == NULL)
        stage = pictures->stages[0];
    unsigned count = pass_through(pictures, member, stage, renditions);
    unsigned below_bps = count > 0 ? renditions[0].bitrate_bps : UINT_MAX;
    count += composed(pictures, member, stage, below_bps, renditions + count);
    member_show(member, LEG_MEDIUM_VIDEO, renditions, count);
    count = owner != NULL && owner != member
                ? pass_stream(shown_find(pictures, owner), 1, 0, &slides)
                : 0;
    member_show(member, LEG_MEDIUM_CONTENT, &slides, count);
}

void pictures_show(struct pictures *pictures, struct member *member)
{
    struct leg_rendition rendition;
    bool may_see = pictures->may_see(member, pictures->arg);
    if (may_see && is_composed(pictures) && pictures->stage_count > 0) {
        show_composed(pictures, member);
        return;
    }
    const struct member *seen =
        may_see && !is_composed(pictures) ? seen_by(pictures, member) : NULL;
    const struct shown *shown = seen != NULL ? shown_find(pictures, seen) : NULL;
    for (unsigned i = 0; i < MEDIA; i++)
        member_show(member, LEG_MEDIUM_VIDEO + i, &rendition, pass_stream(shown, i, 0, &rendition));
}

/* ---- what changes by itself ---- */

static const char *find_content(const struct pictures *pictures)
{
    const char *found = NULL, *holder;
    int64_t newest_us = 0;
    for (unsigned i = 0; (holder = scenery_holder(pictures->scenery, i)) != NULL; i++) {
        struct member *member = find_member(pictures, holder);
        const struct shown *shown = member != NULL ? shown_find(pictures, member) : NULL;
        if (shown != NULL && shown->content_heard_us >= MAX(newest_us, 1)) {
            newest_us = shown->content_heard_us;
            found = holder;
        }
    }
    return found;
}

static bool follow_content(struct pictures *pictures)
{
    const char *content = find_content(pictures);
    if (g_strcmp0(content, pictures->content) == 0)
        return false;
    g_free(pictures->content);
    pictures->content = g_strdup(content);
    return true;
}

static void turn_page(struct pictures *pictures, int64_t now_us)
{
    unsigned seconds = scenery_page_seconds(pictures->scenery);
    if (seconds == 0 || now_us - pictures->page_since_us < (int64_t)seconds * 1000000)
        return;
    pictures->page_since_us = now_us;
    pictures->page++;
}

static void tidy(struct pictures *pictures)
{
    const struct studio_settings *settings = &pictures->bridge->studio;
    for (unsigned i = 0; i < pictures->stage_count; i++) {
        bool is_wanted[STUDIO_RENDITIONS_MAX] = {false};
        struct studio_view *view = pictures->stages[i]->view;
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, pictures->members);
        while (view != NULL && g_hash_table_iter_next(&iter, NULL, &value)) {
            struct leg_counters counters;
            member_counters(value, &counters);
            for (unsigned j = 0; j < settings->rendition_count; j++) {
                uint32_t stream = studio_view_stream(view, j);
                is_wanted[j] |= counters.video_stream == stream || counters.video_next == stream;
            }
        }
        if (view != NULL)
            studio_view_tidy(view, is_wanted);
    }
}

static gboolean on_watch(gpointer data)
{
    struct pictures *pictures = data;
    int64_t now_us = clock_monotonic_us();
    shown_watch(pictures, now_us, (int64_t)WATCH_MS * 1000);
    follow_content(pictures);
    turn_page(pictures, now_us);
    if (++pictures->timer_runs % TIDY_RUNS == 0)
        tidy(pictures);
    plan(pictures);
    return G_SOURCE_CONTINUE;
}

void pictures_keyframe(struct pictures *pictures, uint32_t stream)
{
    for (unsigned i = 0; i < pictures->shown->len * MEDIA; i++) {
        const struct shown *shown = pictures->shown->pdata[i / MEDIA];
        if (shown->relays[i % MEDIA] != NULL &&
            relay_source_stream(shown->relays[i % MEDIA]) == stream) {
            member_request_keyframe(shown->member, LEG_MEDIUM_VIDEO + i % MEDIA);
            return;
        }
    }
    for (unsigned i = 0; i < pictures->stage_count; i++) {
        struct studio_view *view = pictures->stages[i]->view;
        bool ran = view != NULL && studio_view_runs(view);
        if (view == NULL || !studio_view_keyframe(view, stream))
            continue;
        if (!ran)
            plan(pictures); /* its sources are of use now */
        return;
    }
}

static void on_relay_needs_key(struct relay_source *source, void *arg)
{
    struct pictures *pictures = arg;
    pictures_keyframe(pictures, relay_source_stream(source));
}

/* ---- what is told ---- */

void pictures_set_speakers(struct pictures *pictures, struct member *const *speakers,
                           unsigned count)
{
    pictures->speaker_count = MIN(count, SPEAKERS_MAX);
    if (pictures->speaker_count > 0)
        memcpy(pictures->speakers, speakers, pictures->speaker_count * sizeof speakers[0]);
    plan(pictures);
}

bool pictures_declare(struct pictures *pictures, json_t *scene, char why[160])
{
    g_autofree char *before = g_strdup(scenery_layout(pictures->scenery));
    if (!scenery_declare(pictures->scenery, scene, why))
        return false;
    if (g_strcmp0(before, scenery_layout(pictures->scenery)) != 0) {
        pictures->page = 0; /* who chooses a mosaic sees it from its beginning */
        pictures->page_since_us = clock_monotonic_us();
    }
    follow_content(pictures);
    plan(pictures);
    tell_texts(pictures);
    return true;
}

bool pictures_preview(struct pictures *pictures, const char *leg, const char *layout,
                      const json_t *assigned, unsigned page, char why[160])
{
    struct scenery_choice choice;
    if (find_member(pictures, leg) == NULL || !is_composed(pictures)) {
        g_strlcpy(why, "the leg has no media, or nothing is composed", 160);
        return false;
    }
    if (!scenery_choose(pictures->scenery, layout, assigned, page, &choice, why))
        return false;
    if (!g_hash_table_contains(pictures->previews, leg) &&
        g_hash_table_size(pictures->previews) == PREVIEWS_MAX) {
        g_snprintf(why, 160, "%d look at something for themselves already", PREVIEWS_MAX);
        return false;
    }
    g_hash_table_insert(pictures->previews, g_strdup(leg), g_memdup2(&choice, sizeof choice));
    plan(pictures);
    return true;
}

void pictures_end_preview(struct pictures *pictures, const char *leg)
{
    if (g_hash_table_remove(pictures->previews, leg))
        plan(pictures);
}

void pictures_settle(struct pictures *pictures, const char *leg)
{
    struct shown *shown = shown_find_id(pictures, scenery_id(pictures->scenery, leg));
    if (shown != NULL && shown->member != find_member(pictures, leg))
        shown_drop(pictures, shown);
    plan(pictures);
}

/* ---- life ---- */

struct pictures *pictures_new(struct bridge *bridge, const char *conference, GHashTable *members,
                              bool (*may_see)(const struct member *member, void *arg), void *arg)
{
    struct pictures *pictures = g_new0(struct pictures, 1);
    struct relay_config config = {.name = conference,
                                  .shards = bridge->shards,
                                  .shard_count = bridge->shard_count,
                                  .main_queue = bridge->main_queue,
                                  .keyframe = on_relay_needs_key,
                                  .arg = pictures};
    pictures->bridge = bridge;
    pictures->conference = g_strdup(conference);
    pictures->members = members;
    pictures->may_see = may_see;
    pictures->arg = arg;
    pictures->scenery = scenery_new();
    pictures->previews = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pictures->shown = g_ptr_array_new();
    pthread_mutex_init(&pictures->content_lock, NULL);
    pictures->relay = relay_new(&config);
    return pictures;
}

void pictures_end(struct pictures *pictures)
{
    pictures->is_ended = true;
    g_clear_handle_id(&pictures->timer, g_source_remove);
    pictures->speaker_count = 0;
    pictures->is_tapped = false; /* the view takes its tap with it */
    while (pictures->shown->len > 0)
        shown_drop(pictures, pictures->shown->pdata[0]);
    while (pictures->stage_count > 0)
        remove_stage(pictures, pictures->stage_count - 1);
    g_clear_pointer(&pictures->studio, studio_free);
}

void pictures_free(struct pictures *pictures)
{
    if (pictures == NULL)
        return;
    pictures_end(pictures);
    relay_free(pictures->relay);
    scenery_free(pictures->scenery);
    g_hash_table_unref(pictures->previews);
    pthread_mutex_destroy(&pictures->content_lock);
    g_ptr_array_unref(pictures->shown);
    g_free(pictures->content);
    g_free(pictures->conference);
    g_free(pictures);
}

json_t *pictures_stats(const struct pictures *pictures)
{
    struct studio_counters counters = {0};
    if (pictures->studio != NULL)
        studio_counters(pictures->studio, &counters);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:I}", "ticks",
                     (json_int_t)counters.ticks, "late_ticks", (json_int_t)counters.late_ticks,
                     "frames", (json_int_t)counters.frames_encoded, "dropped",
                     (json_int_t)counters.frames_dropped, "key_frames",
                     (json_int_t)counters.key_frames, "renditions",
                     (int)counters.renditions_running, "sources", (int)pictures->shown->len,
                     "compose_cpu_us", (json_int_t)counters.cpu_us);
}

int64_t pictures_cpu_us(const struct pictures *pictures)
{
    return relay_cpu_us(pictures->relay);
}

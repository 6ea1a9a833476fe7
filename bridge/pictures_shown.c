/* The members whose pictures are of use: their sources in the relay and the studio, and what they
 * are told. */
#include "bridge/pictures_private.h"

#include <string.h>

/* What is of use at a height. */
static const struct {
    unsigned lines;
    int height, fps, kbps;
} sizes[] = {{180, 180, 15, 200}, {360, 360, 25, 700}, {720, 720, 30, 2500}, {0, 1080, 30, 4000}};

static unsigned medium_at(unsigned index)
{
    return LEG_MEDIUM_VIDEO + index;
}

struct shown *shown_find(const struct pictures *pictures, const struct member *member)
{
    for (unsigned i = 0; i < pictures->shown->len; i++) {
        struct shown *shown = pictures->shown->pdata[i];
        if (shown->member == member)
            return shown;
    }
    return NULL;
}

struct shown *shown_find_id(const struct pictures *pictures, scene_id id)
{
    for (unsigned i = 0; i < pictures->shown->len; i++) {
        struct shown *shown = pictures->shown->pdata[i];
        if (shown->id == id)
            return shown;
    }
    return NULL;
}

/* ---- the plan ---- */

void shown_begin_plan(struct pictures *pictures)
{
    for (unsigned i = 0; i < pictures->shown->len; i++) {
        struct shown *shown = pictures->shown->pdata[i];
        memset(shown->wish, 0, sizeof shown->wish);
    }
}

static struct shown *add(struct pictures *pictures, struct member *member)
{
    struct shown *shown = g_new0(struct shown, 1);
    shown->pictures = pictures;
    shown->member = member;
    shown->id = scenery_id(pictures->scenery, member_leg(member));
    g_ptr_array_add(pictures->shown, shown);
    return shown;
}

void shown_wish(struct pictures *pictures, struct member *member, unsigned medium, unsigned lines,
                bool is_decoded)
{
    struct shown *shown = shown_find(pictures, member);
    if (shown == NULL)
        shown = add(pictures, member);
    bool was_open = shown->wish[medium].is_open;
    unsigned before = shown->wish[medium].lines;
    shown->wish[medium].is_open = true;
    shown->wish[medium].is_decoded |= is_decoded;
    shown->wish[medium].lines = !was_open                   ? lines
                                : lines == 0 || before == 0 ? 0
                                                            : MAX(lines, before);
}

/* ---- what comes of it ---- */

/* The relay's thread. */
static void take_frame(struct coded_frame *frame, void *arg)
{
    struct studio_source *decoded = arg;
    studio_source_push(frame, decoded);
}

/* The same for slides, which are recorded as they come. */
static void take_content(struct coded_frame *frame, void *arg)
{
    struct shown *shown = arg;
    struct pictures *pictures = shown->pictures;
    if (shown->decoded[1] != NULL)
        studio_source_push(frame, shown->decoded[1]);
    pthread_mutex_lock(&pictures->content_lock);
    if (pictures->content_tap != NULL)
        pictures->content_tap(frame, pictures->content_tap_arg);
    pthread_mutex_unlock(&pictures->content_lock);
}

/* Changes who decodes while nobody pushes. */
static void set_decoder(struct shown *shown, unsigned medium, struct studio_source *decoded)
{
    struct relay *relay = shown->pictures->relay;
    relay_set_tap(relay, shown->relays[medium], NULL, NULL);
    shown->decoded[medium] = decoded;
    if (medium == 1)
        relay_set_tap(relay, shown->relays[medium], take_content, shown);
    else if (decoded != NULL)
        relay_set_tap(relay, shown->relays[medium], take_frame, decoded);
}

static void close_decoder(struct shown *shown, unsigned medium)
{
    struct studio_source *decoded = shown->decoded[medium];
    if (decoded == NULL)
        return;
    set_decoder(shown, medium, NULL);
    studio_remove_source(shown->pictures->studio, decoded);
}

static void open_decoder(struct shown *shown, unsigned medium)
{
    struct pictures *pictures = shown->pictures;
    if (shown->decoded[medium] != NULL || pictures->studio == NULL)
        return;
    set_decoder(shown, medium, studio_add_source(pictures->studio, shown->id, medium == 1, shown));
    member_request_keyframe(shown->member, medium_at(medium));
}

static void open_relay(struct shown *shown, unsigned medium)
{
    struct relay *relay = shown->pictures->relay;
    if (shown->relays[medium] != NULL)
        return;
    shown->relays[medium] =
        relay_add(relay, member_intake(shown->member, medium_at(medium)), shown);
    set_decoder(shown, medium, NULL);
}

static void close_relay(struct shown *shown, unsigned medium)
{
    if (shown->relays[medium] == NULL)
        return;
    member_open_video(shown->member, medium_at(medium), false, 0);
    relay_remove(shown->pictures->relay, shown->relays[medium]);
    shown->relays[medium] = NULL;
}

static void follow(struct shown *shown, unsigned medium)
{
    bool is_open = shown->wish[medium].is_open;
    if (!is_open || !shown->wish[medium].is_decoded)
        close_decoder(shown, medium);
    if (!is_open) {
        close_relay(shown, medium);
        return;
    }
    open_relay(shown, medium);
    member_open_video(shown->member, medium_at(medium), true, shown->wish[medium].lines);
    if (shown->wish[medium].is_decoded)
        open_decoder(shown, medium);
}

static json_t *describe_hint(const struct shown *shown)
{
    unsigned index = 0;
    if (shown == NULL || !shown->wish[0].is_open)
        return json_null();
    while (index + 1 < G_N_ELEMENTS(sizes) &&
           (shown->wish[0].lines == 0 || sizes[index].lines < shown->wish[0].lines))
        index++;
    return json_pack("{s:i, s:i, s:i}", "maxHeight", sizes[index].height, "maxFps",
                     sizes[index].fps, "maxKbps", sizes[index].kbps);
}

json_t *pictures_hint(const struct pictures *pictures, const struct member *member)
{
    return describe_hint(shown_find(pictures, member));
}

static void tell_hint(struct pictures *pictures, struct shown *shown)
{
    json_t *hint = describe_hint(shown);
    bool is_news = shown->hint == NULL ? !json_is_null(hint) : !json_equal(hint, shown->hint);
    json_decref(shown->hint);
    shown->hint = hint;
    if (is_news)
        pictures->bridge->notify("leg.hint",
                                 json_pack("{s:s, s:s, s:O}", "conference", pictures->conference,
                                           "leg", member_leg(shown->member), "video", hint),
                                 pictures->bridge->arg);
}

void shown_drop(struct pictures *pictures, struct shown *shown)
{
    memset(shown->wish, 0, sizeof shown->wish);
    for (unsigned i = 0; i < MEDIA; i++)
        follow(shown, i);
    tell_hint(pictures, shown);
    json_decref(shown->hint);
    g_ptr_array_remove(pictures->shown, shown);
    g_free(shown);
}

static bool is_member(const struct pictures *pictures, struct member *member)
{
    return g_hash_table_lookup(pictures->members, member_leg(member)) == member;
}

void shown_follow_plan(struct pictures *pictures)
{
    for (unsigned i = pictures->shown->len; i-- > 0;) {
        struct shown *shown = pictures->shown->pdata[i];
        bool is_idle = !shown->wish[0].is_open && !shown->wish[1].is_open;
        if (is_idle && (pictures->timer == 0 || !is_member(pictures, shown->member))) {
            shown_drop(pictures, shown);
            continue;
        }
        for (unsigned j = 0; j < MEDIA && !is_idle; j++)
            follow(shown, j);
        tell_hint(pictures, shown);
    }
}

/* ---- watching ---- */

/* In steps, so that what depends on it does not change with every frame. */
#define RATE_STEP_BPS   250000
#define CONTENT_GONE_US 10000000

static void watch(struct shown *shown, int64_t now_us, int64_t since_us)
{
    uint64_t bytes[MEDIA] = {0};
    for (unsigned i = 0; i < MEDIA; i++) {
        if (shown->relays[i] != NULL)
            bytes[i] = relay_source_bytes(shown->relays[i]);
    }
    if (bytes[0] > shown->bytes[0] && since_us > 0) {
        uint64_t rate = (bytes[0] - shown->bytes[0]) * 8 * 1000000 / (uint64_t)since_us;
        shown->rate_bps = (unsigned)((rate / RATE_STEP_BPS + 1) * RATE_STEP_BPS);
    }
    if (bytes[1] > shown->bytes[1])
        shown->content_heard_us = now_us;
    else if (now_us - shown->content_heard_us > CONTENT_GONE_US)
        shown->content_heard_us = 0;
    shown->bytes[0] = bytes[0];
    shown->bytes[1] = bytes[1];
}

void shown_watch(struct pictures *pictures, int64_t now_us, int64_t since_us)
{
    for (unsigned i = pictures->shown->len; i-- > 0;) {
        struct shown *shown = pictures->shown->pdata[i];
        bool is_idle = !shown->wish[0].is_open && !shown->wish[1].is_open;
        shown->idle_watches = is_idle ? shown->idle_watches + 1 : 0;
        if (shown->idle_watches > 1)
            shown_drop(pictures, shown);
        else
            watch(shown, now_us, since_us);
    }
}

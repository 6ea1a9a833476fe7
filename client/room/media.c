#include "client/room/media.h"

#include <string.h>

#define FIRST_DELAY_MS  1000
#define LAST_DELAY_MS   5000
#define RESTART_MS      15000 /* a restart that has brought nothing by then is tried again */
#define ORIGIN_SIZE     64
#define CANDIDATE_MOST  2000
#define CANDIDATES_MOST 100 /* of one description, from the server */

enum plan { PLAN_NOTHING, PLAN_BEGIN, PLAN_RESTART, PLAN_MOVE };

struct media {
    struct session *session;
    struct shard *shard;
    struct line *line;
    const struct room_pictures *pictures; /* NULL: none */
    struct queue *main_queue;
    void (*changed)(const char *state, const char *profile, void *arg);
    void (*trouble)(const char *what, void *arg);
    void *arg;

    char *name; /* NULL before the first hello */
    struct way way;
    struct call *call;
    bool is_up, has_keys, is_restarting, is_stopped;
    bool is_taken;            /* another session of this account has the sound */
    uint64_t generation;      /* of offers */
    char origin[ORIGIN_SIZE]; /* of the connection that the peer has: its o= line's numbers */
    unsigned candidates;      /* taken since the last offer */
    call_checked checked;     /* NULL: the line is not being tested */
    void *checked_arg;
    enum plan plan;
    unsigned delay_ms;
    guint timer;
};

static void carry_out(struct media *media);

/* ---- when ---- */

static gboolean on_timer(gpointer data)
{
    struct media *media = data;
    media->timer = 0;
    carry_out(media);
    return G_SOURCE_REMOVE;
}

static void stop_timer(struct media *media)
{
    if (media->timer != 0)
        g_source_remove(media->timer);
    media->timer = 0;
}

static void plan(struct media *media, enum plan what, unsigned delay_ms)
{
    if (media->is_stopped)
        return;
    stop_timer(media);
    media->plan = what;
    media->timer = g_timeout_add(delay_ms, on_timer, media);
}

static void plan_with_delay(struct media *media, enum plan what)
{
    plan(media, what, media->delay_ms);
    media->delay_ms = MIN(media->delay_ms * 2, LAST_DELAY_MS);
}

/* ---- the offer and its answer ---- */

struct ticket {
    struct media *media;
    uint64_t generation;
};

/* "o=- 42 1 IN IP4 …" -> "- 42": who answers (RFC 8866 section 5.2). */
static void read_origin(const char *sdp, char origin[ORIGIN_SIZE])
{
    const char *line = strstr(sdp, "\no=");
    g_auto(GStrv) words = g_strsplit(line != NULL ? line + 3 : "", " ", 3);
    g_snprintf(origin, ORIGIN_SIZE, "%s %s", words[0] != NULL ? words[0] : "",
               words[0] != NULL && words[1] != NULL ? words[1] : "");
}

static void take_answer(struct media *media, const char *sdp)
{
    char origin[ORIGIN_SIZE];
    read_origin(sdp, origin);
    bool is_other = strcmp(origin, media->origin) != 0;
    memcpy(media->origin, origin, sizeof origin);
    if (media->is_restarting && is_other)
        plan(media, PLAN_BEGIN, 0); /* the peer has forgotten the keys */
    else
        call_answer(media->call, sdp);
}

static void on_answer(const json_t *result, const json_t *error, void *arg)
{
    struct ticket *ticket = arg;
    struct media *media = ticket->media;
    const char *sdp = json_string_value(json_object_get(result, "sdp"));
    bool is_current = ticket->generation == media->generation && media->call != NULL;
    g_free(ticket);
    if (!is_current || media->is_stopped)
        return;
    if (sdp != NULL) {
        take_answer(media, sdp);
        return;
    }
    const char *why = json_string_value(json_object_get(error, "message"));
    media->trouble(why != NULL ? why : "the answer to the offer cannot be read", media->arg);
    plan_with_delay(media, media->is_restarting ? PLAN_RESTART : PLAN_BEGIN);
}

static void on_offer(const char *sdp, void *arg)
{
    struct media *media = arg;
    struct ticket *ticket = g_new(struct ticket, 1);
    *ticket = (struct ticket){media, ++media->generation};
    media->candidates = 0;
    if (session_call(media->session, "media.offer", json_pack("{s:s}", "sdp", sdp), on_answer,
                     ticket))
        return;
    g_free(ticket);
    plan_with_delay(media, media->is_restarting ? PLAN_RESTART : PLAN_BEGIN);
}

static void on_candidate(const char *candidate, const char *mid, void *arg)
{
    struct media *media = arg;
    session_call(media->session, "media.candidate",
                 json_pack("{s:s, s:s}", "candidate", candidate, "mid", mid), NULL, NULL);
}

/* ---- the connection ---- */

static void on_state(enum leg_state state, const char *profile, void *arg)
{
    struct media *media = arg;
    media->is_up = state == LEG_CONNECTED || state == LEG_DISCONNECTED;
    media->has_keys = profile != NULL;
    if (state == LEG_CONNECTED) {
        stop_timer(media);
        media->plan = PLAN_NOTHING;
        media->is_restarting = false;
        media->delay_ms = FIRST_DELAY_MS;
    }
    media->changed(leg_state_name(state), profile, media->arg);
    if (state == LEG_FAILED)
        plan_with_delay(media, media->has_keys ? PLAN_RESTART : PLAN_BEGIN);
    else if (state == LEG_CLOSED && !media->is_taken)
        plan_with_delay(media, PLAN_BEGIN);
}

static void on_failed(const char *why, void *arg)
{
    struct media *media = arg;
    media->is_up = false;
    media->trouble(why, media->arg);
    plan_with_delay(media, PLAN_BEGIN);
}

static void lose_check(struct media *media)
{
    call_checked checked = media->checked;
    media->checked = NULL;
    if (checked != NULL)
        checked(NULL, media->checked_arg);
}

static void begin(struct media *media)
{
    static const struct call_handlers handlers = {on_offer, on_candidate, on_state, on_failed};
    call_free(media->call);
    lose_check(media);
    media->is_up = media->has_keys = media->is_restarting = false;
    media->generation++;
    media->call = call_new(media->shard, media->name, &media->way, media->line, media->pictures,
                           media->main_queue, &handlers, media);
}

static void restart(struct media *media, bool is_elsewhere)
{
    media->is_restarting = true;
    media->generation++;
    if (is_elsewhere)
        call_move(media->call);
    else
        call_restart(media->call);
    plan(media, PLAN_RESTART, RESTART_MS);
}

/* What is planned waits for a session to say it in. */
static void carry_out(struct media *media)
{
    enum plan what = media->plan;
    if (media->is_stopped || !session_is_greeted(media->session))
        return;
    stop_timer(media);
    media->plan = PLAN_NOTHING;
    if (what == PLAN_BEGIN)
        begin(media);
    else if (what == PLAN_RESTART || what == PLAN_MOVE)
        restart(media, what == PLAN_MOVE);
}

/* ---- life ---- */

struct media *media_new(struct session *session, const struct session_config *config,
                        void (*changed)(const char *state, const char *profile, void *arg),
                        void (*trouble)(const char *what, void *arg), void *arg)
{
    struct media *media = g_new0(struct media, 1);
    media->session = session;
    media->shard = config->shard;
    media->pictures = config->pictures;
    media->line = config->line;
    media->main_queue = config->main_queue;
    media->changed = changed;
    media->trouble = trouble;
    media->arg = arg;
    media->delay_ms = FIRST_DELAY_MS;
    media->plan = PLAN_BEGIN;
    return media;
}

void media_stop(struct media *media)
{
    media->is_stopped = true;
    media->is_up = false;
    stop_timer(media);
    call_free(media->call);
    media->call = NULL;
    lose_check(media);
}

void media_free(struct media *media)
{
    media_stop(media);
    way_clear(&media->way);
    g_free(media->name);
    g_free(media);
}

void media_resume(struct media *media, const char *name, const json_t *hello)
{
    way_read(&media->way, hello);
    if (media->name == NULL)
        media->name = g_strdup(name);
    if (media->is_taken && !media->is_up)
        media->plan = PLAN_BEGIN;
    media->is_taken = false;
    carry_out(media);
}

void media_move(struct media *media)
{
    if (!media->has_keys || media->is_stopped || media->is_taken || media->plan == PLAN_BEGIN)
        return;
    stop_timer(media);
    media->plan = PLAN_MOVE;
    carry_out(media);
}

void media_renew(struct media *media)
{
    if (media->is_taken)
        return;
    media->plan = PLAN_BEGIN;
    carry_out(media);
}

void media_take_candidate(struct media *media, const json_t *params)
{
    const char *candidate = json_string_value(json_object_get(params, "candidate"));
    const char *mid = json_string_value(json_object_get(params, "mid"));
    if (media->call == NULL || candidate == NULL || strlen(candidate) > CANDIDATE_MOST ||
        media->candidates == CANDIDATES_MOST)
        return;
    media->candidates++;
    call_candidate(media->call, candidate, mid != NULL ? mid : "0");
}

/* How tall a picture is of use is all that is looked at. */
void media_take_hint(struct media *media, const json_t *params)
{
    const json_t *video = json_object_get(params, "video");
    json_int_t lines = json_integer_value(json_object_get(video, "maxHeight"));
    if (media->pictures != NULL && media->pictures->camera != NULL)
        canvas_want(media->pictures->camera, (unsigned)CLAMP(lines, 0, 10000));
}

/* Of a connection that stands here the server says "closed" only when somebody else has taken its
 * place. To take it back at once would begin a quarrel without an end. */
void media_take_state(struct media *media, const json_t *params)
{
    const char *state = json_string_value(json_object_get(params, "state"));
    if (!media->is_up || media->is_taken || g_strcmp0(state, "closed") != 0)
        return;
    media->is_taken = true;
    media->trouble("the sound has been taken over by another connection of this account",
                   media->arg);
}

/* ---- line tests ---- */

uint32_t media_probe_ssrc(const struct media *media)
{
    return media->is_up && media->call != NULL ? call_probe_ssrc(media->call) : 0;
}

static void on_checked(const struct line_findings *findings, void *arg)
{
    struct media *media = arg;
    call_checked checked = media->checked;
    media->checked = NULL;
    if (checked != NULL)
        checked(findings, media->checked_arg);
}

bool media_check_line(struct media *media, uint32_t peer_ssrc, unsigned kbps, call_checked done,
                      void *arg)
{
    if (!media->is_up || media->call == NULL)
        return false;
    media->checked = done;
    media->checked_arg = arg;
    call_check_line(media->call, peer_ssrc, kbps, on_checked, media);
    return true;
}

void media_stop_check(struct media *media)
{
    media->checked = NULL;
    if (media->call != NULL)
        call_stop_check(media->call);
}

bool media_counters(const struct media *media, struct leg_counters *counters)
{
    return media->is_up && media->call != NULL && call_counters(media->call, counters);
}

#include "bridge/member.h"

#include <stdatomic.h>
#include <string.h>

#define MEDIA 2 /* of pictures */

/* What the main thread wants of one medium of pictures. */
struct picture_wishes {
    unsigned rendition_count; /* to be shown */
    struct leg_rendition renditions[LEG_RENDITIONS_MAX];
    bool is_open; /* what comes is wanted */
    unsigned lines;
};

struct member {
    char *conference, *id;
    char *name; /* "conference/leg", for the log */
    struct shard *shard;
    unsigned shard_index;
    struct queue *main_queue;
    struct inbox *inbox;
    struct intake *intakes[MEDIA]; /* from LEG_MEDIUM_VIDEO on */
    /* The main thread's. */
    struct member_handlers handlers;
    void *arg;
    bool is_closed;
    bool was_connected; /* there are keys: what fails later can be restarted */
    bool was_answered;
    bool is_testing;
    uint64_t test_generation; /* which test is_testing speaks of */
    uint32_t probe_ssrc;
    enum leg_state state;
    uint32_t stream;
    struct picture_wishes wishes[MEDIA];
    bool has_video, takes_codec[2]; /* by its last description */
    char fingerprint[SDP_FINGERPRINT_SIZE], ufrag[SDP_TOKEN_SIZE], session_id[SDP_TOKEN_SIZE];
    struct network *network;
    /* The shard's. The pointer is published once for member_counters(). */
    _Atomic(struct leg *) leg;
    struct line_test *line_test; /* NULL: none runs */
    uint64_t running_generation; /* its */
    uint32_t heard_stream;       /* outside of tests */
};

/* ---- from the shard to the main thread ---- */

struct state_news {
    struct member *member;
    enum leg_state state;
};

static void take_state(void *arg)
{
    struct state_news *news = arg;
    struct member *member = news->member;
    member->state = news->state;
    member->was_connected = member->was_connected || news->state == LEG_CONNECTED;
    if (!member->is_closed)
        member->handlers.state(member, news->state, member->arg);
    g_free(news);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct member *member = arg;
    struct state_news *news = g_new(struct state_news, 1);
    (void)leg;
    *news = (struct state_news){member, state};
    queue_post(member->main_queue, take_state, news);
}

struct candidate_news {
    struct member *member;
    char *candidate, *mid;
};

static void take_candidate(void *arg)
{
    struct candidate_news *news = arg;
    if (!news->member->is_closed)
        news->member->handlers.candidate(news->member, news->candidate, news->mid,
                                         news->member->arg);
    g_free(news->candidate);
    g_free(news->mid);
    g_free(news);
}

static void on_candidate(struct leg *leg, const char *candidate, const char *mid, void *arg)
{
    struct member *member = arg;
    struct candidate_news *news = g_new(struct candidate_news, 1);
    (void)leg;
    *news = (struct candidate_news){member, g_strdup(candidate), g_strdup(mid)};
    queue_post(member->main_queue, take_candidate, news);
}

/* Per packet. */
static void on_rtp(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                   int64_t arrival_us, void *arg)
{
    struct member *member = arg;
    int level_dbov;
    if (member->line_test != NULL) {
        line_test_take(member->line_test, medium, packet, arrival_us);
        return; /* none of it reaches the mix */
    }
    if (medium != LEG_MEDIUM_AUDIO)
        return;
    if (!leg_packet_level(leg, packet, &level_dbov))
        level_dbov = 1;
    inbox_push_rtp(member->inbox, packet, level_dbov, arrival_us);
}

static void on_picture(struct leg *leg, unsigned medium, struct coded_frame *frame, void *arg)
{
    struct member *member = arg;
    if (!intake_push(member->intakes[medium - LEG_MEDIUM_VIDEO], frame))
        leg_request_keyframe(leg, medium);
}

struct keyframe_news {
    struct member *member;
    unsigned medium;
    uint32_t stream;
};

static void take_keyframe(void *arg)
{
    struct keyframe_news *news = arg;
    if (!news->member->is_closed)
        news->member->handlers.keyframe(news->member, news->medium, news->stream,
                                        news->member->arg);
    g_free(news);
}

static void on_keyframe(struct leg *leg, unsigned medium, uint32_t stream, void *arg)
{
    struct member *member = arg;
    struct keyframe_news *news = g_new(struct keyframe_news, 1);
    (void)leg;
    *news = (struct keyframe_news){member, medium, stream};
    queue_post(member->main_queue, take_keyframe, news);
}

/* ---- life ---- */

struct member *member_new(const struct member_config *config)
{
    struct member *member = g_new0(struct member, 1);
    member->conference = g_strdup(config->conference);
    member->id = g_strdup(config->leg);
    member->name = g_strconcat(config->conference, "/", config->leg, NULL);
    member->shard = config->shard;
    member->shard_index = config->shard_index;
    member->main_queue = config->main_queue;
    member->network = network_ref(config->network);
    member->handlers = config->handlers;
    member->arg = config->arg;
    member->inbox = inbox_new();
    for (unsigned i = 0; i < MEDIA; i++)
        member->intakes[i] = intake_new();
    member->probe_ssrc = g_random_int() | 1;
    return member;
}

static void destroy(void *arg)
{
    struct member *member = arg;
    inbox_unref(member->inbox);
    network_unref(member->network);
    for (unsigned i = 0; i < MEDIA; i++)
        intake_unref(member->intakes[i]);
    g_free(member->conference);
    g_free(member->id);
    g_free(member->name);
    g_free(member);
}

/* Whatever the shard has told before this stands before it in the main thread's queue. */
static void let_go(void *arg)
{
    struct member *member = arg;
    g_clear_pointer(&member->line_test, line_test_free);
    leg_free(atomic_exchange(&member->leg, NULL));
    queue_post(member->main_queue, destroy, member);
}

void member_close(struct member *member)
{
    member->is_closed = true;
    shard_post(member->shard, let_go, member);
}

const char *member_leg(const struct member *member)
{
    return member->id;
}

enum leg_state member_state(const struct member *member)
{
    return member->state;
}

bool member_is_over(const struct member *member)
{
    return member->state == LEG_CLOSED || (member->state == LEG_FAILED && !member->was_connected);
}

unsigned member_shard(const struct member *member)
{
    return member->shard_index;
}

struct inbox *member_inbox(const struct member *member)
{
    return member->inbox;
}

struct intake *member_intake(const struct member *member, unsigned medium)
{
    return member->intakes[medium - LEG_MEDIUM_VIDEO];
}

/* One program may have one certificate for all its connections; then the session's number tells
 * whether new credentials are a restart (RFC 8829 section 5.2.1) or a connection made anew. */
bool member_is_another(const struct member *member, const struct sdp_session *offer)
{
    if (member->fingerprint[0] == '\0')
        return false;
    return strcmp(member->fingerprint, offer->fingerprint) != 0 ||
           (strcmp(member->ufrag, offer->ice_ufrag) != 0 &&
            strcmp(member->session_id, offer->session_id) != 0);
}

/* ---- offers ---- */

struct offer_job {
    struct member *member;
    char *sdp;
    member_answer done;
    void *arg;
    uint32_t stream;
    struct picture_wishes wishes[MEDIA];
    char *answer;
    GError *error;
};

static void finish_offer(void *arg)
{
    struct offer_job *job = arg;
    struct member *member = job->member;
    member->was_answered = member->was_answered || job->answer != NULL;
    if (!member->was_answered)
        member->state = LEG_FAILED; /* the next offer begins anew */
    job->done(job->answer, job->error != NULL ? job->error->message : NULL, job->arg);
    g_clear_error(&job->error);
    g_free(job->answer);
    g_free(job->sdp);
    g_free(job);
}

static void follow_wishes(struct leg *leg, unsigned medium, const struct picture_wishes *wishes)
{
    leg_set_video_renditions(leg, medium, wishes->renditions, wishes->rendition_count);
    leg_open_video(leg, medium, wishes->is_open, wishes->lines);
}

static void run_offer(void *arg)
{
    struct offer_job *job = arg;
    struct member *member = job->member;
    struct leg *leg = atomic_load(&member->leg);
    if (leg == NULL) {
        struct leg_config config = {
            .role = LEG_ANSWERER,
            .name = member->name,
            .handlers = {on_state, on_candidate, on_rtp, on_picture, on_keyframe},
            .arg = member,
            .has_pictures = true};
        network_fill(member->network, &config);
        leg = leg_new(member->shard, &config, &job->error);
        if (leg != NULL)
            leg_set_audio_stream(leg, job->stream);
        for (unsigned i = 0; leg != NULL && i < MEDIA; i++)
            follow_wishes(leg, LEG_MEDIUM_VIDEO + i, &job->wishes[i]);
        member->heard_stream = job->stream;
        atomic_store(&member->leg, leg);
    }
    if (leg != NULL)
        job->answer = leg_answer(leg, job->sdp, &job->error);
    queue_post(member->main_queue, finish_offer, job);
}

static void read_video(struct member *member, const struct sdp_session *offer)
{
    static const enum sdp_codec_kind kinds[] = {
        [CODED_VP8] = SDP_CODEC_VP8, [CODED_H264] = SDP_CODEC_H264};
    const struct sdp_media *media = sdp_find_media(offer, SDP_MEDIUM_VIDEO);
    member->has_video = media != NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        member->takes_codec[i] = media != NULL && media->direction.receives &&
                                 sdp_find_video_codec_of(media, kinds[i]) != NULL;
}

void member_offer(struct member *member, const char *sdp, const struct sdp_session *offer,
                  member_answer done, void *arg)
{
    struct offer_job *job = g_new0(struct offer_job, 1);
    g_strlcpy(member->fingerprint, offer->fingerprint, sizeof member->fingerprint);
    g_strlcpy(member->ufrag, offer->ice_ufrag, sizeof member->ufrag);
    g_strlcpy(member->session_id, offer->session_id, sizeof member->session_id);
    read_video(member, offer);
    job->member = member;
    job->sdp = g_strdup(sdp);
    job->done = done;
    job->arg = arg;
    job->stream = member->stream;
    memcpy(job->wishes, member->wishes, sizeof job->wishes);
    shard_post(member->shard, run_offer, job);
}

struct candidate_job {
    struct member *member;
    char *candidate, *mid;
};

static void run_candidate(void *arg)
{
    struct candidate_job *job = arg;
    struct leg *leg = atomic_load(&job->member->leg);
    if (leg != NULL)
        leg_add_candidate(leg, job->candidate, job->mid);
    g_free(job->candidate);
    g_free(job->mid);
    g_free(job);
}

void member_candidate(struct member *member, const char *candidate, const char *mid)
{
    struct candidate_job *job = g_new(struct candidate_job, 1);
    *job = (struct candidate_job){member, g_strdup(candidate), g_strdup(mid)};
    shard_post(member->shard, run_candidate, job);
}

struct listen_job {
    struct member *member;
    uint32_t stream;
};

static void run_listen(void *arg)
{
    struct listen_job *job = arg;
    struct leg *leg = atomic_load(&job->member->leg);
    job->member->heard_stream = job->stream;
    if (leg != NULL && job->member->line_test == NULL)
        leg_set_audio_stream(leg, job->stream);
    g_free(job);
}

void member_listen(struct member *member, uint32_t stream)
{
    if (member->stream == stream)
        return;
    member->stream = stream;
    struct listen_job *job = g_new(struct listen_job, 1);
    *job = (struct listen_job){member, stream};
    shard_post(member->shard, run_listen, job);
}

/* ---- pictures ---- */

struct picture_job {
    struct member *member;
    unsigned medium;
    struct picture_wishes wishes;
    bool wants_key;
};

static void run_picture_job(void *arg)
{
    struct picture_job *job = arg;
    struct leg *leg = atomic_load(&job->member->leg);
    if (leg != NULL)
        follow_wishes(leg, job->medium, &job->wishes);
    if (leg != NULL && job->wants_key)
        leg_request_keyframe(leg, job->medium);
    g_free(job);
}

static void post_wishes(struct member *member, unsigned medium, bool wants_key)
{
    struct picture_job *job = g_new(struct picture_job, 1);
    *job =
        (struct picture_job){member, medium, member->wishes[medium - LEG_MEDIUM_VIDEO], wants_key};
    shard_post(member->shard, run_picture_job, job);
}

void member_show(struct member *member, unsigned medium, const struct leg_rendition *renditions,
                 unsigned count)
{
    struct picture_wishes *wishes = &member->wishes[medium - LEG_MEDIUM_VIDEO];
    size_t size = count * sizeof renditions[0];
    g_assert(count <= LEG_RENDITIONS_MAX);
    if (wishes->rendition_count == count &&
        (count == 0 || memcmp(wishes->renditions, renditions, size) == 0))
        return;
    wishes->rendition_count = count;
    if (count > 0)
        memcpy(wishes->renditions, renditions, size);
    post_wishes(member, medium, false);
}

bool member_takes_codec(const struct member *member, enum coded_codec codec)
{
    return member->takes_codec[codec];
}

bool member_has_video(const struct member *member)
{
    return member->has_video;
}

void member_open_video(struct member *member, unsigned medium, bool is_open, unsigned lines)
{
    struct picture_wishes *wishes = &member->wishes[medium - LEG_MEDIUM_VIDEO];
    if (wishes->is_open == is_open && wishes->lines == lines)
        return;
    wishes->is_open = is_open;
    wishes->lines = lines;
    post_wishes(member, medium, false);
}

void member_request_keyframe(struct member *member, unsigned medium)
{
    post_wishes(member, medium, true);
}

/* ---- line tests ---- */

struct test_job {
    struct member *member;
    struct line_test_config config;
    uint64_t generation;
    struct line_test_measures measures;
    bool was_running;
    member_line_measured done;
    void *arg;
};

static void take_test_end(void *arg)
{
    struct test_job *job = arg;
    struct member *member = job->member;
    if (job->generation == member->test_generation && member->is_testing) {
        member->is_testing = false;
        if (!member->is_closed)
            member->handlers.line_tested(member, &job->measures, member->arg);
    }
    g_free(job);
}

static void end_test(struct member *member)
{
    g_clear_pointer(&member->line_test, line_test_free);
    leg_set_audio_stream(atomic_load(&member->leg), member->heard_stream);
}

/* The shard. */
static void on_test_ended(void *arg)
{
    struct member *member = arg;
    struct test_job *job = g_new0(struct test_job, 1);
    job->member = member;
    job->generation = member->running_generation;
    line_test_measure(member->line_test, &job->measures);
    end_test(member);
    queue_post(member->main_queue, take_test_end, job);
}

static void run_test_start(void *arg)
{
    struct test_job *job = arg;
    struct member *member = job->member;
    struct leg *leg = atomic_load(&member->leg);
    if (leg == NULL) {
        queue_post(member->main_queue, take_test_end, job);
        return;
    }
    line_test_free(member->line_test);
    leg_set_audio_stream(leg, 0);
    member->running_generation = job->generation;
    member->line_test = line_test_new(member->shard, leg, &job->config, on_test_ended, member);
    g_free(job);
}

uint32_t member_start_line_test(struct member *member, uint32_t peer_ssrc, unsigned seconds,
                                unsigned load_kbps_max)
{
    struct test_job *job = g_new0(struct test_job, 1);
    job->member = member;
    job->config = (struct line_test_config){.ssrc = member->probe_ssrc,
                                            .peer_ssrc = peer_ssrc,
                                            .seconds = seconds,
                                            .load_kbps_max = load_kbps_max};
    job->generation = ++member->test_generation;
    member->is_testing = true;
    shard_post(member->shard, run_test_start, job);
    return member->probe_ssrc;
}

bool member_is_testing(const struct member *member)
{
    return member->is_testing;
}

static void take_test_stop(void *arg)
{
    struct test_job *job = arg;
    if (job->done != NULL)
        job->done(job->was_running ? &job->measures : NULL, job->arg);
    g_free(job);
}

static void run_test_stop(void *arg)
{
    struct test_job *job = arg;
    struct member *member = job->member;
    job->was_running = member->line_test != NULL;
    if (job->was_running) {
        line_test_measure(member->line_test, &job->measures);
        end_test(member);
    }
    queue_post(member->main_queue, take_test_stop, job);
}

void member_stop_line_test(struct member *member, member_line_measured done, void *arg)
{
    struct test_job *job = g_new0(struct test_job, 1);
    job->member = member;
    job->done = done;
    job->arg = arg;
    member->is_testing = false;
    shard_post(member->shard, run_test_stop, job);
}

/* The leg is freed only after member_close(), which the main thread calls itself. */
void member_counters(const struct member *member, struct leg_counters *counters)
{
    struct leg *leg = atomic_load(&((struct member *)member)->leg);
    memset(counters, 0, sizeof *counters);
    counters->level_dbov = -127;
    if (leg != NULL)
        leg_counters(leg, counters);
}

#include "client/room/call.h"

#include "bridge/audio/inbox.h"
#include "common/clock.h"

#include <stdatomic.h>
#include <string.h>

struct call {
    struct shard *shard;
    char *name;
    struct way way;
    struct queue *main_queue;
    struct inbox *inbox;
    uint32_t stream;
    bool has_pictures;
    struct room_pictures pictures;
    /* The main thread's. */
    struct call_handlers handlers;
    void *arg;
    bool is_gone;
    uint32_t probe_ssrc;
    call_checked checked; /* NULL: no check runs */
    void *checked_arg;
    uint64_t check_number;
    /* The shard's. The pointer is published for call_counters(). */
    _Atomic(struct leg *) leg;
    struct line_check *check;
    GSource *check_timer;
    uint64_t running_number;
};

/* Something for the other thread: a text or two, or a state. */
struct message {
    struct call *call;
    char *text, *mid;
    enum leg_state state;
    const char *profile; /* a literal */
};

static struct message *message_new(struct call *call, const char *text, const char *mid)
{
    struct message *message = g_new0(struct message, 1);
    message->call = call;
    message->text = g_strdup(text);
    message->mid = g_strdup(mid);
    return message;
}

static void message_free(struct message *message)
{
    g_free(message->text);
    g_free(message->mid);
    g_free(message);
}

/* ---- to the main thread ---- */

static void take_state(void *arg)
{
    struct message *message = arg;
    if (!message->call->is_gone)
        message->call->handlers.state(message->state, message->profile, message->call->arg);
    message_free(message);
}

static void on_state(struct leg *leg, enum leg_state state, void *arg)
{
    struct call *call = arg;
    struct message *message = message_new(call, NULL, NULL);
    message->state = state;
    message->profile = leg_srtp_profile(leg);
    queue_post(call->main_queue, take_state, message);
}

static void take_candidate(void *arg)
{
    struct message *message = arg;
    if (!message->call->is_gone)
        message->call->handlers.candidate(message->text, message->mid, message->call->arg);
    message_free(message);
}

static void on_candidate(struct leg *leg, const char *candidate, const char *mid, void *arg)
{
    struct call *call = arg;
    (void)leg;
    queue_post(call->main_queue, take_candidate, message_new(call, candidate, mid));
}

static void take_offer(void *arg)
{
    struct message *message = arg;
    if (!message->call->is_gone)
        message->call->handlers.offer(message->text, message->call->arg);
    message_free(message);
}

static void take_failure(void *arg)
{
    struct message *message = arg;
    if (!message->call->is_gone)
        message->call->handlers.failed(message->text, message->call->arg);
    message_free(message);
}

/* Per packet. */
static void on_rtp(struct leg *leg, unsigned medium, const struct rtp_packet *packet,
                   int64_t arrival_us, void *arg)
{
    struct call *call = arg;
    int level_dbov;
    if (medium == LEG_MEDIUM_PROBE && call->check != NULL)
        line_check_take(call->check, packet->payload, packet->payload_size, arrival_us);
    if (medium != LEG_MEDIUM_AUDIO)
        return;
    if (!leg_packet_level(leg, packet, &level_dbov))
        level_dbov = 1;
    inbox_push_rtp(call->inbox, packet, level_dbov, arrival_us);
}

static void on_keyframe(struct leg *leg, unsigned medium, uint32_t stream, void *arg)
{
    struct call *call = arg;
    struct canvas *canvas =
        medium == LEG_MEDIUM_VIDEO ? call->pictures.camera : call->pictures.slides;
    (void)leg;
    (void)stream;
    if (canvas != NULL)
        canvas_request_keyframe(canvas);
}

static void on_picture(struct leg *leg, unsigned medium, struct coded_frame *frame, void *arg)
{
    struct call *call = arg;
    if (medium == LEG_MEDIUM_VIDEO && call->pictures.viewer != NULL &&
        !viewer_push(call->pictures.viewer, frame))
        leg_request_keyframe(leg, medium);
    coded_frame_unref(frame);
}

/* ---- on the shard ---- */

static void fail(struct call *call, GError *error)
{
    queue_post(call->main_queue, take_failure, message_new(call, error->message, NULL));
    g_error_free(error);
}

static void offer(struct call *call, bool restarts)
{
    GError *error = NULL;
    g_autofree char *sdp = leg_offer(call->leg, restarts, &error);
    if (sdp != NULL)
        queue_post(call->main_queue, take_offer, message_new(call, sdp, NULL));
    else
        fail(call, error);
}

static void set_up_pictures(struct call *call)
{
    const struct room_pictures *pictures = &call->pictures;
    if (pictures->camera != NULL)
        leg_set_video_stream(call->leg, LEG_MEDIUM_VIDEO, canvas_stream(pictures->camera));
    if (pictures->slides != NULL)
        leg_set_video_stream(call->leg, LEG_MEDIUM_CONTENT, canvas_stream(pictures->slides));
    if (pictures->viewer != NULL)
        leg_open_video(call->leg, LEG_MEDIUM_VIDEO, true, 0);
}

static void begin(void *arg)
{
    struct call *call = arg;
    GError *error = NULL;
    struct leg_config config = {
        .role = LEG_OFFERER,
        .name = call->name,
        .stun_server = call->way.stun,
        .turn_server = call->way.turn,
        .has_tcp = call->way.has_tcp,
        .has_pictures = call->has_pictures,
        .handlers = {on_state, on_candidate, on_rtp, on_picture, on_keyframe},
        .arg = call};
    call->leg = leg_new(call->shard, &config, &error);
    if (call->leg == NULL) {
        fail(call, error);
        return;
    }
    leg_set_audio_stream(call->leg, call->stream);
    set_up_pictures(call);
    offer(call, false);
}

static void move(void *arg)
{
    struct call *call = arg;
    GError *error = NULL;
    if (call->leg == NULL)
        return;
    if (leg_move(call->leg, &error))
        offer(call, false);
    else
        fail(call, error);
}

static void restart(void *arg)
{
    struct call *call = arg;
    if (call->leg != NULL)
        offer(call, true);
}

static void accept_answer(void *arg)
{
    struct message *message = arg;
    GError *error = NULL;
    if (message->call->leg != NULL && !leg_accept_answer(message->call->leg, message->text, &error))
        fail(message->call, error);
    message_free(message);
}

static void add_candidate(void *arg)
{
    struct message *message = arg;
    if (message->call->leg != NULL)
        leg_add_candidate(message->call->leg, message->text, message->mid);
    message_free(message);
}

/* ---- the line test, on the shard ---- */

#define CHECK_TURN_MS 5

struct check_job {
    struct call *call;
    uint32_t peer_ssrc;
    unsigned kbps;
    uint64_t number;
    struct line_findings findings;
};

static void end_check(struct call *call)
{
    if (call->check == NULL)
        return;
    g_source_destroy(call->check_timer);
    g_clear_pointer(&call->check_timer, g_source_unref);
    g_clear_pointer(&call->check, line_check_free);
    leg_close_probe(call->leg);
}

static void take_findings(void *arg)
{
    struct check_job *job = arg;
    struct call *call = job->call;
    call_checked checked = call->checked;
    if (!call->is_gone && checked != NULL && job->number == call->check_number) {
        call->checked = NULL;
        checked(&job->findings, call->checked_arg);
    }
    g_free(job);
}

static gboolean on_check_turn(gpointer data)
{
    struct call *call = data;
    line_check_turn(call->check, clock_monotonic_us());
    if (!line_check_is_over(call->check))
        return G_SOURCE_CONTINUE;
    struct check_job *job = g_new0(struct check_job, 1);
    job->call = call;
    job->number = call->running_number;
    line_check_find(call->check, &job->findings);
    end_check(call);
    queue_post(call->main_queue, take_findings, job);
    return G_SOURCE_REMOVE;
}

static void send_probe(const uint8_t *payload, size_t size, void *arg)
{
    struct call *call = arg;
    leg_send_probe(call->leg, payload, size);
}

static void run_check(void *arg)
{
    struct check_job *job = arg;
    struct call *call = job->call;
    struct line_check_config config = {job->kbps, send_probe, call};
    end_check(call);
    if (call->leg == NULL) {
        queue_post(call->main_queue, take_findings, job); /* nothing came back */
        return;
    }
    call->running_number = job->number;
    call->check = line_check_new(&config, clock_monotonic_us());
    leg_open_probe(call->leg, call->probe_ssrc, job->peer_ssrc);
    call->check_timer = g_timeout_source_new(CHECK_TURN_MS);
    g_source_set_callback(call->check_timer, on_check_turn, call, NULL);
    g_source_attach(call->check_timer, shard_context(call->shard));
    g_free(job);
}

static void run_stop_check(void *arg)
{
    end_check(arg);
}

/* ---- its end ---- */

static void destroy(void *arg)
{
    struct call *call = arg;
    inbox_unref(call->inbox);
    way_clear(&call->way);
    canvas_unref(call->pictures.camera);
    canvas_unref(call->pictures.slides);
    viewer_unref(call->pictures.viewer);
    g_free(call->name);
    g_free(call);
}

static void let_go(void *arg)
{
    struct call *call = arg;
    end_check(call);
    leg_free(atomic_exchange(&call->leg, NULL));
    queue_post(call->main_queue, destroy, call);
}

/* ---- the main thread ---- */

static void take_pictures(struct call *call, const struct room_pictures *pictures)
{
    call->has_pictures = true;
    if (pictures->camera != NULL)
        call->pictures.camera = canvas_ref(pictures->camera);
    if (pictures->slides != NULL)
        call->pictures.slides = canvas_ref(pictures->slides);
    if (pictures->viewer != NULL)
        call->pictures.viewer = viewer_ref(pictures->viewer);
}

struct call *call_new(struct shard *shard, const char *name, const struct way *way,
                      struct line *line, const struct room_pictures *pictures,
                      struct queue *main_queue, const struct call_handlers *handlers, void *arg)
{
    struct call *call = g_new0(struct call, 1);
    call->shard = shard;
    call->name = g_strdup(name);
    call->way = (struct way){g_strdup(way->stun), g_strdup(way->turn), way->has_tcp};
    call->main_queue = main_queue;
    call->inbox = inbox_ref(line_inbox(line));
    call->stream = line_stream(line);
    if (pictures != NULL)
        take_pictures(call, pictures);
    call->probe_ssrc = g_random_int() | 1;
    call->handlers = *handlers;
    call->arg = arg;
    shard_post(shard, begin, call);
    return call;
}

void call_free(struct call *call)
{
    if (call == NULL)
        return;
    call->is_gone = true;
    shard_post(call->shard, let_go, call);
}

void call_restart(struct call *call)
{
    shard_post(call->shard, restart, call);
}

void call_move(struct call *call)
{
    shard_post(call->shard, move, call);
}

void call_answer(struct call *call, const char *sdp)
{
    shard_post(call->shard, accept_answer, message_new(call, sdp, NULL));
}

void call_candidate(struct call *call, const char *candidate, const char *mid)
{
    shard_post(call->shard, add_candidate, message_new(call, candidate, mid));
}

uint32_t call_probe_ssrc(const struct call *call)
{
    return call->probe_ssrc;
}

void call_check_line(struct call *call, uint32_t peer_ssrc, unsigned kbps, call_checked done,
                     void *arg)
{
    struct check_job *job = g_new0(struct check_job, 1);
    call->checked = done;
    call->checked_arg = arg;
    job->call = call;
    job->peer_ssrc = peer_ssrc;
    job->kbps = kbps;
    job->number = ++call->check_number;
    line_findings_judge(&job->findings);
    shard_post(call->shard, run_check, job);
}

void call_stop_check(struct call *call)
{
    call->checked = NULL;
    shard_post(call->shard, run_stop_check, call);
}

/* The leg is freed only after call_free(), which this thread calls itself. */
bool call_counters(const struct call *call, struct leg_counters *counters)
{
    struct leg *leg = atomic_load(&((struct call *)call)->leg);
    if (leg != NULL)
        leg_counters(leg, counters);
    return leg != NULL;
}

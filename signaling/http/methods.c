#include "signaling/http/methods.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/hello.h"
#include "signaling/http/leg_call.h"
#include "signaling/http/line.h"

#include <string.h>

#define SDP_MAX       60000
#define CANDIDATE_MAX 1024
#define MID_MAX       64
#define STATS_MAX     4096

/* What a method does: true with `*result`, an object, or with none, when the answer comes later;
 * false with `refusal`. */
struct call {
    struct service *service;
    struct session *session;
    const struct rpc_request *request;
    json_t *result;
    struct refusal refusal;
};

static bool refuse(struct call *call, enum error_code code, const char *reason, const char *message)
{
    refusal_set(&call->refusal, code, reason, "", "%s", message);
    return false;
}

/* Media. */

struct offer {
    struct session *session;
    json_t *id;
};

static void on_answer(const char *answer, const char *error, bool is_away, void *arg)
{
    struct offer *offer = arg;
    struct refusal refusal = {0};
    if (answer != NULL) {
        session_send_take(offer->session, rpc_result(offer->id, json_pack("{s:s}", "sdp", answer)));
    } else {
        if (is_away)
            refusal_set(&refusal, ERROR_NO_MEDIA, "no-media", "", "the bridge is away");
        else
            refusal_set(&refusal, ERROR_INVALID, "invalid", "sdp", "%s", error);
        session_send_take(offer->session, rpc_error(offer->id, &refusal));
    }
    session_unref(offer->session);
    json_decref(offer->id);
    g_free(offer);
}

static bool needs_media(struct call *call)
{
    if (call->session->leg == NULL)
        return refuse(call, ERROR_NO_SUCH_MEETING, "no-such-meeting", "no meeting was named");
    if (call->service->plane == NULL || !media_plane_is_ready(call->service->plane))
        return refuse(call, ERROR_NO_MEDIA, "no-media",
                      "the bridge is away; try again when media.ready comes");
    return true;
}

static bool media_offer(struct call *call)
{
    struct json_fields fields;
    json_fields_begin(&fields, call->request->params);
    const char *sdp = json_fields_raw(&fields, "sdp", SDP_MAX, JSON_REQUIRED);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&call->refusal, &fields);
        return false;
    }
    if (call->request->id == NULL)
        return refuse(call, ERROR_INVALID_REQUEST, "invalid-request",
                      "media.offer needs an id: its answer is what it is for");
    if (!needs_media(call))
        return false;
    struct offer *offer = g_new(struct offer, 1);
    offer->session = session_ref(call->session);
    offer->id = json_incref(call->request->id);
    attendance_claim_media(call->service->attendance, call->session);
    media_plane_offer(call->service->plane, call->session->meeting, call->session->leg, sdp,
                      on_answer, offer);
    return true;
}

static bool media_candidate(struct call *call)
{
    struct json_fields fields;
    json_fields_begin(&fields, call->request->params);
    const char *candidate = json_fields_raw(&fields, "candidate", CANDIDATE_MAX, JSON_REQUIRED);
    const char *mid = json_fields_raw(&fields, "mid", MID_MAX, JSON_OPTIONAL);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&call->refusal, &fields);
        return false;
    }
    if (!needs_media(call))
        return false;
    /* Another session of the same account may have the media by now: its candidates alone count. */
    if (attendance_media_owner(call->service->attendance, call->session->meeting,
                               call->session->leg) == call->session)
        media_plane_candidate(call->service->plane, call->session->meeting, call->session->leg,
                              candidate, mid != NULL ? mid : "");
    call->result = json_object();
    return true;
}

static bool media_stats(struct call *call)
{
    if (json_dumpb(call->request->params, NULL, 0, JSON_COMPACT) > STATS_MAX) {
        refusal_set(&call->refusal, ERROR_INVALID, "invalid", "params",
                    "statistics may have %d bytes", STATS_MAX);
        return false;
    }
    json_decref(call->session->stats);
    call->session->stats = json_incref(call->request->params);
    call->result = json_object();
    return true;
}

static bool session_hello(struct call *call)
{
    if (call->request->id == NULL)
        return refuse(call, ERROR_INVALID_REQUEST, "invalid-request", "session.hello needs an id");
    return hello(call->service, call->session, call->request, &call->refusal);
}

/* A client asks whether the line still holds; a browser cannot see the WebSocket's own pings. */
static bool session_ping(struct call *call)
{
    char now[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_utc_us(), now);
    call->result = json_pack("{s:s}", "time", now);
    return true;
}

/* Line tests, looks. */

#define FORWARD(name)                                                                              \
    static bool call_##name(struct call *call)                                                     \
    {                                                                                              \
        return name(call->service, call->session, call->request, &call->result, &call->refusal);   \
    }

FORWARD(media_preview)
FORWARD(line_start)
FORWARD(line_stop)
FORWARD(line_result)
FORWARD(readiness_tick)

/* Everything else. */

static bool command(struct call *call)
{
    const struct session *session = call->session;
    const char *method = call->request->method;
    struct actor actor = {session->identity->account, session->identity->role,
                          session->identity->site};
    bool is_creation = strcmp(method, "meeting.create") == 0;
    if (strcmp(method, "paper.add") == 0)
        return refuse(call, ERROR_NO_SUCH_METHOD, "no-such-method",
                      "a paper is sent as a file: POST /api/v1/meetings/{id}/papers");
    if (session->meeting == NULL && !is_creation)
        return refuse(call, ERROR_NO_SUCH_MEETING, "no-such-meeting", "no meeting was named");
    if (session->meeting != NULL && is_creation)
        return refuse(call, ERROR_NOT_ALLOWED, "not-allowed",
                      "a meeting is made by an account that is in no meeting");
    return hub_execute(call->service->hub, session->meeting, method, call->request->params, &actor,
                       &call->result, &call->refusal);
}

static bool dispatch(struct call *call)
{
    static const struct {
        const char *name;
        bool (*run)(struct call *call);
    } methods[] = {
        {"session.hello", session_hello},  {"session.ping", session_ping},
        {"media.offer", media_offer},      {"media.candidate", media_candidate},
        {"media.stats", media_stats},      {"media.preview", call_media_preview},
        {"line.start", call_line_start},   {"line.stop", call_line_stop},
        {"line.result", call_line_result}, {"readiness.tick", call_readiness_tick},
    };
    const char *name = call->request->method;
    bool is_hello = strcmp(name, "session.hello") == 0;
    if (call->session->identity == NULL && !is_hello)
        return refuse(call, ERROR_NOT_SIGNED_IN, "not-signed-in", "session.hello comes first");
    if (call->session->identity != NULL && is_hello)
        return refuse(call, ERROR_WRONG_STATE, "wrong-state", "this session has said hello");
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].run(call);
    }
    return command(call);
}

void methods_handle(struct service *service, struct session *session, const char *text, size_t size)
{
    struct rpc_request request;
    struct call call = {service, session, &request};
    if (!rpc_parse(text, size, &request, &call.refusal)) {
        session_send_take(session, rpc_error(request.id, &call.refusal));
        if (call.refusal.code == ERROR_NOT_JSON)
            session_close(session, SOUP_WEBSOCKET_CLOSE_BAD_DATA, "not JSON");
        rpc_request_clear(&request);
        return;
    }
    bool is_done = dispatch(&call);
    if (!is_done && (request.id != NULL || call.refusal.code == ERROR_INVALID_REQUEST))
        session_send_take(session, rpc_error(request.id, &call.refusal));
    else if (call.result != NULL && request.id != NULL)
        session_send_take(session, rpc_result(request.id, json_incref(call.result)));
    json_decref(call.result);
    rpc_request_clear(&request);
}

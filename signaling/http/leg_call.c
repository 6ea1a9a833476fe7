#include "signaling/http/leg_call.h"

#include "signaling/bus/media_plane.h"

#define LAYOUT_MAX 64
#define CELLS_MAX  64
#define PAGE_MAX   10000

static bool refuse(struct refusal *refusal, enum error_code code, const char *reason,
                   const char *message)
{
    refusal_set(refusal, code, reason, "", "%s", message);
    return false;
}

struct waiting {
    struct session *session;
    json_t *id; /* NULL: no answer is wanted */
};

static void on_answer(const json_t *result, enum media_refusal kind, const char *why, void *arg)
{
    struct waiting *waiting = arg;
    struct refusal refusal = {0};
    if (result != NULL) {
        if (waiting->id != NULL)
            session_send_take(waiting->session, rpc_result(waiting->id, json_deep_copy(result)));
    } else {
        if (kind == MEDIA_AWAY)
            refuse(&refusal, ERROR_NO_MEDIA, "no-media", why);
        else if (kind == MEDIA_TOO_MANY)
            refuse(&refusal, ERROR_TOO_MANY, "too-many", why);
        else
            refuse(&refusal, ERROR_WRONG_STATE, "wrong-state", why);
        if (waiting->id != NULL)
            session_send_take(waiting->session, rpc_error(waiting->id, &refusal));
    }
    session_unref(waiting->session);
    json_decref(waiting->id);
    g_free(waiting);
}

bool leg_call(struct service *service, struct session *session, const struct rpc_request *request,
              const char *method, struct refusal *refusal)
{
    if (session->leg == NULL)
        return refuse(refusal, ERROR_NO_SUCH_MEETING, "no-such-meeting", "no meeting was named");
    if (service->plane == NULL || !media_plane_is_ready(service->plane))
        return refuse(refusal, ERROR_NO_MEDIA, "no-media",
                      "the bridge is away; try again when media.ready comes");
    if (attendance_media_owner(service->attendance, session->meeting, session->leg) != session)
        return refuse(refusal, ERROR_WRONG_STATE, "wrong-state", "the media is not connected");
    struct waiting *waiting = g_new(struct waiting, 1);
    *waiting = (struct waiting){session_ref(session), json_incref(request->id)};
    media_plane_ask_leg(service->plane, method, session->meeting, session->leg, request->params,
                        on_answer, waiting);
    return true;
}

bool media_preview(struct service *service, struct session *session,
                   const struct rpc_request *request, json_t **result, struct refusal *refusal)
{
    struct json_fields fields;
    enum role role = session->identity->role;
    (void)result;
    if (role != ROLE_OPERATOR && role != ROLE_CHAIR && role != ROLE_SECRETARY)
        return refuse(refusal, ERROR_NOT_ALLOWED, "not-allowed",
                      "only who leads or runs the meeting looks at layouts");
    json_fields_begin(&fields, request->params);
    json_fields_raw(&fields, "layout", LAYOUT_MAX, JSON_OPTIONAL);
    json_fields_array(&fields, "cells", CELLS_MAX, JSON_OPTIONAL);
    json_fields_integer(&fields, "page", 0, PAGE_MAX, 0, JSON_OPTIONAL);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(refusal, &fields);
        return false;
    }
    return leg_call(service, session, request, "leg.preview", refusal);
}

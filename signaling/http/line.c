#include "signaling/http/line.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/leg_call.h"

#define SECONDS_MAX 60
#define ADVICE_MAX  16
#define NOTE_MAX    500
#define TESTER_MAX  200

/* What the table and the notification call the findings. */
static const char *const items[] = {"sound", "picture", "backup", NULL};
static const char *const verdicts[] = {"good", "usable", "bad", NULL};

static bool refuse(struct refusal *refusal, enum error_code code, const char *reason,
                   const char *message)
{
    refusal_set(refusal, code, reason, "", "%s", message);
    return false;
}

/* ---- start and stop: the bridge's to say ---- */

bool line_start(struct service *service, struct session *session, const struct rpc_request *request,
                json_t **result, struct refusal *refusal)
{
    struct json_fields fields;
    (void)result;
    json_fields_begin(&fields, request->params);
    json_fields_integer(&fields, "ssrc", 1, UINT32_MAX, 0, JSON_OPTIONAL);
    json_fields_integer(&fields, "seconds", 1, SECONDS_MAX, 0, JSON_OPTIONAL);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(refusal, &fields);
        return false;
    }
    return leg_call(service, session, request, "line.start", refusal);
}

bool line_stop(struct service *service, struct session *session, const struct rpc_request *request,
               json_t **result, struct refusal *refusal)
{
    struct json_fields fields;
    (void)result;
    json_fields_begin(&fields, request->params);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(refusal, &fields);
        return false;
    }
    return leg_call(service, session, request, "line.stop", refusal);
}

/* ---- what was found ---- */

/* Kept, told to those who look after the meeting, answered. */
static bool keep(struct service *service, const struct session *session, const char *site,
                 const char *item, const json_t *value, json_t **result, struct refusal *refusal)
{
    g_autoptr(GError) error = NULL;
    int64_t now_us = clock_utc_us();
    char time[CLOCK_RFC3339_SIZE];
    json_t *by = json_pack("{s:s?, s:s, s:s?}", "account", session->identity->account, "role",
                           role_name(session->identity->role), "site", session->identity->site);
    bool is_kept = store_put_readiness(service->store, session->meeting, site, item, value, by,
                                       now_us, &error);
    if (is_kept) {
        json_t *told = json_pack("{s:s, s:s, s:o}", "site", site, "item", item, item,
                                 json_copy((json_t *)value));
        json_t *shown = json_object_get(told, item);
        clock_format_rfc3339(now_us, time);
        json_object_set(shown, "by", by);
        json_object_set_new(shown, "time", json_string(time));
        attendance_notify_staff(service->attendance, session->meeting, "site.readiness", told);
        *result = json_object();
    } else {
        log_error("readiness cannot be written meeting=%s why=%s", session->meeting,
                  error->message);
        refuse(refusal, ERROR_STORAGE, "storage", "the result cannot be kept");
    }
    json_decref(by);
    return is_kept;
}

static void take_number(struct json_fields *fields, json_t *value, const char *name, double most)
{
    double number = json_fields_number(fields, name, 0, most, -1, JSON_OPTIONAL);
    json_object_set_new(value, name, number >= 0 ? json_real(number) : json_null());
}

/* Short codes, such as "loss-up"; a program that shows them knows their words. */
static void take_advice(struct json_fields *fields, json_t *value)
{
    const json_t *advice = json_fields_array(fields, "advice", ADVICE_MAX, JSON_OPTIONAL);
    size_t index;
    json_t *code;
    json_array_foreach ((json_t *)advice, index, code) {
        if (!json_is_string(code) || !id_is_slug(json_string_value(code)))
            json_fields_fail(fields, "advice", "must be a list of slugs");
    }
    json_object_set_new(value, "advice", advice != NULL ? json_deep_copy(advice) : json_array());
}

static json_t *read_result(const json_t *params, struct refusal *refusal)
{
    static const struct {
        const char *name;
        double most;
    } numbers[] = {
        {"rtt_ms", 60000},       {"loss_up", 100},          {"loss_down", 100},
        {"jitter_up_ms", 60000}, {"jitter_down_ms", 60000}, {"up_kbps", 1000000},
        {"down_kbps", 1000000},
    };
    struct json_fields fields;
    json_t *value = json_object();
    json_fields_begin(&fields, params);
    int verdict = json_fields_choice(&fields, "verdict", verdicts, 0, JSON_REQUIRED);
    json_object_set_new(value, "verdict", json_string(verdicts[verdict]));
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        take_number(&fields, value, numbers[i].name, numbers[i].most);
    const char *tester = json_fields_text(&fields, "tester", TESTER_MAX, JSON_OPTIONAL);
    json_object_set_new(value, "tester", tester != NULL ? json_string(tester) : json_null());
    take_advice(&fields, value);
    if (json_fields_end(&fields))
        return value;
    rpc_refuse_fields(refusal, &fields);
    json_decref(value);
    return NULL;
}

bool line_result(struct service *service, struct session *session,
                 const struct rpc_request *request, json_t **result, struct refusal *refusal)
{
    if (session->meeting == NULL)
        return refuse(refusal, ERROR_NO_SUCH_MEETING, "no-such-meeting", "no meeting was named");
    if (session->identity->site == NULL)
        return refuse(refusal, ERROR_NOT_ALLOWED, "not-allowed", "this account is of no room");
    json_t *value = read_result(request->params, refusal);
    bool is_kept = value != NULL &&
                   keep(service, session, session->identity->site, "line", value, result, refusal);
    json_decref(value);
    return is_kept;
}

bool readiness_tick(struct service *service, struct session *session,
                    const struct rpc_request *request, json_t **result, struct refusal *refusal)
{
    enum role role = session->identity->role;
    struct json_fields fields;
    if (session->meeting == NULL)
        return refuse(refusal, ERROR_NO_SUCH_MEETING, "no-such-meeting", "no meeting was named");
    if (role != ROLE_OPERATOR && role != ROLE_SECRETARY && role != ROLE_CHAIR)
        return refuse(refusal, ERROR_NOT_ALLOWED, "not-allowed", "your role may not do this");
    json_fields_begin(&fields, request->params);
    const char *site = json_fields_slug(&fields, "site", JSON_REQUIRED);
    int item = json_fields_choice(&fields, "item", items, 0, JSON_REQUIRED);
    bool is_good = json_fields_boolean(&fields, "ok", false, JSON_REQUIRED);
    const char *note = json_fields_text(&fields, "note", NOTE_MAX, JSON_OPTIONAL);
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(refusal, &fields);
        return false;
    }
    const struct meeting *meeting = hub_find(service->hub, session->meeting, refusal);
    if (meeting == NULL)
        return false;
    if (meeting_site_name(meeting, site) == NULL)
        return refuse(refusal, ERROR_NO_SUCH_SITE, "no-such-site", "the meeting has no such room");
    json_t *value = json_pack("{s:b, s:s?}", "ok", (int)is_good, "note", note);
    bool is_kept = keep(service, session, site, items[item], value, result, refusal);
    json_decref(value);
    return is_kept;
}

#include "signaling/http/hello.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/http/greeting.h"

#include <string.h>

#define TOKEN_MAX  256
#define CLIENT_MAX 200

/* Of the protocol: what is spoken here, and the oldest that is understood. */
#define VERSION        1
#define OLDEST_VERSION 1

struct wishes {
    const char *token, *client, *meeting;
    int64_t since; /* -1: the state instead */
    bool takes_over;
};

/* A client of another time is told so, rather than left to stumble over fields it does not know. */
static bool speaks_our_version(int64_t version, struct refusal *refusal)
{
    if (version >= OLDEST_VERSION && version <= VERSION)
        return true;
    refusal_set(refusal, ERROR_OTHER_VERSION, "other-version", "",
                "this server speaks the protocol's versions %d to %d, the client speaks %d: %s",
                OLDEST_VERSION, VERSION, (int)version,
                version < OLDEST_VERSION ? "load the page anew or install a newer client"
                                         : "the server is to be brought up to date");
    return false;
}

static bool read_wishes(const json_t *params, struct wishes *wishes, struct refusal *refusal)
{
    struct json_fields fields;
    json_fields_begin(&fields, params);
    wishes->token = json_fields_raw(&fields, "token", TOKEN_MAX, JSON_REQUIRED);
    wishes->client = json_fields_text(&fields, "client", CLIENT_MAX, JSON_OPTIONAL);
    wishes->meeting = json_fields_slug(&fields, "meeting", JSON_OPTIONAL);
    wishes->since = json_fields_integer(&fields, "since", 0, INT64_MAX, -1, JSON_OPTIONAL);
    wishes->takes_over = json_fields_boolean(&fields, "take_over", true, JSON_OPTIONAL);
    int64_t version = json_fields_integer(&fields, "version", 0, 1000, VERSION, JSON_OPTIONAL);
    if (!fields.failed && !speaks_our_version(version, refusal))
        return false;
    if (json_fields_end(&fields))
        return true;
    rpc_refuse_fields(refusal, &fields);
    return false;
}

/* A token is 32 random bytes: nobody finds one by trying, so tries are not counted. */
static struct identity *identify(struct service *service, const struct wishes *wishes,
                                 struct refusal *refusal)
{
    g_autoptr(GError) error = NULL;
    struct identity *identity =
        identity_of_token(service->store, wishes->token, clock_utc_us(), &error);
    if (identity == NULL && error != NULL) {
        log_error("tokens cannot be read why=%s", error->message);
        refusal_set(refusal, ERROR_STORAGE, "storage", "", "tokens cannot be read");
    } else if (identity == NULL) {
        refusal_set(refusal, ERROR_NOT_SIGNED_IN, "not-signed-in", "",
                    "the token is unknown or has expired: sign in again");
    }
    return identity;
}

/* Which meeting: the token's, or the one that an account names. */
static bool choose_meeting(struct service *service, const struct identity *identity,
                           const struct wishes *wishes, const char **meeting,
                           struct refusal *refusal)
{
    *meeting = identity->meeting != NULL ? identity->meeting : wishes->meeting;
    if (identity->meeting != NULL && wishes->meeting != NULL &&
        strcmp(identity->meeting, wishes->meeting) != 0) {
        refusal_set(refusal, ERROR_NOT_ALLOWED, "not-allowed", "", "the token is for meeting %s",
                    identity->meeting);
        return false;
    }
    struct meeting *found = *meeting != NULL ? hub_find(service->hub, *meeting, refusal) : NULL;
    if (*meeting != NULL && found == NULL)
        return false;
    uint64_t seq = found != NULL ? meeting_seq(found) : 0;
    if (wishes->since >= 0 && (uint64_t)wishes->since > seq) {
        refusal_set(refusal, ERROR_INVALID, "invalid", "since",
                    "since is beyond the journal's end, %" G_GUINT64_FORMAT, seq);
        return false;
    }
    return true;
}

/* Undoes what a refused hello had begun. */
static void forget(struct service *service, struct session *session)
{
    if (session->leg != NULL)
        attendance_leave(service->attendance, session, SESSION_CLOSED);
    g_clear_pointer(&session->leg, g_free);
    g_clear_pointer(&session->meeting, g_free);
    g_clear_pointer(&session->identity, identity_free);
}

bool hello(struct service *service, struct session *session, const struct rpc_request *request,
           struct refusal *refusal)
{
    struct wishes wishes;
    const char *meeting;
    if (!read_wishes(request->params, &wishes, refusal))
        return false;
    session->identity = identify(service, &wishes, refusal);
    if (session->identity == NULL)
        return false;
    if (!choose_meeting(service, session->identity, &wishes, &meeting, refusal)) {
        forget(service, session);
        return false;
    }
    session->meeting = g_strdup(meeting);
    const char *client = wishes.client != NULL ? wishes.client : "unknown";
    if (meeting != NULL &&
        !attendance_join(service->attendance, session, client, !wishes.takes_over, refusal)) {
        forget(service, session);
        return false;
    }
    log_info("session signed in session=%s address=%s meeting=%s role=%s site=%s", session->id,
             session->address, meeting != NULL ? meeting : "-", role_name(session->identity->role),
             session->identity->site != NULL ? session->identity->site : "-");
    greeter_greet(service->greeter, session, request->id, wishes.since);
    return true;
}

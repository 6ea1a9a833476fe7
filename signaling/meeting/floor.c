/* What is asked of the floor: RFC 8855's request, queue, grant, deny, cancel, release, revoke.
 * floor_apply.c folds the events. */
#include "signaling/meeting/state.h"

#include <string.h>

static bool floor_is_open(struct draft *draft)
{
    enum meeting_status status = draft->meeting->status;
    if (status == MEETING_OPEN || status == MEETING_REHEARSAL)
        return true;
    return draft_wrong_state(draft, "the meeting is %s", meeting_status_name(status));
}

/* The request that the params name; NULL and refused if there is none. */
static struct floor_request *named_request(struct draft *draft, const char *id)
{
    struct floor_request *request = meeting_find_request(draft->meeting, id);
    if (request == NULL)
        draft_refuse(draft, 1005, "no-such-request", "there is no request %s", id);
    return request;
}

static bool in_state(struct draft *draft, const struct floor_request *request, unsigned states)
{
    if ((states & (1u << request->state)) != 0)
        return true;
    return draft_wrong_state(draft, "the request %s is %s", request->id,
                             request_state_name(request->state));
}

#define WAITING (1u << REQUEST_PENDING | 1u << REQUEST_ACCEPTED)
#define GRANTED (1u << REQUEST_GRANTED)

/* Reads {request} and what `more` reads besides, finds the request in one of `states`. */
static struct floor_request *read_request(struct draft *draft, struct json_fields *fields,
                                          const char *id, unsigned states)
{
    if (!json_fields_end(fields)) {
        draft_invalid(draft, fields);
        return NULL;
    }
    struct floor_request *request = named_request(draft, id);
    return request != NULL && in_state(draft, request, states) ? request : NULL;
}

/* The next live request of a room after `*cursor` (0 at first), holders before the queue; NULL
 * after the last. */
static struct floor_request *next_of_site(const struct meeting *meeting, const struct site *site,
                                          unsigned *cursor)
{
    const unsigned holders = meeting->holders->len;
    while (site->live_requests > 0 && *cursor < holders + meeting->queue->len) {
        unsigned i = (*cursor)++;
        struct floor_request *request =
            i < holders ? meeting->holders->pdata[i] : meeting->queue->pdata[i - holders];
        if (request->site == site)
            return request;
    }
    return NULL;
}

/* The actor's own request in one of `states`; it must be the only one. */
static struct floor_request *only_request(struct draft *draft, unsigned states)
{
    const char *id = draft->command->actor.site;
    const struct site *site = id != NULL ? meeting_find_site(draft->meeting, id) : NULL;
    struct floor_request *found = NULL, *request;
    unsigned cursor = 0, count = 0;
    while (site != NULL && (request = next_of_site(draft->meeting, site, &cursor)) != NULL) {
        if ((states & (1u << request->state)) != 0 && count++ == 0)
            found = request;
    }
    if (count == 1)
        return found;
    if (count == 0)
        draft_refuse(draft, 1005, "no-such-request", "there is no such request of one's own");
    else
        refusal_set(&draft->decision->refusal, -32602, "invalid", "request",
                    "request must be given: the room has %u", count);
    return NULL;
}

/* The named request, which a room may do this to only when it is its own. */
static struct floor_request *own_request(struct draft *draft, const char *id, unsigned states)
{
    const struct actor *actor = &draft->command->actor;
    if (id == NULL)
        return only_request(draft, states);
    struct floor_request *request = named_request(draft, id);
    if (request == NULL)
        return NULL;
    if (draft->role == ROLE_SITE && strcmp(request->site->id, actor->site) != 0) {
        draft_refuse(draft, 1001, "not-allowed", "the request %s is another room's", id);
        return NULL;
    }
    return in_state(draft, request, states) ? request : NULL;
}

/* A room may have a few requests open, one for each agenda item. */
static bool may_ask(struct draft *draft, const struct site *site, const char *item)
{
    const struct floor_request *request;
    unsigned cursor = 0;
    while ((request = next_of_site(draft->meeting, site, &cursor)) != NULL) {
        if (g_strcmp0(request->item, item) == 0)
            return draft_refuse(draft, 1008, "exists", "the room has the request %s already",
                                request->id);
    }
    return site->live_requests < OPEN_REQUESTS_MAX ||
           draft_refuse(draft, 1007, "too-many", "the room has %u open requests",
                        site->live_requests);
}

static char *next_id(const struct draft *draft)
{
    return g_strdup_printf("r%u", draft->meeting->request_count + 1);
}

/* What a request says; texts are borrowed. */
struct wish {
    const char *speaker, *title, *kind, *item, *topic, *answers;
};

static json_t *requested_body(const char *id, const char *site, const struct wish *wish)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "request", id, "site", site,
                     "speaker", json_text_or_null(wish->speaker), "title",
                     json_text_or_null(wish->title), "kind", wish->kind, "item",
                     json_text_or_null(wish->item), "topic", json_text_or_null(wish->topic),
                     "answers", json_text_or_null(wish->answers));
}

/* Only a rebuttal or an answer answers something, and that has been said or is being said. */
static void check_answered(struct json_fields *fields, const struct meeting *meeting,
                           const struct wish *wish)
{
    const struct floor_request *answered =
        wish->answers != NULL ? meeting_find_request(meeting, wish->answers) : NULL;
    if (wish->answers == NULL)
        return;
    if (strcmp(wish->kind, "rebuttal") != 0 && strcmp(wish->kind, "answer") != 0)
        json_fields_fail(fields, "answers", "goes with the kinds rebuttal and answer only");
    else if (answered == NULL || answered->granted_us == 0)
        json_fields_fail(fields, "answers", "must be a request that was granted");
}

static void answer_request(struct draft *draft, const char *id, int position)
{
    json_object_set_new(draft->decision->answer, "request", json_string(id));
    if (position > 0)
        json_object_set_new(draft->decision->answer, "position", json_integer(position));
}

/* A point of order is taken before the others, behind those raised before it. */
static int entry_position(const struct meeting *meeting, const char *kind)
{
    static const char *const urgent = "point-of-order";
    unsigned ahead = 0;
    if (strcmp(kind, urgent) != 0)
        return (int)meeting->accepted_count + 1;
    while (ahead < meeting->accepted_count) {
        const struct floor_request *request = meeting->queue->pdata[ahead];
        if (strcmp(request->kind, urgent) != 0)
            break;
        ahead++;
    }
    return (int)ahead + 1;
}

static void place(struct draft *draft, const char *type, const char *id, int position)
{
    draft_event(draft, type, json_pack("{s:s, s:i}", "request", id, "position", position));
}

static void read_wish(struct json_fields *fields, const struct meeting *meeting, struct wish *wish)
{
    wish->speaker = json_fields_text(fields, "speaker", NAME_MAX_CHARS, JSON_OPTIONAL);
    wish->title = json_fields_text(fields, "title", NAME_MAX_CHARS, JSON_OPTIONAL);
    wish->item = json_fields_slug(fields, "item", JSON_OPTIONAL);
    wish->kind = floor_kinds[json_fields_choice(fields, "kind", floor_kinds, 0, JSON_OPTIONAL)];
    wish->topic = json_fields_text(fields, "topic", TOPIC_MAX, JSON_OPTIONAL);
    wish->answers = json_fields_slug(fields, "answers", JSON_OPTIONAL);
    check_answered(fields, meeting, wish);
}

bool decide_floor_request(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    const struct site *site = meeting_find_site(meeting, draft->command->actor.site);
    struct json_fields fields;
    struct wish wish;
    json_fields_begin(&fields, draft->command->params);
    read_wish(&fields, meeting, &wish);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (!floor_is_open(draft) || !may_ask(draft, site, wish.item))
        return false;
    if (!site_is_inside(meeting, site))
        return draft_wrong_state(draft, "the room waits in the lobby");
    g_autofree char *id = next_id(draft);
    draft_event(draft, "floor.requested", requested_body(id, site->id, &wish));
    int position = 0;
    if (!setting_is_on(meeting, "moderated")) {
        position = entry_position(meeting, wish.kind);
        place(draft, "floor.accepted", id, position);
    }
    answer_request(draft, id, position);
    return true;
}

bool decide_floor_accept(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    struct floor_request *request = read_request(draft, &fields, id, 1u << REQUEST_PENDING);
    if (request == NULL || !may_run_queue(draft))
        return false;
    int position = entry_position(draft->meeting, request->kind);
    place(draft, "floor.accepted", id, position);
    json_object_set_new(draft->decision->answer, "position", json_integer(position));
    return true;
}

static bool may_grant(struct draft *draft, const struct site *site)
{
    const struct meeting *meeting = draft->meeting;
    if (!floor_is_open(draft))
        return false;
    if (site->has_floor)
        return draft_wrong_state(draft, "the room %s has the floor already", site->id);
    if (!site_is_inside(meeting, site))
        return draft_wrong_state(draft, "the room %s waits in the lobby", site->id);
    int floors = (int)setting_number(meeting, "floors");
    if ((int)meeting->holders->len >= floors)
        return draft_refuse(draft, 1007, "too-many", "%u of %d floors are held",
                            meeting->holders->len, floors);
    return true;
}

/* A delegation's share of the meeting: how often and how long in all. Cuts `*seconds` (0: no limit)
 * to what is left of it. */
static bool within_quota(struct draft *draft, const struct site *site, int64_t *seconds)
{
    int64_t speeches = setting_number(draft->meeting, "quota_speeches");
    int64_t quota = setting_number(draft->meeting, "quota_seconds");
    int64_t left = quota - site->spoken_us / G_USEC_PER_SEC;
    if ((speeches > 0 && site->speeches >= speeches) || (quota > 0 && left < SECONDS_LEAST))
        return draft_refuse(draft, 1015, "over-quota",
                            "the room %s has spoken %u times, %" G_GINT64_FORMAT
                            " seconds in all; beyond_quota: true grants all the same",
                            site->id, site->speeches, (gint64)site->spoken_us / G_USEC_PER_SEC);
    if (quota > 0)
        *seconds = *seconds > 0 ? MIN(*seconds, left) : left;
    return true;
}

/* `request` NULL: an invitation, which is asked for and granted in one. */
static bool grant(struct draft *draft, const struct site *site, const struct floor_request *request,
                  int64_t seconds, bool beyond_quota)
{
    if (seconds == 0)
        seconds = setting_number(draft->meeting, "speech_seconds");
    if (!may_run_queue(draft) || !may_grant(draft, site) ||
        (!beyond_quota && !within_quota(draft, site, &seconds)))
        return false;
    draft_end_check_of(draft, site);
    const struct wish invited = {.kind = floor_kinds[0]};
    g_autofree char *id = request != NULL ? g_strdup(request->id) : next_id(draft);
    if (request == NULL)
        draft_event(draft, "floor.requested", requested_body(id, site->id, &invited));
    draft_event(draft, "floor.granted",
                json_pack("{s:s, s:s, s:o}", "request", id, "site", site->id, "seconds",
                          seconds > 0 ? json_integer(seconds) : json_null()));
    answer_request(draft, id, 0);
    return true;
}

/* By request, or by room: the first of its requests in the queue, or an invitation. */
bool decide_floor_grant(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_OPTIONAL);
    const char *room = json_fields_slug(&fields, "site", JSON_OPTIONAL);
    int64_t seconds =
        json_fields_integer(&fields, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_OPTIONAL);
    bool beyond = json_fields_boolean(&fields, "beyond_quota", false, JSON_OPTIONAL);
    if ((id == NULL) == (room == NULL))
        json_fields_fail(&fields, "request", "or site must be given, and not both");
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (id != NULL) {
        const struct floor_request *request = named_request(draft, id);
        return request != NULL && in_state(draft, request, WAITING) &&
               grant(draft, request->site, request, seconds, beyond);
    }
    const struct site *site = meeting_find_site(draft->meeting, room);
    unsigned cursor = draft->meeting->holders->len;
    if (site == NULL)
        return draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", room);
    return grant(draft, site, next_of_site(draft->meeting, site, &cursor), seconds, beyond);
}

bool decide_floor_extend(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    int64_t more =
        json_fields_integer(&fields, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_REQUIRED);
    const struct floor_request *request = read_request(draft, &fields, id, GRANTED);
    if (request == NULL || !may_run_queue(draft))
        return false;
    if (request->seconds == 0)
        return draft_wrong_state(draft, "the request %s has no limit to extend", id);
    if (request->seconds + more > SECONDS_MOST) {
        json_fields_fail(&fields, "seconds", "would make the allowance longer than 4 hours");
        return draft_invalid(draft, &fields);
    }
    const json_int_t whole = request->seconds + more;
    draft_event(draft, "floor.extended", json_pack("{s:s, s:I}", "request", id, "seconds", whole));
    return true;
}

/* The next one goes first, and the deferred request is the next after it: it steps back by one
 * and otherwise keeps its place. The last one has nobody to let pass and stays where it is. */
bool decide_floor_defer(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    const struct floor_request *request = read_request(draft, &fields, id, 1u << REQUEST_ACCEPTED);
    if (request == NULL || !may_run_queue(draft))
        return false;
    int last = (int)draft->meeting->accepted_count;
    int position = MIN(floor_position(draft->meeting, request) + 1, last);
    place(draft, "floor.deferred", id, position);
    json_object_set_new(draft->decision->answer, "position", json_integer(position));
    return true;
}

bool decide_floor_reorder(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    /* A position behind the last is the last: the queue may have become shorter meanwhile. */
    int64_t position = json_fields_integer(&fields, "position", 1, 100000, 1, JSON_REQUIRED);
    const struct floor_request *request = read_request(draft, &fields, id, 1u << REQUEST_ACCEPTED);
    if (request == NULL || !may_run_queue(draft))
        return false;
    place(draft, "floor.reordered", id,
          (int)MIN(position, (int64_t)draft->meeting->accepted_count));
    return true;
}

/* "Next is …, … prepares": the room is told to be ready. */
bool decide_floor_prepare(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    const struct floor_request *request = read_request(draft, &fields, id, 1u << REQUEST_ACCEPTED);
    if (request == NULL || !may_run_queue(draft))
        return false;
    if (!request->is_prepared)
        draft_event(draft, "floor.prepared",
                    json_pack("{s:s, s:s}", "request", id, "site", request->site->id));
    return true;
}

/* Without a reason: {request, site}; with one: {request, site, why}. */
static void end_request(struct draft *draft, const char *type, const struct floor_request *request,
                        const char *why, bool has_why)
{
    json_t *body = json_pack("{s:s, s:s}", "request", request->id, "site", request->site->id);
    if (has_why)
        json_object_set_new(body, "why", json_text_or_null(why));
    draft_event(draft, type, body);
}

static bool decide_end_with_reason(struct draft *draft, const char *type, unsigned states)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_REQUIRED);
    const char *why = json_fields_text(&fields, "why", WHY_MAX, JSON_OPTIONAL);
    const struct floor_request *request = read_request(draft, &fields, id, states);
    if (request == NULL || !may_run_queue(draft))
        return false;
    end_request(draft, type, request, why, true);
    return true;
}

bool decide_floor_deny(struct draft *draft)
{
    return decide_end_with_reason(draft, "floor.denied", WAITING);
}

bool decide_floor_revoke(struct draft *draft)
{
    return decide_end_with_reason(draft, "floor.revoked", GRANTED);
}

static bool decide_end_of_own(struct draft *draft, const char *type, unsigned states)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "request", JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const struct floor_request *request = own_request(draft, id, states);
    if (request == NULL)
        return false;
    end_request(draft, type, request, NULL, false);
    return true;
}

bool decide_floor_cancel(struct draft *draft)
{
    return decide_end_of_own(draft, "floor.cancelled", WAITING);
}

bool decide_floor_release(struct draft *draft)
{
    return decide_end_of_own(draft, "floor.released", GRANTED);
}

void draft_end_requests(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    for (unsigned i = 0; i < meeting->holders->len; i++)
        end_request(draft, "floor.released", meeting->holders->pdata[i], NULL, false);
    for (unsigned i = 0; i < meeting->queue->len; i++)
        end_request(draft, "floor.cancelled", meeting->queue->pdata[i], NULL, false);
}

void draft_end_site_requests(struct draft *draft, const struct site *site, const char *why)
{
    const struct floor_request *request;
    unsigned cursor = 0;
    while ((request = next_of_site(draft->meeting, site, &cursor)) != NULL) {
        bool is_holder = request->state == REQUEST_GRANTED;
        end_request(draft, is_holder ? "floor.revoked" : "floor.cancelled", request, why,
                    is_holder);
    }
}

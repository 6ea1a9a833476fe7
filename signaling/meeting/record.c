/* What is written down beside the floor: directives, notes, messages, and what the media plane
 * reports. */
#include "signaling/meeting/state.h"

#include "common/clock.h"

#include <stdio.h>
#include <string.h>

#define SUPPORT_MAX 40

/* "2026-12-31", a day that exists. */
static bool is_date(const char *text)
{
    unsigned year, month, day;
    char rest;
    if (strlen(text) != 10 || sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) != 3 ||
        text[4] != '-' || text[7] != '-')
        return false;
    return g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static const char *read_date(struct json_fields *fields, const char *name)
{
    const char *text = json_fields_raw(fields, name, 10, JSON_OPTIONAL);
    if (text != NULL && !is_date(text))
        json_fields_fail(fields, name, "must be a date like 2026-12-31");
    return text;
}

static json_t *read_support(struct json_fields *fields)
{
    const json_t *list = json_fields_array(fields, "support", SUPPORT_MAX, JSON_OPTIONAL);
    json_t *support = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)list, index, entry)
    {
        struct json_fields inner;
        json_t *wrapped = json_pack("{s:O}", "support", entry);
        json_fields_begin(&inner, wrapped);
        const char *slug = json_fields_slug(&inner, "support", JSON_REQUIRED);
        if (slug != NULL)
            json_array_append_new(support, json_string(slug));
        else
            json_fields_fail(fields, "support", inner.why);
        json_decref(wrapped);
    }
    return support;
}

bool decide_directive_issue(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", 4000, JSON_REQUIRED);
    const char *lead = json_fields_slug(&fields, "lead", JSON_OPTIONAL);
    const char *due = read_date(&fields, "due");
    json_t *support = read_support(&fields);
    if (!json_fields_end(&fields)) {
        json_decref(support);
        return draft_invalid(draft, &fields);
    }
    g_autofree char *id = g_strdup_printf("d%u", draft->meeting->directive_count + 1);
    draft_event(draft, "directive.issued",
                json_pack("{s:s, s:s, s:o, s:o, s:o}", "directive", id, "text", text, "lead",
                          json_text_or_null(lead), "support", support, "due",
                          json_text_or_null(due)));
    json_object_set_new(draft->decision->answer, "directive", json_string(id));
    return true;
}

static json_t *find_directive(const struct meeting *meeting, const char *id)
{
    size_t index;
    json_t *entry;
    json_array_foreach(meeting->directives, index, entry)
    {
        if (g_strcmp0(json_string_value(json_object_get(entry, "directive")), id) == 0)
            return entry;
    }
    return NULL;
}

/* The directive still stands; refused otherwise. */
static bool directive_stands(struct draft *draft, const char *id)
{
    const json_t *found = find_directive(draft->meeting, id);
    if (found == NULL)
        return draft_refuse(draft, 1006, "no-such-directive", "there is no directive %s", id);
    if (strcmp(json_string_value(json_object_get(found, "state")), "issued") != 0)
        return draft_wrong_state(draft, "the directive %s was withdrawn", id);
    return true;
}

bool decide_directive_amend(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "directive", JSON_REQUIRED);
    const char *text = json_fields_multiline(&fields, "text", 4000, JSON_OPTIONAL);
    const char *lead = json_fields_slug(&fields, "lead", JSON_OPTIONAL);
    const char *due = read_date(&fields, "due");
    json_t *support = read_support(&fields);
    if (!json_fields_end(&fields) || !directive_stands(draft, id)) {
        json_decref(support);
        return fields.failed ? draft_invalid(draft, &fields) : false;
    }
    json_t *body = json_pack("{s:s}", "directive", id);
    if (text != NULL)
        json_object_set_new(body, "text", json_string(text));
    if (lead != NULL)
        json_object_set_new(body, "lead", json_string(lead));
    if (due != NULL)
        json_object_set_new(body, "due", json_string(due));
    if (json_fields_has(&fields, "support"))
        json_object_set(body, "support", support);
    json_decref(support);
    draft_event(draft, "directive.amended", body);
    return true;
}

bool decide_directive_withdraw(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "directive", JSON_REQUIRED);
    const char *why = json_fields_text(&fields, "why", 500, JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (!directive_stands(draft, id))
        return false;
    draft_event(draft, "directive.withdrawn",
                json_pack("{s:s, s:o}", "directive", id, "why", json_text_or_null(why)));
    return true;
}

bool decide_minutes_note(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", 4000, JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    g_autofree char *id = g_strdup_printf("n%u", draft->meeting->note_count + 1);
    draft_event(draft, "note.added", json_pack("{s:s, s:s}", "note", id, "text", text));
    json_object_set_new(draft->decision->answer, "note", json_string(id));
    return true;
}

bool decide_message_send(struct draft *draft)
{
    struct json_fields fields;
    const struct actor *actor = &draft->command->actor;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", 2000, JSON_REQUIRED);
    const char *to = json_fields_slug(&fields, "to", JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (to != NULL && meeting_find_site(draft->meeting, to) == NULL)
        return draft_refuse(draft, 1004, "no-such-site", "the meeting has no room %s", to);
    draft_event(draft, "message.sent",
                json_pack("{s:o, s:o, s:s}", "from",
                          json_text_or_null(actor->site != NULL ? actor->site : actor->account),
                          "to", json_text_or_null(to), "text", text));
    return true;
}

/* The server's own words about the media plane: {part, path}, {part} or {}. */
bool decide_media_report(struct draft *draft)
{
    struct json_fields fields;
    const char *type = draft->command->method;
    bool is_start = strcmp(type, "recording.started") == 0;
    bool has_part = is_start || strcmp(type, "recording.stopped") == 0;
    json_t *body = json_object();
    json_fields_begin(&fields, draft->command->params);
    if (has_part)
        json_object_set_new(
            body, "part",
            json_integer(json_fields_integer(&fields, "part", 1, 9999, 1, JSON_REQUIRED)));
    if (is_start)
        json_object_set_new(
            body, "path", json_text_or_null(json_fields_text(&fields, "path", 200, JSON_REQUIRED)));
    if (!json_fields_end(&fields)) {
        json_decref(body);
        return draft_invalid(draft, &fields);
    }
    draft_event(draft, type, body);
    return true;
}

bool apply_directive_issued(struct meeting *meeting, const struct event *event)
{
    const char *id = body_text(event, "directive");
    if (id == NULL || body_text(event, "text") == NULL || find_directive(meeting, id) != NULL)
        return false;
    json_t *entry = json_copy(event->body);
    json_object_set_new(entry, "state", json_string("issued"));
    json_object_set_new(entry, "time", json_time_or_null(event->time_us));
    json_object_set(entry, "by", event->actor);
    json_array_append_new(meeting->directives, entry);
    meeting->directive_count++;
    return true;
}

bool apply_directive_amended(struct meeting *meeting, const struct event *event)
{
    json_t *entry = find_directive(meeting, body_text(event, "directive"));
    return entry != NULL && json_object_update(entry, event->body) == 0;
}

bool apply_directive_withdrawn(struct meeting *meeting, const struct event *event)
{
    json_t *entry = find_directive(meeting, body_text(event, "directive"));
    if (entry == NULL)
        return false;
    json_object_set_new(entry, "state", json_string("withdrawn"));
    json_object_set_new(entry, "why", json_text_or_null(body_text(event, "why")));
    return true;
}

bool apply_note_added(struct meeting *meeting, const struct event *event)
{
    if (body_text(event, "note") == NULL || body_text(event, "text") == NULL)
        return false;
    json_t *entry = json_copy(event->body);
    json_object_set_new(entry, "time", json_time_or_null(event->time_us));
    json_object_set(entry, "by", event->actor);
    json_array_append_new(meeting->notes, entry);
    meeting->note_count++;
    return true;
}

/* Messages stand in the journal only. */
bool apply_message_sent(struct meeting *meeting, const struct event *event)
{
    (void)meeting;
    return body_text(event, "text") != NULL;
}

bool apply_media_report(struct meeting *meeting, const struct event *event)
{
    if (strncmp(event->type, "bridge.", 7) == 0)
        json_array_append_new(meeting->incidents,
                              json_pack("{s:s, s:o}", "type", event->type, "time",
                                        json_time_or_null(event->time_us)));
    return true;
}

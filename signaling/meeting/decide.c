#include "signaling/meeting/state.h"

#include "common/ids.h"

#include <stdarg.h>
#include <string.h>

static const struct {
    const char *method;
    decider decide;
} deciders[] = {
    {"meeting.create", decide_meeting_create},
    {"meeting.declare", decide_meeting_declare},
    {"meeting.update", decide_meeting_update},
    {"meeting.rehearse", decide_meeting_rehearse},
    {"meeting.prepare", decide_meeting_prepare},
    {"meeting.open", decide_meeting_open},
    {"meeting.pause", decide_meeting_pause},
    {"meeting.resume", decide_meeting_resume},
    {"meeting.close", decide_meeting_close},
    {"site.join", decide_site_join},
    {"site.leave", decide_site_leave},
    {"site.admit", decide_site_admit},
    {"site.mute", decide_site_mute},
    {"site.unmute", decide_site_unmute},
    {"site.remove", decide_site_remove},
    {"roster.set", decide_roster_set},
    {"roster.approve", decide_roster_approve},
    {"invitation.mark", decide_invitation_mark},
    {"floor.request", decide_floor_request},
    {"floor.cancel", decide_floor_cancel},
    {"floor.accept", decide_floor_accept},
    {"floor.grant", decide_floor_grant},
    {"floor.extend", decide_floor_extend},
    {"floor.defer", decide_floor_defer},
    {"floor.deny", decide_floor_deny},
    {"floor.revoke", decide_floor_revoke},
    {"floor.release", decide_floor_release},
    {"floor.reorder", decide_floor_reorder},
    {"floor.prepare", decide_floor_prepare},
    {"floor.warn", decide_floor_warn},
    {"opinion.submit", decide_opinion_submit},
    {"paper.add", decide_paper_add},
    {"consult.open", decide_consult_open},
    {"consult.close", decide_consult_close},
    {"directive.issue", decide_directive_issue},
    {"directive.amend", decide_directive_amend},
    {"directive.withdraw", decide_directive_withdraw},
    {"minutes.note", decide_minutes_note},
    {"message.send", decide_message_send},
    {"vote.open", decide_vote_open},
    {"vote.cast", decide_vote_cast},
    {"vote.close", decide_vote_close},
    {"rollcall.start", decide_rollcall_start},
    {"rollcall.answer", decide_rollcall_answer},
    {"rollcall.close", decide_rollcall_close},
    {"agenda.set", decide_agenda_set},
    {"agenda.advance", decide_agenda_advance},
    {"layout.set", decide_layout_set},
    {"chair.delegate", decide_chair_delegate},
    {"chair.recall", decide_chair_recall},
    {"chair.succeed", decide_chair_succeed},
    {"recording.started", decide_media_report},
    {"recording.stopped", decide_media_report},
    {"bridge.lost", decide_media_report},
    {"bridge.restored", decide_media_report},
};

void refusal_set(struct refusal *refusal, int code, const char *reason, const char *field,
                 const char *format, ...)
{
    va_list arguments;
    refusal->code = code;
    refusal->reason = reason;
    g_strlcpy(refusal->field, field, sizeof refusal->field);
    va_start(arguments, format);
    g_vsnprintf(refusal->message, sizeof refusal->message, format, arguments);
    va_end(arguments);
}

static void set_refusal(struct draft *draft, int code, const char *reason, const char *format,
                        va_list arguments)
{
    char message[sizeof draft->decision->refusal.message];
    g_vsnprintf(message, sizeof message, format, arguments);
    refusal_set(&draft->decision->refusal, code, reason, "", "%s", message);
}

bool draft_refuse(struct draft *draft, int code, const char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_refusal(draft, code, reason, format, arguments);
    va_end(arguments);
    return false;
}

bool draft_wrong_state(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_refusal(draft, 1002, "wrong-state", format, arguments);
    va_end(arguments);
    return false;
}

bool draft_invalid(struct draft *draft, const struct json_fields *fields)
{
    refusal_set(&draft->decision->refusal, -32602, "invalid", fields->bad_field, "%s %s",
                fields->bad_field, fields->why);
    return false;
}

json_t *read_slugs(struct json_fields *fields, const char *name, size_t max_items,
                   const char *except)
{
    const json_t *list = json_fields_array(fields, name, max_items, JSON_OPTIONAL);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *slugs = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        const char *text = json_string_value(entry);
        if (text == NULL || strlen(text) != json_string_length(entry) || !id_is_slug(text))
            json_fields_fail(fields, name, "must be a list of names of a-z, 0-9 and '-'");
        else if (g_strcmp0(text, except) == 0 || !g_hash_table_add(seen, (void *)text))
            json_fields_fail(fields, name, "names the same one twice");
        else
            json_array_append(slugs, entry);
    }
    return slugs;
}

static json_t *actor_to_json(const struct actor *actor)
{
    return json_pack("{s:o, s:s, s:o}", "account", json_text_or_null(actor->account), "role",
                     role_name(actor->role), "site", json_text_or_null(actor->site));
}

void draft_event(struct draft *draft, const char *type, json_t *body)
{
    GPtrArray *events = draft->decision->events;
    struct event *event = g_new0(struct event, 1);
    event->meeting = g_strdup(draft->meeting->id);
    event->seq = draft->meeting->seq + events->len + 1;
    event->time_us = draft->command->now_us;
    event->actor = actor_to_json(&draft->command->actor);
    event->type = g_strdup(type);
    event->body = body;
    const char *prev = draft->meeting->last_hash;
    if (events->len > 0)
        prev = ((struct event *)events->pdata[events->len - 1])->hash;
    g_strlcpy(event->prev, prev, sizeof event->prev);
    event_compute_hash(event, event->hash);
    g_ptr_array_add(events, event);
}

static void free_event(void *event)
{
    event_free(event);
}

void decision_clear(struct decision *decision)
{
    if (decision->events != NULL)
        g_ptr_array_unref(decision->events);
    json_decref(decision->answer);
    json_decref(decision->ballot);
    memset(decision, 0, sizeof *decision);
}

bool meeting_decide(const struct meeting *meeting, const struct command *command,
                    struct decision *decision)
{
    memset(decision, 0, sizeof *decision);
    decision->events = g_ptr_array_new_with_free_func(free_event);
    decision->answer = json_object();
    struct draft draft = {meeting, command, decision, effective_role(meeting, &command->actor)};
    bool is_done = false;
    const char *site = command->actor.site;
    bool creates = strcmp(command->method, "meeting.create") == 0;
    if (!permission_given(&draft)) {
        /* refused */
    } else if (!creates && !meeting->exists) {
        draft_refuse(&draft, 1003, "no-such-meeting", "there is no meeting %s", meeting->id);
    } else if (!creates && site != NULL && meeting_find_site(meeting, site) == NULL) {
        draft_refuse(&draft, 1004, "no-such-site", "the meeting has no room %s", site);
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(deciders); i++) {
            if (strcmp(deciders[i].method, command->method) == 0)
                is_done = deciders[i].decide(&draft);
        }
    }
    if (!is_done) {
        g_ptr_array_set_size(decision->events, 0);
        json_object_clear(decision->answer);
    }
    return is_done;
}

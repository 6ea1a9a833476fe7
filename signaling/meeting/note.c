/* Words that are written down: the secretary's notes and the rooms' messages. */
#include "signaling/meeting/state.h"

bool decide_minutes_note(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", RECORD_TEXT_MAX, JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    g_autofree char *id = next_numbered(draft->meeting->notes, 'n');
    draft_event(draft, "note.added", json_pack("{s:s, s:s}", "note", id, "text", text));
    json_object_set_new(draft->decision->answer, "note", json_string(id));
    return true;
}

bool apply_note_added(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    fold_new_id(fold, "note", 'n', (unsigned)json_array_size(meeting->notes));
    fold_text(fold, "text", RECORD_TEXT_MAX, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    json_t *entry = json_copy(fold->event->body);
    json_object_set_new(entry, "time", json_time_or_null(fold->event->time_us));
    json_object_set(entry, "by", fold->event->actor);
    mark_rehearsal(meeting, entry);
    json_array_append_new(meeting->notes, entry);
    return true;
}

bool decide_message_send(struct draft *draft)
{
    struct json_fields fields;
    const struct actor *actor = &draft->command->actor;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", MESSAGE_MAX, JSON_REQUIRED);
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

/* Messages stand in the journal only. */
bool apply_message_sent(struct fold *fold)
{
    json_fields_slug(&fold->body, "from", JSON_OPTIONAL);
    const char *to = json_fields_slug(&fold->body, "to", JSON_OPTIONAL);
    fold_text(fold, "text", MESSAGE_MAX, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    return to == NULL || meeting_find_site(fold->meeting, to) != NULL ||
           fold_misfit(fold, "to", "is not a room of the meeting");
}

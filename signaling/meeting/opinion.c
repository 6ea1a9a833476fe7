/* Opinions in writing (phiếu ý kiến), for when time is too short to speak. */
#include "signaling/meeting/state.h"

#include <string.h>

static unsigned count_of(const struct meeting *meeting, const char *site)
{
    unsigned count = 0;
    size_t index;
    json_t *opinion;
    json_array_foreach (meeting->opinions, index, opinion)
        count += strcmp(json_string_value(json_object_get(opinion, "site")), site) == 0;
    return count;
}

bool decide_opinion_submit(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    const char *site = draft->command->actor.site;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", RECORD_TEXT_MAX, JSON_REQUIRED);
    const char *speaker = json_fields_text(&fields, "speaker", NAME_MAX_CHARS, JSON_OPTIONAL);
    const char *title = json_fields_text(&fields, "title", NAME_MAX_CHARS, JSON_OPTIONAL);
    const char *item = json_fields_slug(&fields, "item", JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (meeting->status != MEETING_OPEN && meeting->status != MEETING_PAUSED)
        return draft_wrong_state(draft, "the meeting is %s", meeting_status_name(meeting->status));
    if (item != NULL && !agenda_has(meeting, item))
        return draft_refuse(draft, 1013, "no-such-item", "the agenda has no item %s", item);
    if (count_of(meeting, site) >= OPINIONS_MAX)
        return draft_refuse(draft, 1007, "too-many", "the room has handed in %d opinions",
                            OPINIONS_MAX);
    g_autofree char *id = next_numbered(meeting->opinions, 'o');
    draft_event(draft, "opinion.submitted",
                json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "opinion", id, "site", site, "speaker",
                          json_text_or_null(speaker), "title", json_text_or_null(title), "item",
                          json_text_or_null(item), "text", text));
    json_object_set_new(draft->decision->answer, "opinion", json_string(id));
    return true;
}

bool apply_opinion_submitted(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    fold_new_id(fold, "opinion", 'o', (unsigned)json_array_size(meeting->opinions));
    fold_site(fold, "site");
    fold_text(fold, "speaker", NAME_MAX_CHARS, JSON_OPTIONAL);
    fold_text(fold, "title", NAME_MAX_CHARS, JSON_OPTIONAL);
    json_fields_slug(&fold->body, "item", JSON_OPTIONAL);
    fold_text(fold, "text", RECORD_TEXT_MAX, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    json_t *entry = json_copy(fold->event->body);
    json_object_set_new(entry, "time", json_time_or_null(fold->event->time_us));
    json_array_append_new(meeting->opinions, entry);
    return true;
}

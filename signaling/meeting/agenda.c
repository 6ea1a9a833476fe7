/* The agenda: items in their order, and the one that the meeting is at. */
#include "signaling/meeting/state.h"

#include <string.h>

static const char *id_of(const json_t *item)
{
    return json_string_value(json_object_get(item, "id"));
}

/* The place of an item in a list; the list's length if it is not there. */
static size_t find_item(const json_t *items, const char *id)
{
    size_t index;
    json_t *item;
    json_array_foreach ((json_t *)items, index, item) {
        if (g_strcmp0(id_of(item), id) == 0)
            break;
    }
    return index;
}

static const json_t *items_of(const struct meeting *meeting)
{
    return json_object_get(meeting->agenda, "items");
}

bool agenda_has(const struct meeting *meeting, const char *item)
{
    return find_item(items_of(meeting), item) < json_array_size(items_of(meeting));
}

static const char *current_item(const struct meeting *meeting)
{
    return json_string_value(json_object_get(meeting->agenda, "current"));
}

/* An item with every key, or NULL and `fields` failed. A text of a new item must be clean; one of
 * the journal was so when it was said. */
static json_t *read_item(struct json_fields *fields, const char *name, const json_t *entry,
                         bool is_new)
{
    struct json_fields inner;
    json_fields_begin(&inner, entry);
    const char *id = json_fields_slug(&inner, "id", JSON_REQUIRED);
    const char *title =
        is_new ? json_fields_text(&inner, "title", MEETING_TITLE_MAX, JSON_REQUIRED)
               : json_fields_raw(&inner, "title", 4 * MEETING_TITLE_MAX, JSON_REQUIRED);
    const char *presenter =
        is_new ? json_fields_text(&inner, "presenter", NAME_MAX_CHARS, JSON_OPTIONAL)
               : json_fields_raw(&inner, "presenter", 4 * NAME_MAX_CHARS, JSON_OPTIONAL);
    int64_t seconds =
        json_fields_integer(&inner, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_OPTIONAL);
    json_t *starts = settings_read_moment(&inner, "starts");
    if (!json_fields_end(&inner)) {
        json_decref(starts);
        g_autofree char *why =
            g_strdup_printf("has an item whose %s %s", inner.bad_field, inner.why);
        json_fields_fail(fields, name, why);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", id, "title", title, "presenter",
                     json_text_or_null(presenter), "seconds",
                     seconds > 0 ? json_integer(seconds) : json_null(), "starts", starts);
}

json_t *agenda_read(struct json_fields *fields, const char *name, enum json_need need, bool is_new)
{
    const json_t *list = json_fields_array(fields, name, AGENDA_MAX, need);
    json_t *items = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        json_t *item = read_item(fields, name, entry, is_new);
        if (item == NULL)
            break;
        if (find_item(items, id_of(item)) < json_array_size(items))
            json_fields_fail(fields, name, "names the same id twice");
        json_array_append_new(items, item);
    }
    return items;
}

/* New reference. The item under way must stay. */
static json_t *read_items(struct json_fields *fields, const struct meeting *meeting, bool is_new)
{
    json_t *items = agenda_read(fields, "items", JSON_REQUIRED, is_new);
    if (current_item(meeting) != NULL &&
        find_item(items, current_item(meeting)) == json_array_size(items))
        json_fields_fail(fields, "items", "must keep the item that is under way");
    return items;
}

bool decide_agenda_set(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    json_t *items = read_items(&fields, draft->meeting, true);
    if (!json_fields_end(&fields) || draft->meeting->status == MEETING_CLOSED) {
        json_decref(items);
        return fields.failed ? draft_invalid(draft, &fields)
                             : draft_wrong_state(draft, "the meeting is closed");
    }
    draft_event(draft, "agenda.changed", json_pack("{s:o}", "items", items));
    return true;
}

/* The item to go to: the named one, or the next; NULL and refused if there is none. */
static const char *target_item(struct draft *draft, const char *id)
{
    const json_t *items = items_of(draft->meeting);
    const char *current = current_item(draft->meeting);
    size_t place = find_item(items, id != NULL ? id : current);
    if (id == NULL)
        place = current == NULL ? 0 : place + 1;
    const json_t *item = json_array_get(items, place);
    if (item == NULL && id != NULL)
        draft_refuse(draft, 1013, "no-such-item", "the agenda has no item %s", id);
    else if (item == NULL)
        draft_wrong_state(draft, "the agenda has no further item");
    return item != NULL ? id_of(item) : NULL;
}

bool decide_agenda_advance(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "item", JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (draft->meeting->status != MEETING_OPEN)
        return draft_wrong_state(draft, "the meeting is %s",
                                 meeting_status_name(draft->meeting->status));
    const char *item = target_item(draft, id);
    if (item == NULL)
        return false;
    if (g_strcmp0(item, current_item(draft->meeting)) != 0)
        draft_event(draft, "agenda.advanced", json_pack("{s:s}", "item", item));
    json_object_set_new(draft->decision->answer, "item", json_string(item));
    return true;
}

bool apply_agenda_changed(struct fold *fold)
{
    json_t *items = read_items(&fold->body, fold->meeting, false);
    if (fold->meeting->status == MEETING_CLOSED)
        fold_misfit(fold, "items", "come after the close");
    bool is_fit = fold_fits(fold);
    if (is_fit)
        json_object_set(fold->meeting->agenda, "items", items);
    json_decref(items);
    return is_fit;
}

bool apply_agenda_advanced(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    const char *id = json_fields_slug(&fold->body, "item", JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (meeting->status != MEETING_OPEN || g_strcmp0(id, current_item(meeting)) == 0 ||
        find_item(items_of(meeting), id) == json_array_size(items_of(meeting)))
        return fold_misfit(fold, "item", "cannot be the next one");
    json_array_append_new(
        json_object_get(meeting->agenda, "course"),
        json_pack("{s:s, s:o}", "item", id, "begun", json_time_or_null(fold->event->time_us)));
    json_object_set_new(meeting->agenda, "current", json_string(id));
    json_object_set_new(meeting->agenda, "since", json_time_or_null(fold->event->time_us));
    return true;
}

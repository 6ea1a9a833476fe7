/* Directives (ý kiến chỉ đạo): who is to do what by when. What was not said stays null. */
#include "signaling/meeting/state.h"

#include <stdio.h>
#include <string.h>

/* "2026-12-31", a day that exists. */
static bool is_date(const char *text)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape; i++) {
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return false;
    }
    unsigned year, month, day;
    sscanf(text, "%u-%u-%u", &year, &month, &day);
    return g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static const char *read_date(struct json_fields *fields, const char *name)
{
    const char *text = json_fields_raw(fields, name, 10, JSON_OPTIONAL);
    if (text != NULL && !is_date(text))
        json_fields_fail(fields, name, "must be a date like 2026-12-31");
    return text;
}

bool decide_directive_issue(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *text = json_fields_multiline(&fields, "text", RECORD_TEXT_MAX, JSON_REQUIRED);
    const char *lead = json_fields_slug(&fields, "lead", JSON_OPTIONAL);
    const char *due = read_date(&fields, "due");
    json_t *support = read_slugs(&fields, "support", SUPPORT_MAX, lead);
    if (!json_fields_end(&fields)) {
        json_decref(support);
        return draft_invalid(draft, &fields);
    }
    g_autofree char *id = next_numbered(draft->meeting->directives, 'd');
    draft_event(draft, "directive.issued",
                json_pack("{s:s, s:s, s:o, s:o, s:o}", "directive", id, "text", text, "lead",
                          json_text_or_null(lead), "support", support, "due",
                          json_text_or_null(due)));
    json_object_set_new(draft->decision->answer, "directive", json_string(id));
    return true;
}

static json_t *find_directive(const struct meeting *meeting, const char *id)
{
    return find_numbered(meeting->directives, 'd', id);
}

static bool is_issued(const json_t *directive)
{
    return strcmp(json_string_value(json_object_get(directive, "state")), "issued") == 0;
}

/* The directive, if it still stands; NULL and refused otherwise. */
static const json_t *standing_directive(struct draft *draft, const char *id)
{
    const json_t *found = find_directive(draft->meeting, id);
    if (found == NULL)
        draft_refuse(draft, 1006, "no-such-directive", "there is no directive %s", id);
    else if (!is_issued(found))
        draft_wrong_state(draft, "the directive %s was withdrawn", id);
    else
        return found;
    return NULL;
}

/* Copies what `from` says anew of a directive; null takes a lead or a date back. */
static void copy_changes(json_t *to, const json_t *from)
{
    static const char *const names[] = {"text", "lead", "support", "due"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        json_t *value = json_object_get(from, names[i]);
        bool may_be_null = names[i][0] == 'l' || names[i][0] == 'd';
        if (value != NULL && (may_be_null || !json_is_null(value)))
            json_object_set(to, names[i], value);
    }
}

/* What the directive will be must be as sound as a new one: no agency leads and supports. */
static void check_amended(struct json_fields *fields, const json_t *directive,
                          const json_t *changes)
{
    json_t *amended = json_copy((json_t *)directive);
    struct json_fields inner;
    copy_changes(amended, changes);
    json_fields_begin(&inner, amended);
    const char *lead = json_fields_slug(&inner, "lead", JSON_OPTIONAL);
    json_decref(read_slugs(&inner, "support", SUPPORT_MAX, lead));
    if (inner.failed)
        json_fields_fail(fields, inner.bad_field, inner.why);
    json_decref(amended);
}

bool decide_directive_amend(struct draft *draft)
{
    const json_t *params = draft->command->params;
    struct json_fields fields;
    json_fields_begin(&fields, params);
    const char *id = json_fields_slug(&fields, "directive", JSON_REQUIRED);
    json_fields_multiline(&fields, "text", RECORD_TEXT_MAX, JSON_OPTIONAL);
    json_fields_slug(&fields, "lead", JSON_OPTIONAL);
    read_date(&fields, "due");
    json_decref(read_slugs(&fields, "support", SUPPORT_MAX, NULL));
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const json_t *directive = standing_directive(draft, id);
    if (directive == NULL)
        return false;
    check_amended(&fields, directive, params);
    if (fields.failed)
        return draft_invalid(draft, &fields);
    json_t *body = json_pack("{s:s}", "directive", id);
    copy_changes(body, params);
    if (json_object_size(body) > 1)
        draft_event(draft, "directive.amended", body);
    else
        json_decref(body);
    return true;
}

static bool lacks(const json_t *directive, const char *name)
{
    return json_is_null(json_object_get(directive, name));
}

char *directives_undetermined(const struct meeting *meeting)
{
    GString *list = g_string_new(NULL);
    size_t index;
    json_t *entry;
    json_array_foreach (meeting->directives, index, entry) {
        bool lead = lacks(entry, "lead"), due = lacks(entry, "due");
        if (!is_issued(entry) || is_of_rehearsal(entry) || (!lead && !due))
            continue;
        g_string_append_printf(list, "%s%s (%s%s%s)", list->len > 0 ? ", " : "",
                               json_string_value(json_object_get(entry, "directive")),
                               lead ? "lead" : "", lead && due ? ", " : "", due ? "due" : "");
    }
    return g_string_free(list, list->len == 0);
}

bool decide_directive_withdraw(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "directive", JSON_REQUIRED);
    const char *why = json_fields_text(&fields, "why", WHY_MAX, JSON_OPTIONAL);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (standing_directive(draft, id) == NULL)
        return false;
    draft_event(draft, "directive.withdrawn",
                json_pack("{s:s, s:o}", "directive", id, "why", json_text_or_null(why)));
    return true;
}

static void fold_contents(struct fold *fold, enum json_need text_need)
{
    fold_text(fold, "text", RECORD_TEXT_MAX, text_need);
    json_fields_slug(&fold->body, "lead", JSON_OPTIONAL);
    json_decref(read_slugs(&fold->body, "support", SUPPORT_MAX, NULL));
    read_date(&fold->body, "due");
}

bool apply_directive_issued(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    fold_new_id(fold, "directive", 'd', (unsigned)json_array_size(meeting->directives));
    fold_contents(fold, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    json_t *entry = json_pack("{s:n, s:[], s:n}", "lead", "support", "due");
    json_object_update(entry, fold->event->body);
    json_object_set_new(entry, "state", json_string("issued"));
    json_object_set_new(entry, "time", json_time_or_null(fold->event->time_us));
    json_object_set(entry, "by", fold->event->actor);
    mark_rehearsal(meeting, entry);
    json_array_append_new(meeting->directives, entry);
    return true;
}

static json_t *fold_directive(struct fold *fold)
{
    const char *id = json_fields_slug(&fold->body, "directive", JSON_REQUIRED);
    json_t *entry = find_directive(fold->meeting, id);
    if (entry == NULL || !is_issued(entry))
        json_fields_fail(&fold->body, "directive", "was never issued or was withdrawn");
    return entry;
}

bool apply_directive_amended(struct fold *fold)
{
    json_t *entry = fold_directive(fold);
    fold_contents(fold, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    copy_changes(entry, fold->event->body);
    return true;
}

bool apply_directive_withdrawn(struct fold *fold)
{
    json_t *entry = fold_directive(fold);
    const char *why = fold_text(fold, "why", WHY_MAX, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    json_object_set_new(entry, "state", json_string("withdrawn"));
    json_object_set_new(entry, "why", json_text_or_null(why));
    return true;
}

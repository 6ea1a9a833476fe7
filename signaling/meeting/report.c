/* What the server itself reports of the media plane: parts of the recording, and incidents. */
#include "signaling/meeting/state.h"

#include <string.h>

#define PART_MOST      9999
#define PATH_MAX_CHARS 200

/* recording.started {part, path}, recording.stopped {part}, bridge.lost and bridge.restored {}. */
static bool has_part(const char *type)
{
    return strncmp(type, "recording.", strlen("recording.")) == 0;
}

static bool has_path(const char *type)
{
    return strcmp(type, "recording.started") == 0;
}

bool decide_media_report(struct draft *draft)
{
    const char *type = draft->command->method;
    struct json_fields fields;
    json_t *body = json_object();
    json_fields_begin(&fields, draft->command->params);
    if (has_part(type)) {
        int64_t part = json_fields_integer(&fields, "part", 1, PART_MOST, 1, JSON_REQUIRED);
        json_object_set_new(body, "part", json_integer(part));
    }
    if (has_path(type)) {
        const char *path = json_fields_text(&fields, "path", PATH_MAX_CHARS, JSON_REQUIRED);
        json_object_set_new(body, "path", json_text_or_null(path));
    }
    if (!json_fields_end(&fields)) {
        json_decref(body);
        return draft_invalid(draft, &fields);
    }
    draft_event(draft, type, body);
    return true;
}

bool apply_media_report(struct fold *fold)
{
    const char *type = fold->event->type;
    if (has_part(type))
        json_fields_integer(&fold->body, "part", 1, PART_MOST, 1, JSON_REQUIRED);
    if (has_path(type))
        fold_text(fold, "path", PATH_MAX_CHARS, JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (!has_part(type))
        json_array_append_new(
            fold->meeting->incidents,
            json_pack("{s:s, s:o}", "type", type, "time", json_time_or_null(fold->event->time_us)));
    return true;
}

/* The picture: which layout is shown and who was put where. What comes of it for the media plane is
 * told by meeting_scene(); the names of layouts are those of bridge/video/compose/layout_table.c.
 */
#include "signaling/meeting/state.h"

#define CELLS_MAX            64
#define PAGE_SECONDS_DEFAULT 15

static const char *const layouts[] = {
    "auto",      "speaker",   "speaker_chair", "side_by_side", "slides_speaker",
    "slides",    "mosaic",    "mosaic_4",      "mosaic_9",     "mosaic_16",
    "mosaic_25", "mosaic_36", "mosaic_49",     "mosaic_64",    NULL};

json_t *layout_initial(void)
{
    return json_pack("{s:s, s:[], s:i}", "layout", layouts[0], "cells", "page_seconds",
                     PAGE_SECONDS_DEFAULT);
}

/* A list of rooms and nulls, as a new reference. */
static json_t *read_cells(struct json_fields *fields, const struct meeting *meeting)
{
    const json_t *list = json_fields_array(fields, "cells", CELLS_MAX, JSON_OPTIONAL);
    json_t *cells = json_array();
    size_t index;
    json_t *entry;
    json_array_foreach ((json_t *)list, index, entry) {
        const char *site = json_string_value(entry);
        if (!json_is_null(entry) && (site == NULL || meeting_find_site(meeting, site) == NULL))
            json_fields_fail(fields, "cells", "must be a list of the meeting's rooms, or null");
        json_array_append(cells, entry);
    }
    return cells;
}

/* The page's time stays unless it is said; a new layout begins without anybody put anywhere. New
 * reference. */
static json_t *read_layout(struct json_fields *fields, const struct meeting *meeting)
{
    const json_t *now = meeting->layout;
    int layout = json_fields_choice(fields, "layout", layouts, 0, JSON_REQUIRED);
    json_t *cells = read_cells(fields, meeting);
    int64_t seconds = json_fields_integer(fields, "page_seconds", 0, 3600,
                                          json_integer_value(json_object_get(now, "page_seconds")),
                                          JSON_OPTIONAL);
    return json_pack("{s:s, s:o, s:I}", "layout", layouts[layout], "cells", cells, "page_seconds",
                     (json_int_t)seconds);
}

bool decide_layout_set(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    json_t *layout = read_layout(&fields, draft->meeting);
    bool is_good = json_fields_end(&fields);
    if (!is_good)
        draft_invalid(draft, &fields);
    else if (draft->meeting->status == MEETING_CLOSED)
        is_good = draft_wrong_state(draft, "the meeting is closed");
    else if (!json_equal(layout, draft->meeting->layout))
        draft_event(draft, "layout.changed", json_incref(layout));
    json_decref(layout);
    return is_good;
}

bool apply_layout_changed(struct fold *fold)
{
    json_t *layout = read_layout(&fold->body, fold->meeting);
    if (fold->meeting->status == MEETING_CLOSED)
        fold_misfit(fold, "layout", "comes after the close");
    bool is_fit = fold_fits(fold);
    if (is_fit) {
        json_decref(fold->meeting->layout);
        fold->meeting->layout = json_incref(layout);
    }
    json_decref(layout);
    return is_fit;
}

/* ---- the scene ---- */

/* Nobody's camera is shown before the opening, in a recess or after the close. */
static bool is_shown(const struct meeting *meeting)
{
    return meeting->status == MEETING_OPEN || meeting->status == MEETING_REHEARSAL;
}

static bool may_be_shown(const struct meeting *meeting, const struct site *site)
{
    return site != NULL && is_shown(meeting) && site_is_inside(meeting, site) &&
           !consult_has_site(meeting, site->id);
}

/* The last who was given the floor first. */
static json_t *scene_floor(const struct meeting *meeting)
{
    json_t *floor = json_array();
    for (unsigned i = meeting->holders->len; i-- > 0;) {
        const struct floor_request *request = meeting->holders->pdata[i];
        if (may_be_shown(meeting, request->site))
            json_array_append_new(floor, json_string(request->site->id));
    }
    return floor;
}

static const struct floor_request *held_by(const struct meeting *meeting, const struct site *site)
{
    for (unsigned i = meeting->holders->len; i-- > 0;) {
        const struct floor_request *request = meeting->holders->pdata[i];
        if (request->site == site)
            return request;
    }
    return NULL;
}

/* Who speaks in a room: of its request. */
static json_t *scene_detail(const struct meeting *meeting, const struct site *site)
{
    const struct floor_request *request = held_by(meeting, site);
    if (request == NULL || request->speaker == NULL)
        return json_null();
    if (request->title == NULL)
        return json_string(request->speaker);
    return json_sprintf("%s – %s", request->speaker, request->title);
}

static json_t *scene_members(const struct meeting *meeting)
{
    json_t *members = json_array();
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        const struct site *site = meeting->sites->pdata[i];
        bool is_there = site->session != NULL || site->has_floor || site == meeting->chair;
        if (is_there && may_be_shown(meeting, site))
            json_array_append_new(members,
                                  json_pack("{s:s, s:s, s:o}", "leg", site->id, "name", site->name,
                                            "detail", scene_detail(meeting, site)));
    }
    return members;
}

static const char *scene_chair(const struct meeting *meeting)
{
    const struct site *chair = meeting->acting != NULL ? meeting->acting : meeting->chair;
    return may_be_shown(meeting, chair) ? chair->id : NULL;
}

static json_t *scene_agenda(const struct meeting *meeting)
{
    const char *current = json_string_value(json_object_get(meeting->agenda, "current"));
    size_t index;
    json_t *item;
    json_array_foreach (json_object_get(meeting->agenda, "items"), index, item) {
        if (g_strcmp0(json_string_value(json_object_get(item, "id")), current) == 0)
            return json_incref(json_object_get(item, "title"));
    }
    return json_incref(json_object_get(meeting->settings, "title"));
}

/* The picture speaks Vietnamese. */
static const char *const state_texts[] = {
    [MEETING_DRAFT] = "CHƯA KHAI MẠC", [MEETING_REHEARSAL] = "TỔNG DUYỆT",
    [MEETING_OPEN] = "ĐANG HỌP",       [MEETING_PAUSED] = "NGHỈ GIẢI LAO",
    [MEETING_CLOSED] = "ĐÃ BẾ MẠC",
};

static json_t *scene_texts(const struct meeting *meeting)
{
    return json_pack("{s:o, s:s, s:b, s:s, s:b}", "agenda", scene_agenda(meeting), "state",
                     state_texts[meeting->status], "live", meeting->status == MEETING_OPEN, "lost",
                     "Mất tín hiệu hình", "clock", true);
}

json_t *meeting_scene(const struct meeting *meeting)
{
    return json_pack("{s:O, s:O, s:O, s:o, s:o, s:o, s:o}", "layout",
                     json_object_get(meeting->layout, "layout"), "assigned",
                     json_object_get(meeting->layout, "cells"), "page_seconds",
                     json_object_get(meeting->layout, "page_seconds"), "chair",
                     json_text_or_null(scene_chair(meeting)), "floor", scene_floor(meeting),
                     "members", scene_members(meeting), "texts", scene_texts(meeting));
}

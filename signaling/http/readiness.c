/* What a rehearsal has found of each room: /api/v1/meetings/{id}/readiness.json and .csv. */
#include "common/log.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <string.h>

static const char *const items[] = {"line", "sound", "picture", "backup"};

/* Every room of the roster, in its order: {site, name, line, sound, picture, backup}; NULL:
 * answered. */
static json_t *gather(const struct visit *visit)
{
    g_autoptr(GError) error = NULL;
    const struct meeting *meeting = hub_find(visit->service->hub, visit->meeting, NULL);
    json_t *found = store_read_readiness(visit->service->store, visit->meeting, &error);
    if (found == NULL) {
        log_error("readiness cannot be read meeting=%s why=%s", visit->meeting, error->message);
        reply_error(visit->message, ERROR_STORAGE, "storage", "the results cannot be read");
        return NULL;
    }
    json_t *rooms = json_array(), *snapshot = meeting_snapshot(meeting), *site;
    size_t index;
    json_array_foreach (json_object_get(snapshot, "sites"), index, site) {
        const json_t *of_site =
            json_object_get(found, json_string_value(json_object_get(site, "id")));
        json_t *room = json_pack("{s:O, s:O}", "site", json_object_get(site, "id"), "name",
                                 json_object_get(site, "name"));
        for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
            json_t *value = json_object_get(of_site, items[i]);
            json_object_set_new(room, items[i], value != NULL ? json_incref(value) : json_null());
        }
        json_array_append_new(rooms, room);
    }
    json_decref(snapshot);
    json_decref(found);
    return rooms;
}

void visit_rooms_readiness(const struct visit *visit)
{
    json_t *rooms = gather(visit);
    if (rooms != NULL)
        reply_json(visit->message, SOUP_STATUS_OK,
                   json_pack("{s:s, s:o}", "meeting", visit->meeting, "sites", rooms));
}

/* ---- CSV (RFC 4180) ---- */

/* A spreadsheet takes what begins so for a formula; a room's words are none. */
static void put_text(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    if (text[0] != '\0' && strchr("=+-@", text[0]) != NULL)
        g_string_append_c(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

static void put_value(GString *out, const json_t *value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (json_is_string(value))
        put_text(out, json_string_value(value));
    else if (json_is_number(value))
        g_string_append(out,
                        g_ascii_formatd(number, sizeof number, "%.1f", json_number_value(value)));
    else if (json_is_boolean(value))
        g_string_append(out, json_is_true(value) ? "yes" : "no");
}

static void put_room(GString *out, const json_t *room)
{
    static const char *const columns[][2] = {
        {"line", "verdict"},   {"line", "rtt_ms"},       {"line", "loss_up"},
        {"line", "loss_down"}, {"line", "jitter_up_ms"}, {"line", "jitter_down_ms"},
        {"line", "up_kbps"},   {"line", "down_kbps"},    {"line", "tester"},
        {"line", "time"},      {"sound", "ok"},          {"sound", "note"},
        {"picture", "ok"},     {"picture", "note"},      {"backup", "ok"},
        {"backup", "note"},
    };
    put_value(out, json_object_get(room, "site"));
    g_string_append_c(out, ',');
    put_value(out, json_object_get(room, "name"));
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        g_string_append_c(out, ',');
        put_value(out, json_object_get(json_object_get(room, columns[i][0]), columns[i][1]));
    }
    g_string_append(out, "\r\n");
}

void visit_rooms_readiness_csv(const struct visit *visit)
{
    size_t index;
    json_t *rooms = gather(visit), *room;
    if (rooms == NULL)
        return;
    /* With the mark by which spreadsheets know UTF-8. */
    g_autoptr(GString) out = g_string_new(
        "\xef\xbb\xbfsite,name,verdict,rtt_ms,loss_up,loss_down,jitter_up_ms,jitter_down_ms,"
        "up_kbps,down_kbps,tester,time,sound,sound_note,picture,picture_note,backup,backup_note"
        "\r\n");
    json_array_foreach (rooms, index, room)
        put_room(out, room);
    json_decref(rooms);
    reply_text(visit->message, SOUP_STATUS_OK, "text/csv; charset=utf-8", out->str);
}

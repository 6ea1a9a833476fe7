/* GET /api/v1/places: official names, for who makes a meeting or names an agency; POST
 * /api/v1/roster: a table of rooms, read. */
#include "signaling/places/places.h"

#include "common/json.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"
#include "signaling/places/roster.h"

#include <string.h>

#define FOUND_MAX     20
#define FILE_NAME_MAX 200

static void add(json_t *list, const struct place *place, const char *former)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s?}", "code", place->code, "kind",
                                          place_kind_name(place->kind), "slug", place->slug, "name",
                                          place->name, "former", former));
}

static json_t *list_group(const struct places *places, const char *group)
{
    g_autoptr(GPtrArray) found = places_group(places, group);
    json_t *list = found != NULL ? json_array() : NULL;
    for (unsigned i = 0; found != NULL && i < found->len; i++)
        add(list, found->pdata[i], NULL);
    return list;
}

static json_t *list_found(const struct places *places, const char *text)
{
    const char *former;
    const struct place *exact = places_find(places, text, &former);
    g_autoptr(GPtrArray) found = places_search(places, text, FOUND_MAX);
    json_t *list = json_array();
    for (unsigned i = 0; i < found->len; i++)
        add(list, found->pdata[i], found->pdata[i] == exact ? former : NULL);
    return list;
}

void visit_places(const struct visit *visit)
{
    const struct places *places = visit->service->places;
    const char *group = visit->query != NULL ? g_hash_table_lookup(visit->query, "group") : NULL;
    const char *text = visit->query != NULL ? g_hash_table_lookup(visit->query, "find") : NULL;
    json_t *list = NULL;
    if (places != NULL && group != NULL)
        list = list_group(places, group);
    else if (places != NULL && text != NULL && g_utf8_validate(text, -1, NULL))
        list = list_found(places, text);
    if (list != NULL)
        reply_json(visit->message, SOUP_STATUS_OK, list);
    else
        reply_error(visit->message, ERROR_INVALID, "invalid",
                    places == NULL ? "the lists of places are not installed"
                                   : "group=34-tinh, bo-nganh or xa:PROVINCE, or find=TEXT");
}

static void answer_roster(const struct visit *visit, const char *name, const char *csv)
{
    g_autoptr(GError) error = NULL;
    json_t *sites = roster_read_csv(name, csv, strlen(csv), visit->service->places, &error);
    if (sites != NULL)
        reply_json(visit->message, SOUP_STATUS_OK, sites);
    else
        reply_error(visit->message, ERROR_INVALID, "invalid", error->message);
}

void visit_roster(const struct visit *visit)
{
    json_t *body = reply_read_body(visit->message);
    struct json_fields fields;
    if (body == NULL)
        return;
    json_fields_begin(&fields, body);
    const char *name = json_fields_text(&fields, "name", FILE_NAME_MAX, JSON_REQUIRED);
    const char *csv = json_fields_raw(&fields, "csv", REPLY_BODY_MAX, JSON_REQUIRED);
    struct refusal refusal = {0};
    if (!json_fields_end(&fields)) {
        rpc_refuse_fields(&refusal, &fields);
        reply_refusal(visit->message, &refusal);
    } else {
        answer_roster(visit, name, csv);
    }
    json_decref(body);
}

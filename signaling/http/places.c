/* GET /api/v1/places: official names, for who makes a meeting or names an agency. */
#include "signaling/places/places.h"

#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#define FOUND_MAX 20

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

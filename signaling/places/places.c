#include "signaling/places/places.h"

#include "common/ids.h"
#include "signaling/places/table.h"

#include <gio/gio.h>
#include <string.h>
#include <unicode/ucol.h>

struct places {
    GPtrArray *all;      /* of struct place; owned */
    GHashTable *by_code; /* code, slug -> struct place */
    GHashTable *by_name; /* folded name -> struct place; provinces and ministries before communes */
    GHashTable *former;  /* folded former name -> struct place */
    GHashTable *former_names; /* folded former name -> as it was written */
};

const char *place_kind_name(enum place_kind kind)
{
    static const char *const names[] = {"province", "ministry", "commune"};
    return names[kind];
}

/* ---- names ---- */

static bool is_d(gunichar character)
{
    return character == 0x110 || character == 0x111 || /* đ */
           character == 0xd0 || character == 0xf0;     /* its look-alike, eth */
}

char *places_fold(const char *text)
{
    g_autofree char *apart = g_utf8_normalize(text, -1, G_NORMALIZE_NFD);
    GString *folded = g_string_new(NULL);
    for (const char *at = apart; at != NULL && *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        bool is_gap = folded->len == 0 || folded->str[folded->len - 1] == ' ';
        if (is_d(character))
            g_string_append_c(folded, 'd');
        else if (g_unichar_isalnum(character))
            g_string_append_unichar(folded, g_unichar_tolower(character));
        else if (!g_unichar_ismark(character) && !is_gap)
            g_string_append_c(folded, ' ');
    }
    if (folded->len > 0 && folded->str[folded->len - 1] == ' ')
        g_string_truncate(folded, folded->len - 1);
    return g_string_free(folded, FALSE);
}

/* Without the word for what kind of unit it is. */
static const char *bare(const char *folded)
{
    static const char *const kinds[] = {"thanh pho ", "tinh ", "tp "};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(folded, kinds[i]))
            return folded + strlen(kinds[i]);
    }
    return folded;
}

char *places_slug(const char *name)
{
    g_autofree char *folded = places_fold(name);
    GString *slug = g_string_new(NULL);
    for (const char *at = bare(folded); *at != '\0' && slug->len < ID_SLUG_MAX; at++) {
        bool is_word = g_ascii_isalnum(*at);
        if (is_word || (slug->len > 0 && slug->str[slug->len - 1] != '-'))
            g_string_append_c(slug, is_word ? *at : '-');
    }
    while (slug->len > 0 && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    return g_string_free(slug, FALSE);
}

int places_compare(const char *a, const char *b)
{
    static UCollator *collator;
    UErrorCode status = U_ZERO_ERROR;
    if (collator == NULL)
        collator = ucol_open("vi", &status);
    if (collator == NULL || U_FAILURE(status))
        return strcmp(a, b);
    status = U_ZERO_ERROR;
    return (int)ucol_strcollUTF8(collator, a, -1, b, -1, &status);
}

/* ---- loading ---- */

const char *places_folder(void)
{
    return g_file_test(INSTALLED_FOLDER, G_FILE_TEST_IS_DIR) ? INSTALLED_FOLDER
                                                             : SOURCE_FOLDER "/config/places";
}

static void place_free(void *data)
{
    struct place *place = data;
    g_free(place->code);
    g_free(place->slug);
    g_free(place->name);
    g_free(place->province);
    g_free(place);
}

static bool add_place(struct places *places, enum place_kind kind, const struct table_row *row,
                      GError **error)
{
    const char *code = table_get(row, "code"), *name = table_get(row, "name");
    if (code[0] == '\0' || name[0] == '\0')
        return table_fail(row, "code", "and name must not be empty", error);
    if (g_hash_table_contains(places->by_code, code))
        return table_fail(row, "code", "stands there twice", error);
    struct place *place = g_new0(struct place, 1);
    g_autofree char *slug = places_slug(name), *folded = places_fold(name);
    place->kind = kind;
    place->code = g_strdup(code);
    place->name = g_strdup(name);
    if (kind == PLACE_COMMUNE) {
        place->province = g_strdup(table_get(row, "province"));
        place->slug = g_strdup_printf("%.50s-%s", slug, code);
    } else {
        place->slug = g_strdup(kind == PLACE_MINISTRY ? code : slug);
    }
    g_ptr_array_add(places->all, place);
    g_hash_table_insert(places->by_code, place->code, place);
    if (strcmp(place->code, place->slug) != 0)
        g_hash_table_insert(places->by_code, place->slug, place);
    if (!g_hash_table_contains(places->by_name, bare(folded)))
        g_hash_table_insert(places->by_name, g_strdup(bare(folded)), place);
    return true;
}

static bool add_former(struct places *places, const struct table_row *row, GError **error)
{
    const char *name = table_get(row, "name");
    const struct place *place = g_hash_table_lookup(places->by_code, table_get(row, "province"));
    g_autofree char *folded = places_fold(name);
    if (place == NULL)
        return table_fail(row, "province", "is not the code of a province", error);
    g_hash_table_insert(places->former, g_strdup(bare(folded)), (void *)place);
    g_hash_table_insert(places->former_names, g_strdup(bare(folded)), g_strdup(name));
    return true;
}

struct loading {
    struct places *places;
    int kind; /* -1: former names */
};

static bool load_row(const struct table_row *row, void *arg, GError **error)
{
    struct loading *loading = arg;
    return loading->kind < 0
               ? add_former(loading->places, row, error)
               : add_place(loading->places, (enum place_kind)loading->kind, row, error);
}

static bool load_file(struct places *places, const char *folder, const char *name, int kind,
                      const char *const *columns, GError **error)
{
    struct loading loading = {places, kind};
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return table_read(path, columns, load_row, &loading, error);
}

struct places *places_load(const char *folder, GError **error)
{
    static const char *const units[] = {"code", "name", NULL};
    static const char *const communes[] = {"code", "name", "province", NULL};
    static const char *const former[] = {"name", "province", NULL};
    struct places *places = g_new0(struct places, 1);
    g_autofree char *communes_path = g_build_filename(folder, "communes.csv", NULL);
    places->all = g_ptr_array_new_with_free_func(place_free);
    places->by_code = g_hash_table_new(g_str_hash, g_str_equal);
    places->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    places->former = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    places->former_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (load_file(places, folder, "provinces.csv", PLACE_PROVINCE, units, error) &&
        load_file(places, folder, "ministries.csv", PLACE_MINISTRY, units, error) &&
        load_file(places, folder, "former-provinces.csv", -1, former, error) &&
        (!g_file_test(communes_path, G_FILE_TEST_EXISTS) ||
         load_file(places, folder, "communes.csv", PLACE_COMMUNE, communes, error)))
        return places;
    places_free(places);
    return NULL;
}

void places_free(struct places *places)
{
    if (places == NULL)
        return;
    g_hash_table_unref(places->by_code);
    g_hash_table_unref(places->by_name);
    g_hash_table_unref(places->former);
    g_hash_table_unref(places->former_names);
    g_ptr_array_unref(places->all);
    g_free(places);
}

/* ---- finding ---- */

const struct place *places_find(const struct places *places, const char *text, const char **former)
{
    const struct place *place = g_hash_table_lookup(places->by_code, text);
    g_autofree char *folded = places_fold(text);
    if (former != NULL)
        *former = NULL;
    if (place == NULL)
        place = g_hash_table_lookup(places->by_name, bare(folded));
    if (place != NULL && place->kind != PLACE_COMMUNE)
        return place;
    const struct place *now = g_hash_table_lookup(places->former, bare(folded));
    if (now == NULL)
        return place;
    if (former != NULL)
        *former = g_hash_table_lookup(places->former_names, bare(folded));
    return now;
}

static int by_code(const void *a, const void *b)
{
    const struct place *const *first = a, *const *second = b;
    return strcmp((*first)->code, (*second)->code);
}

static int by_name(const void *a, const void *b)
{
    const struct place *const *first = a, *const *second = b;
    return places_compare((*first)->name, (*second)->name);
}

GPtrArray *places_group(const struct places *places, const char *group)
{
    enum place_kind kind = PLACE_COMMUNE;
    const char *province = g_str_has_prefix(group, "xa:") ? group + strlen("xa:") : NULL;
    if (strcmp(group, "34-tinh") == 0)
        kind = PLACE_PROVINCE;
    else if (strcmp(group, "bo-nganh") == 0)
        kind = PLACE_MINISTRY;
    else if (province == NULL)
        return NULL;
    GPtrArray *found = g_ptr_array_new();
    for (unsigned i = 0; i < places->all->len; i++) {
        struct place *place = places->all->pdata[i];
        if (place->kind == kind &&
            (kind != PLACE_COMMUNE || g_strcmp0(place->province, province) == 0))
            g_ptr_array_add(found, place);
    }
    g_ptr_array_sort(found, kind == PLACE_PROVINCE ? by_code : by_name);
    return found;
}

GPtrArray *places_search(const struct places *places, const char *text, unsigned max)
{
    GPtrArray *found = g_ptr_array_new();
    g_autofree char *folded = places_fold(text);
    const struct place *exact = places_find(places, text, NULL);
    if (exact != NULL && max > 0)
        g_ptr_array_add(found, (void *)exact);
    for (unsigned i = 0; i < places->all->len && found->len < max; i++) {
        const struct place *place = places->all->pdata[i];
        g_autofree char *name = places_fold(place->name);
        if (place != exact && folded[0] != '\0' && strstr(name, folded) != NULL)
            g_ptr_array_add(found, (void *)place);
    }
    return found;
}

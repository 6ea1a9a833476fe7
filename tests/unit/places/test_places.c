#include "signaling/places/places.h"
#include "signaling/places/table.h"

#include <string.h>

static struct places *load(void)
{
    GError *error = NULL;
    struct places *places = places_load(PLACES_FOLDER, &error);
    g_assert_no_error(error);
    return places;
}

static void found_is(const struct places *places, const char *text, const char *code)
{
    const struct place *place = places_find(places, text, NULL);
    if (place == NULL)
        g_error("%s is not found", text);
    g_assert_cmpstr(place->code, ==, code);
}

static void the_provinces_are_34_with_official_codes(void)
{
    struct places *places = load();
    GPtrArray *group = places_group(places, "34-tinh");
    const struct place *first = group->pdata[0], *last = group->pdata[33];
    g_assert_cmpuint(group->len, ==, 34);
    g_assert_cmpstr(first->code, ==, "01");
    g_assert_cmpstr(first->slug, ==, "ha-noi");
    g_assert_cmpstr(last->code, ==, "96");
    g_assert_cmpstr(last->slug, ==, "ca-mau");
    g_assert_null(places_group(places, "63-tinh"));
    g_ptr_array_unref(group);
    places_free(places);
}

static void a_name_is_found_however_it_is_written(void)
{
    static const char *const written[] = {"48",      "da-nang",           "Đà Nẵng",    "da nang",
                                          "ĐÀ NẴNG", "TP. Đà Nẵng",       "TP Đà Nẵng", "Ðà Nẵng",
                                          "đà nẵng", "Thành phố Đà Nẵng", "Da Nang"};
    struct places *places = load();
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++)
        found_is(places, written[i], "48");
    g_autofree char *apart = g_utf8_normalize("Đà Nẵng", -1, G_NORMALIZE_NFD);
    g_assert_cmpstr(apart, !=, "Đà Nẵng");
    found_is(places, apart, "48");
    found_is(places, "Khánh Hoà", "56"); /* the mark on the other vowel */
    found_is(places, "bộ nội vụ", "bo-noi-vu");
    g_assert_null(places_find(places, "Paris", NULL));
    places_free(places);
}

static void a_former_name_leads_to_the_present_one(void)
{
    struct places *places = load();
    const char *former;
    const struct place *place = places_find(places, "quang nam", &former);
    g_assert_cmpstr(place->code, ==, "48");
    g_assert_cmpstr(former, ==, "Tỉnh Quảng Nam");
    place = places_find(places, "Thừa Thiên Huế", &former);
    g_assert_cmpstr(place->name, ==, "Thành phố Huế");
    places_find(places, "Huế", &former);
    g_assert_null(former);
    places_free(places);
}

static void communes_of_a_province_come_in_the_vietnamese_order(void)
{
    struct places *places = load();
    GPtrArray *group = places_group(places, "xa:48");
    g_assert_cmpuint(group->len, ==, 94);
    for (unsigned i = 1; i < group->len; i++) {
        const struct place *before = group->pdata[i - 1], *after = group->pdata[i];
        g_assert_cmpint(places_compare(before->name, after->name), <=, 0);
    }
    g_ptr_array_unref(group);
    places_free(places);
}

static void names_are_sorted_the_vietnamese_way(void)
{
    /* By their code points "Đ" and "Â" would come after "Z". */
    static const char *const order[] = {"An Giang", "Ân Thi", "Cà Mau", "Cần Thơ",  "Dầu Tiếng",
                                        "Đà Nẵng",  "Hà Nội", "Huế",    "Vĩnh Long"};
    for (size_t i = 1; i < G_N_ELEMENTS(order); i++)
        g_assert_cmpint(places_compare(order[i - 1], order[i]), <, 0);
}

static void a_part_of_a_name_finds_places(void)
{
    struct places *places = load();
    GPtrArray *found = places_search(places, "nong nghiep", 5);
    const struct place *first = found->pdata[0];
    g_assert_cmpstr(first->code, ==, "bo-nong-nghiep-va-moi-truong");
    g_ptr_array_unref(found);
    found = places_search(places, "an", 7);
    g_assert_cmpuint(found->len, ==, 7);
    g_ptr_array_unref(found);
    places_free(places);
}

static void slugs_are_slugs(void)
{
    g_autofree char *slug = places_slug("Thành phố Hồ Chí Minh");
    g_assert_cmpstr(slug, ==, "ho-chi-minh");
    g_autofree char *odd = places_slug("  Bà Rịa - Vũng Tàu! ");
    g_assert_cmpstr(odd, ==, "ba-ria-vung-tau");
    g_autofree char *foreign = places_slug("Ԛ Ԛd ròA");
    g_assert_cmpstr(foreign, ==, "d-roa");
    g_autofree char *none = places_slug("!!!");
    g_assert_cmpstr(none, ==, "");
}

/* ---- tables ---- */

static bool collect(const struct table_row *row, void *arg, GError **error)
{
    (void)error;
    g_string_append_printf(arg, "%u:%s|%s;", table_line(row), table_get(row, "id"),
                           table_get(row, "name"));
    return true;
}

static char *read_table(const char *text, GError **error)
{
    static const char *const columns[] = {"id", "name", NULL};
    GString *seen = g_string_new(NULL);
    bool is_read = table_read_text("rooms.csv", text, strlen(text), columns, collect, seen, error);
    return g_string_free(seen, !is_read);
}

static void a_table_is_read_as_spreadsheets_save_it(void)
{
    static const char *const texts[] = {
        "id,name\na,Huế\n\nb,\"Bà Rịa, Vũng Tàu\"\n",
        "\xef\xbb\xbfid;name\r\na;Huế\r\n;\r\nb;\"Bà Rịa, Vũng Tàu\"\r\n",
        "name\tid\nHuế\ta\n\n\"Bà Rịa, Vũng Tàu\"\tb",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        GError *error = NULL;
        g_autofree char *seen = read_table(texts[i], &error);
        g_assert_no_error(error);
        g_assert_cmpstr(seen, ==, "2:a|Huế;4:b|Bà Rịa, Vũng Tàu;");
    }
}

static void a_table_that_is_wrong_names_its_line(void)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"", "rooms.csv: line 1: the file is empty"},
        {"id,ten\n", "rooms.csv: line 1: the first line must name the column name"},
        {"id,id,name\n", "rooms.csv: line 1, column id (1): id stands there twice"},
        {"id,name\na,b,c\n", "rooms.csv: line 2: has more fields than the first line has columns"},
        {"id,name\na,\"b\n", "rooms.csv: line 2: a quoted field does not end, or goes on after its "
                             "end"},
        {"id,name\na,\xff\n", "rooms.csv: line 2: is not UTF-8 text"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(read_table(wrong[i].text, &error));
        g_assert_cmpstr(error->message, ==, wrong[i].why);
    }
}

#define TEST(name) g_test_add_func("/places/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_provinces_are_34_with_official_codes);
    TEST(a_name_is_found_however_it_is_written);
    TEST(a_former_name_leads_to_the_present_one);
    TEST(communes_of_a_province_come_in_the_vietnamese_order);
    TEST(names_are_sorted_the_vietnamese_way);
    TEST(a_part_of_a_name_finds_places);
    TEST(slugs_are_slugs);
    TEST(a_table_is_read_as_spreadsheets_save_it);
    TEST(a_table_that_is_wrong_names_its_line);
    return g_test_run();
}

#include "signaling/minutes/invitation.h"

#include "signaling/minutes/page.h"

#include <string.h>

static const json_t *find_site(const json_t *state, const char *id)
{
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(state, "sites"), index, site) {
        if (strcmp(json_string_value(json_object_get(site, "id")), id) == 0)
            return site;
    }
    return NULL;
}

static void put_field(GString *page, const char *label, const json_t *object, const char *key)
{
    g_string_append_printf(page, "<p class=\"field\">%s: ", label);
    page_field_or_undetermined(page, object, key);
    g_string_append(page, "</p>\n");
}

/* "Nguyễn Văn An, Phó Thủ tướng". */
static void put_person(GString *page, const json_t *person)
{
    page_field_or_undetermined(page, person, "name");
    if (json_is_string(json_object_get(person, "post"))) {
        g_string_append(page, ", ");
        page_field(page, person, "post");
    }
}

static void put_invited(GString *page, const json_t *meeting, const json_t *site)
{
    size_t index;
    json_t *person;
    g_string_append(page, "<p class=\"field\">");
    page_field_or_undetermined(page, meeting, "organizer");
    g_string_append(page, " trân trọng kính mời: ");
    page_field(page, site, "name");
    json_array_foreach (json_object_get(site, "people"), index, person) {
        g_string_append(page, index == 0 ? " (" : "; ");
        put_person(page, person);
    }
    g_string_append(page, index > 0 ? ")</p>\n" : "</p>\n");
}

static void put_agenda(GString *page, const json_t *agenda)
{
    size_t index;
    json_t *item;
    json_array_foreach (json_object_get(agenda, "items"), index, item) {
        g_string_append_printf(page, "<p class=\"field\">%zu. ", index + 1);
        page_field(page, item, "title");
        if (json_is_string(json_object_get(item, "presenter"))) {
            g_string_append(page, " (");
            page_field(page, item, "presenter");
            g_string_append(page, ")");
        }
        g_string_append(page, "</p>\n");
    }
}

static void put_fields(GString *page, const json_t *state, const json_t *site)
{
    const json_t *meeting = json_object_get(state, "meeting");
    put_invited(page, meeting, site);
    put_field(page, "Tới dự", meeting, "title");
    g_string_append(page, "<p class=\"field\">Chủ trì: ");
    put_person(page, json_object_get(meeting, "chair"));
    g_string_append(page, "</p>\n<p class=\"field\">Thời gian: ");
    page_moment(page, meeting, "starts");
    g_string_append(page, "</p>\n<p class=\"field\">Địa điểm: ");
    page_field_or_undetermined(page, meeting, "place");
    g_string_append(page, "; dự trực tuyến tại điểm cầu ");
    page_field(page, site, "name");
    g_string_append(page, "</p>\n");
    if (json_array_size(json_object_get(json_object_get(state, "agenda"), "items")) > 0) {
        g_string_append(page, "<p class=\"field\">Chương trình:</p>\n");
        put_agenda(page, json_object_get(state, "agenda"));
    }
    g_string_append(page, "<p class=\"field\">Đề nghị điểm cầu xác nhận thành phần dự và thử đường "
                          "truyền trước hội nghị./.</p>\n");
}

char *invitation_to_html(const json_t *state, const char *site)
{
    const json_t *found = find_site(state, site);
    if (found == NULL)
        return NULL;
    GString *page =
        g_string_new("<!doctype html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\">"
                     "\n<meta name=\"viewport\" content=\"width=device-width,"
                     "initial-scale=1\">\n<title>Giấy mời</title>\n<style>");
    g_string_append_printf(page, "%s</style></head>\n<body>\n", page_style);
    page_letterhead(page, "GM", "……, ngày …… tháng …… năm ……");
    g_string_append(page, "\n<h1>GIẤY MỜI</h1>\n<h2 class=\"rule name\">Dự ");
    page_field(page, json_object_get(state, "meeting"), "title");
    g_string_append(page, "</h2>\n");
    put_fields(page, state, found);
    g_string_append(
        page, "<table class=\"sign\"><tr><td class=\"copies\"><p><strong>Nơi nhận:</strong></p>"
              "<p>- Như trên;</p><p>- Lưu: VT, ……</p></td><td><strong>QUYỀN HẠN, CHỨC VỤ CỦA "
              "NGƯỜI KÝ</strong></td></tr><tr><td class=\"space\"></td><td></td></tr><tr><td>"
              "</td><td><strong>Họ và tên</strong></td></tr></table>\n</body>\n</html>\n");
    return g_string_free(page, FALSE);
}

#include "bridge/video/compose/label.h"

#include <glib.h>
#include <string.h>

static struct labels *labels;

static struct label_request strip(const char *text)
{
    return (struct label_request){
        .style = LABEL_STRIP, .text = text, .width = 300, .height = 170, .frame_height = 1080};
}

static const struct label *get(struct label_request request)
{
    return labels_get(labels, &request);
}

/* How many of its pixels are as light as letters. */
static unsigned light(const struct label *label)
{
    unsigned count = 0;
    for (unsigned y = 0; y < label->height; y++) {
        const uint8_t *row =
            label->picture->planes[PICTURE_Y] + (size_t)y * label->picture->strides[PICTURE_Y];
        for (unsigned x = 0; x < label->width; x++)
            count += row[x] > 180;
    }
    return count;
}

static void test_a_label_has_letters_on_a_plate(void)
{
    const struct label *label = get(strip("Lào Cai"));
    g_assert_cmpuint(light(label), >, 100);
    g_assert_cmpuint(label->alpha[0], >, 100);
    g_assert_cmpuint((label->width | label->height) & 1, ==, 0);
}

static void test_every_vietnamese_letter_has_its_own_shape(void)
{
    static const char *const letters[] = {
        "a", "à", "á", "ả", "ã", "ạ", "ă", "ằ", "ắ", "ẳ", "ẵ", "ặ", "â",     "ầ", "ấ", "ẩ", "ẫ",
        "ậ", "d", "đ", "e", "è", "é", "ẻ", "ẽ", "ẹ", "ê", "ề", "ế", "ể",     "ễ", "ệ", "i", "ì",
        "í", "ỉ", "ĩ", "ị", "o", "ò", "ó", "ỏ", "õ", "ọ", "ô", "ồ", "ố",     "ổ", "ỗ", "ộ", "ơ",
        "ờ", "ớ", "ở", "ỡ", "ợ", "u", "ù", "ú", "ủ", "ũ", "ụ", "ư", "ừ",     "ứ", "ử", "ữ", "ự",
        "y", "ỳ", "ý", "ỷ", "ỹ", "ỵ", "Đ", "Ợ", "Ữ", "Ễ", "Ẵ", "Ỗ", "\ufffd"};
    g_autoptr(GHashTable) shapes =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(letters); i++) {
        struct label_request request = strip(letters[i]);
        request.style = LABEL_PLACARD; /* all of one size */
        const struct label *label = get(request);
        g_assert_cmpuint(light(label), >, 5);
        GBytes *shape =
            g_bytes_new(label->picture->planes[PICTURE_Y],
                        (size_t)label->height * (size_t)label->picture->strides[PICTURE_Y]);
        g_assert_true(g_hash_table_add(shapes, shape));
    }
}

static void test_composed_and_decomposed_look_the_same(void)
{
    struct label_request request = strip("Huế");
    request.style = LABEL_PLACARD;
    const struct label *composed = get(request);
    request.text = "Hue\xcc\x82\xcc\x81";
    const struct label *decomposed = get(request);
    g_assert_cmpmem(composed->picture->planes[PICTURE_Y], 170 * 320,
                    decomposed->picture->planes[PICTURE_Y], 170 * 320);
}

static void test_a_long_text_is_cut_at_its_width(void)
{
    g_autofree char *text = g_strnfill(10000, 'm');
    const struct label *label = get(strip(text));
    g_assert_cmpuint(label->width, <=, 300);
    g_assert_cmpuint(label->width, >, 250);
    g_assert_cmpuint(label->height, ==, get(strip("m"))->height);
    /* Nothing of the text is at the very edge: it ends with "…". */
    for (unsigned y = 0; y < label->height; y++)
        g_assert_cmpuint(
            label->picture->planes[PICTURE_Y][y * (size_t)label->picture->strides[PICTURE_Y] +
                                              label->width - 4],
            <, 100);
}

static void test_hostile_texts_stay_within_their_place(void)
{
    GString *tower = g_string_new("Z");
    for (unsigned i = 0; i < 2000; i++)
        g_string_append(tower, "\u0300\u0489");
    const char *const texts[] = {
        "\u202e\u202e\u202eiộN àH",
        "a\nb\nc\nd\ne\nf\ng",
        "\xff\xfe\xc0\x80",
        tower->str,
        "\x01\x02\x1b[2J",
        "<b>&amp;</b>",
        "%s%n%x",
        "مرحبا \u2067שלום",
        "👨‍👩‍👧‍👦🏴",
        "﷽﷽﷽﷽﷽﷽﷽﷽",
    };
    unsigned line = get(strip("m"))->height;
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        for (unsigned style = LABEL_STRIP; style <= LABEL_HEADER; style++) {
            struct label_request request = strip(texts[i]);
            request.style = style;
            request.detail = request.badge = texts[i];
            const struct label *label = get(request);
            if (label == NULL)
                continue;
            g_assert_cmpuint(label->width, <=, 300);
            g_assert_cmpuint(label->height, <=, 170);
            if (style == LABEL_STRIP)
                g_assert_cmpuint(label->height, <=, 5 * line);
        }
    }
    g_string_free(tower, TRUE);
}

static void test_a_turned_text_reads_as_what_it_is(void)
{
    struct label_request request = strip("abc\u202edef");
    request.style = LABEL_PLACARD;
    const struct label *turned = get(request);
    request.text = "abcdef";
    const struct label *straight = get(request);
    g_assert_cmpmem(turned->picture->planes[PICTURE_Y], 170 * 320,
                    straight->picture->planes[PICTURE_Y], 170 * 320);
}

static void test_nothing_is_drawn_for_no_text_or_no_room(void)
{
    g_assert_null(get(strip(NULL)));
    g_assert_null(get(strip(" \u202e\n ")));
    for (unsigned side = 0; side < 40; side++) {
        for (unsigned style = LABEL_STRIP; style <= LABEL_HEADER; style++) {
            struct label_request request = {.style = style,
                                            .text = "Hà Nội",
                                            .detail = "x",
                                            .width = side,
                                            .height = side,
                                            .frame_height = 1080};
            const struct label *label = get(request);
            g_assert_true(label == NULL || (label->width <= side && label->height <= side));
        }
    }
}

static void test_a_label_is_drawn_once(void)
{
    labels_get(labels, &(struct label_request){.style = LABEL_NOTICE,
                                               .text = "Mất tín hiệu hình",
                                               .width = 640,
                                               .height = 360,
                                               .frame_height = 1080});
    uint64_t drawn = labels_drawn(labels);
    g_autofree char *copy = g_strdup("Mất tín hiệu hình");
    struct label_request again = {LABEL_NOTICE, copy, .width = 640, .height = 360,
                                  .frame_height = 1080};
    const struct label *label = labels_get(labels, &again);
    g_assert_cmpuint(labels_drawn(labels), ==, drawn);
    again.width = 320;
    g_assert_true(labels_get(labels, &again) != label);
    g_assert_cmpuint(labels_drawn(labels), ==, drawn + 1);
}

static void test_what_is_not_asked_for_is_let_go(void)
{
    get(strip("kept"));
    get(strip("gone"));
    uint64_t drawn = labels_drawn(labels);
    for (unsigned i = 0; i < 3; i++) {
        labels_trim(labels);
        get(strip("kept"));
    }
    g_assert_cmpuint(labels_drawn(labels), ==, drawn);
    get(strip("gone"));
    g_assert_cmpuint(labels_drawn(labels), ==, drawn + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    labels = labels_new();
    g_test_add_func("/label/a_label_has_letters_on_a_plate", test_a_label_has_letters_on_a_plate);
    g_test_add_func("/label/every_vietnamese_letter_has_its_own_shape",
                    test_every_vietnamese_letter_has_its_own_shape);
    g_test_add_func("/label/composed_and_decomposed_look_the_same",
                    test_composed_and_decomposed_look_the_same);
    g_test_add_func("/label/a_long_text_is_cut_at_its_width", test_a_long_text_is_cut_at_its_width);
    g_test_add_func("/label/hostile_texts_stay_within_their_place",
                    test_hostile_texts_stay_within_their_place);
    g_test_add_func("/label/a_turned_text_reads_as_what_it_is",
                    test_a_turned_text_reads_as_what_it_is);
    g_test_add_func("/label/nothing_is_drawn_for_no_text_or_no_room",
                    test_nothing_is_drawn_for_no_text_or_no_room);
    g_test_add_func("/label/a_label_is_drawn_once", test_a_label_is_drawn_once);
    g_test_add_func("/label/what_is_not_asked_for_is_let_go", test_what_is_not_asked_for_is_let_go);
    int failed = g_test_run();
    labels_free(labels);
    return failed;
}

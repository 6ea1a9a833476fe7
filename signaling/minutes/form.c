#include "signaling/minutes/form.h"

#include "signaling/minutes/when.h"

#include <string.h>

/* As wide as its text at 14 points bold; the agency's and the subject's rules are a third to a half
 * of theirs. */
#define MOTTO_RULE_MM   61.0
#define AGENCY_RULE_MM  22.0
#define SUBJECT_RULE_MM 23.0

static void add_rule(struct document_row *row, unsigned column, double width_mm)
{
    document_add_cell(row, column, STYLE_RULE)->rule_mm = width_mm;
}

static void put_agency(struct document_row *row, const char *agency)
{
    if (agency == NULL) {
        document_put(document_add_cell(row, 0, STYLE_SUPERIOR), 0, "TÊN CƠ QUAN CHỦ QUẢN");
        agency = "TÊN CƠ QUAN, TỔ CHỨC";
    }
    g_autofree char *upper = g_utf8_strup(agency, -1);
    document_put(document_add_cell(row, 0, STYLE_AGENCY), 0, upper);
    add_rule(row, 0, AGENCY_RULE_MM);
}

void form_letterhead(struct document *document, const char *agency, const char *kind,
                     const char *place_date)
{
    static const double widths_mm[] = {65, 100};
    struct document_table *table = document_add_table(document, 2, widths_mm, false);
    struct document_row *row = document_add_row(table);
    put_agency(row, agency);
    document_put(document_add_cell(row, 1, STYLE_NATION), 0, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    document_put(document_add_cell(row, 1, STYLE_MOTTO), 0, "Độc lập - Tự do - Hạnh phúc");
    add_rule(row, 1, MOTTO_RULE_MM);
    row = document_add_row(table);
    document_putf(document_add_cell(row, 0, STYLE_NUMBER), 0, "Số: ……/%s-……", kind);
    if (place_date != NULL)
        document_put(document_add_cell(row, 1, STYLE_PLACE_DATE), 0, place_date);
}

void form_title(struct document *document, const char *kind, const char *subject)
{
    struct document_paragraph *paragraph;
    document_put(document_add(document, STYLE_KIND), 0, kind);
    paragraph = document_add(document, STYLE_SUBJECT);
    document_put(paragraph, 0, subject != NULL ? subject : WHEN_UNDETERMINED);
    document_add(document, STYLE_RULE)->rule_mm = SUBJECT_RULE_MM;
}

void form_roman(GString *text, unsigned number)
{
    static const struct {
        unsigned value;
        const char *digits;
    } steps[] = {{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        for (; number >= steps[i].value; number -= steps[i].value)
            g_string_append(text, steps[i].digits);
    }
}

void form_annex(struct document *document, unsigned number, const char *title, const char *of)
{
    g_autoptr(GString) roman = g_string_new(NULL);
    form_roman(roman, number);
    document_begin_section(document);
    document_putf(document_add(document, STYLE_ANNEX), 0, "Phụ lục %s", roman->str);
    document_put(document_add(document, STYLE_ANNEX_TITLE), 0, title);
    document_putf(document_add(document, STYLE_ANNEX_SOURCE), 0, "(Kèm theo %s)", of);
}

struct document_table *form_grid(struct document *document, unsigned columns,
                                 const double *widths_mm, const char *const *names)
{
    struct document_table *table = document_add_table(document, columns, widths_mm, true);
    struct document_row *row = document_add_row(table);
    row->is_head = true;
    for (unsigned i = 0; i < columns; i++)
        document_put(document_add_cell(row, i, STYLE_TABLE_HEAD), 0, names[i]);
    return table;
}

void form_copies(struct document_row *row, unsigned column, const char *keepers)
{
    document_put(document_add_cell(row, column, STYLE_COPIES_TITLE), 0, "Nơi nhận:");
    document_put(document_add_cell(row, column, STYLE_COPIES), 0, "- ……;");
    document_putf(document_add_cell(row, column, STYLE_COPIES), 0, "- Lưu: %s.", keepers);
}

struct document_paragraph *form_field(struct document *document, const char *label)
{
    struct document_paragraph *paragraph = document_add(document, STYLE_BODY);
    document_putf(paragraph, 0, "%s: ", label);
    return paragraph;
}

/* ---- texts ---- */

const char *form_string(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void put_undetermined(struct document_paragraph *paragraph)
{
    document_put(paragraph, MARK_ITALIC, WHEN_UNDETERMINED);
}

void form_put(struct document_paragraph *paragraph, const json_t *object, const char *key)
{
    if (form_string(object, key) != NULL)
        document_put(paragraph, 0, form_string(object, key));
    else
        put_undetermined(paragraph);
}

void form_put_person(struct document_paragraph *paragraph, const json_t *person)
{
    form_put(paragraph, person, "name");
    if (form_string(person, "post") != NULL)
        document_putf(paragraph, 0, ", %s", form_string(person, "post"));
}

void form_put_names(struct document_paragraph *paragraph, const json_t *names)
{
    size_t index;
    json_t *name;
    json_array_foreach ((json_t *)names, index, name) {
        document_put(paragraph, 0, index > 0 ? "; " : "");
        document_put(paragraph, 0, json_string_value(name));
    }
}

void form_put_clock(struct document_paragraph *paragraph, const json_t *object, const char *key)
{
    g_autoptr(GString) text = g_string_new(NULL);
    when_clock(text, form_string(object, key));
    document_put(paragraph, 0, text->str);
}

void form_put_moment(struct document_paragraph *paragraph, const json_t *object, const char *key)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (when_moment(text, form_string(object, key)))
        document_put(paragraph, 0, text->str);
    else
        put_undetermined(paragraph);
}

/* How many bytes of learned title the name begins with; 0: none. */
static size_t title_length(const char *name)
{
    static const char *const titles[] = {
        "Giáo sư", "Phó Giáo sư", "Tiến sĩ", "Tiến sỹ", "Thạc sĩ", "Thạc sỹ", "PGS", "GS",
        "TSKH",    "TS",          "ThS",     "Th.S",    "BS",      "CN",      "KS",  "LS",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++) {
        size_t length = strlen(titles[i]);
        /* "TS. An", "PGS.TS An", "Tiến sĩ An"; but "Tsan" is a name. */
        if (strncmp(name, titles[i], length) == 0 && strchr(" .,-", name[length]) != NULL &&
            name[length] != '\0')
            return length;
    }
    return 0;
}

char *form_bare_name(const char *name)
{
    g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    const char *rest = composed != NULL ? composed : name;
    for (size_t length; (length = title_length(rest)) > 0;) {
        rest += length;
        rest += strspn(rest, " .,-");
    }
    return g_strdup(rest);
}

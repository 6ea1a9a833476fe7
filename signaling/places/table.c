#include "signaling/places/table.h"

#include <csv.h>
#include <gio/gio.h>
#include <string.h>

#define COLUMNS_MAX 64
#define FILE_MAX    ((size_t)16 * 1024 * 1024)

struct table_row {
    const char *file;
    GPtrArray *names;  /* of the columns */
    GPtrArray *fields; /* of this line */
    unsigned line;
};

struct reading {
    struct table_row row;
    const char *const *needed;
    table_visit visit;
    void *arg;
    GError **error;
    unsigned next_line; /* where the parser is */
    bool has_header, is_over;
};

static int column_of(const struct table_row *row, const char *column)
{
    for (unsigned i = 0; i < row->names->len; i++) {
        if (strcmp(row->names->pdata[i], column) == 0)
            return (int)i;
    }
    return -1;
}

const char *table_get(const struct table_row *row, const char *column)
{
    int index = column_of(row, column);
    return index >= 0 && (unsigned)index < row->fields->len ? row->fields->pdata[index] : "";
}

unsigned table_line(const struct table_row *row)
{
    return row->line;
}

bool table_fail(const struct table_row *row, const char *column, const char *why, GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: line %u, column %s (%d): %s %s",
                row->file, row->line, column, column_of(row, column) + 1, column, why);
    return false;
}

static bool fail_line(const struct reading *reading, const char *why)
{
    g_set_error(reading->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: line %u: %s",
                reading->row.file, reading->row.line, why);
    return false;
}

static bool take_header(struct reading *reading)
{
    GPtrArray *swap = reading->row.names;
    reading->row.names = reading->row.fields;
    reading->row.fields = swap;
    reading->has_header = true;
    for (unsigned i = 0; i < reading->row.names->len; i++) {
        if (column_of(&reading->row, reading->row.names->pdata[i]) != (int)i)
            return table_fail(&reading->row, reading->row.names->pdata[i], "stands there twice",
                              reading->error);
    }
    for (unsigned i = 0; reading->needed[i] != NULL; i++) {
        if (column_of(&reading->row, reading->needed[i]) < 0) {
            g_autofree char *why =
                g_strdup_printf("the first line must name the column %s", reading->needed[i]);
            return fail_line(reading, why);
        }
    }
    return true;
}

static bool is_empty(const GPtrArray *fields)
{
    for (unsigned i = 0; i < fields->len; i++) {
        if (((const char *)fields->pdata[i])[0] != '\0')
            return false;
    }
    return true;
}

static void on_field(void *bytes, size_t size, void *arg)
{
    struct reading *reading = arg;
    if (reading->is_over)
        return;
    g_autofree char *raw = g_strndup(size > 0 ? bytes : "", size);
    char *field = g_utf8_validate(raw, -1, NULL) && strlen(raw) == size
                      ? g_utf8_normalize(raw, -1, G_NORMALIZE_NFC)
                      : NULL;
    if (field == NULL || reading->row.fields->len >= COLUMNS_MAX) {
        reading->is_over = true;
        fail_line(reading, field == NULL ? "is not UTF-8 text" : "has too many columns");
        g_free(field);
        return;
    }
    g_ptr_array_add(reading->row.fields, g_strstrip(field));
}

static void on_line(int ending, void *arg)
{
    struct reading *reading = arg;
    (void)ending;
    if (reading->is_over)
        return;
    bool is_good = true;
    if (!reading->has_header)
        is_good = take_header(reading);
    else if (!is_empty(reading->row.fields))
        is_good = reading->row.fields->len <= reading->row.names->len
                      ? reading->visit(&reading->row, reading->arg, reading->error)
                      : fail_line(reading, "has more fields than the first line has columns");
    reading->is_over = !is_good;
    g_ptr_array_set_size(reading->row.fields, 0);
    reading->row.line = reading->next_line + 1;
}

/* What stands between the fields of the first line. */
static char delimiter_of(const char *text, size_t size)
{
    size_t length = 0, counts[3] = {0};
    static const char candidates[] = ",;\t";
    while (length < size && text[length] != '\n') {
        const char *found = memchr(candidates, text[length], 3);
        if (found != NULL)
            counts[found - candidates]++;
        length++;
    }
    size_t best = counts[1] > counts[0] ? 1 : 0;
    return candidates[counts[2] > counts[best] ? 2 : best];
}

static bool parse(struct reading *reading, const char *text, size_t size)
{
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_EMPTY_IS_NULL) != 0)
        return fail_line(reading, "there is no memory to read it");
    csv_set_delim(&parser, (unsigned char)delimiter_of(text, size));
    reading->next_line = reading->row.line = 1;
    bool is_good = true;
    for (size_t i = 0; is_good && !reading->is_over && i < size; i++) {
        is_good = csv_parse(&parser, text + i, 1, on_field, on_line, reading) == 1;
        if (text[i] == '\n') {
            reading->next_line++;
            if (reading->row.fields->len == 0)
                reading->row.line = reading->next_line;
        }
    }
    if (is_good && !reading->is_over)
        is_good = csv_fini(&parser, on_field, on_line, reading) == 0;
    csv_free(&parser);
    if (!is_good && !reading->is_over)
        return fail_line(reading, "a quoted field does not end, or goes on after its end");
    return !reading->is_over;
}

bool table_read_text(const char *name, const char *text, size_t size, const char *const *columns,
                     table_visit visit, void *arg, GError **error)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct reading reading = {.needed = columns, .visit = visit, .arg = arg, .error = error};
    reading.row.file = name;
    reading.row.names = g_ptr_array_new_with_free_func(g_free);
    reading.row.fields = g_ptr_array_new_with_free_func(g_free);
    bool has_bom = size >= 3 && memcmp(text, bom, 3) == 0;
    bool is_good = parse(&reading, text + (has_bom ? 3 : 0), size - (has_bom ? 3 : 0));
    if (is_good && !reading.has_header)
        is_good = fail_line(&reading, "the file is empty");
    g_ptr_array_unref(reading.row.names);
    g_ptr_array_unref(reading.row.fields);
    return is_good;
}

bool table_read(const char *path, const char *const *columns, table_visit visit, void *arg,
                GError **error)
{
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, error))
        return false;
    if (size <= FILE_MAX)
        return table_read_text(path, text, size, columns, visit, arg, error);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: is larger than 16 MiB", path);
    return false;
}

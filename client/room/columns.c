#include "client/room/columns.h"

#include <string.h>

static unsigned width_of(gunichar character)
{
    if (g_unichar_iszerowidth(character))
        return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

unsigned columns_of(const char *text)
{
    unsigned columns = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text))
        columns += width_of(g_utf8_get_char(text));
    return columns;
}

/* The end of what fits into `width`, accents behind the last letter included. */
static const char *find_end(const char *text, unsigned width, unsigned *used)
{
    *used = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        unsigned columns = width_of(g_utf8_get_char(text));
        if (*used + columns > width)
            break;
        *used += columns;
    }
    return text;
}

unsigned columns_append(GString *out, const char *text, unsigned width)
{
    unsigned used;
    const char *end = find_end(text, width, &used);
    if (*end == '\0' || width == 0) {
        g_string_append_len(out, text, end - text);
        return used;
    }
    end = find_end(text, width - 1, &used);
    g_string_append_len(out, text, end - text);
    g_string_append(out, "…");
    return used + 1;
}

void columns_append_padded(GString *out, const char *text, unsigned width)
{
    for (unsigned used = columns_append(out, text, width); used < width; used++)
        g_string_append_c(out, ' ');
}

/* Where the line that begins at `text` ends: at a space if there is one. */
static const char *find_break(const char *text, unsigned width)
{
    unsigned used;
    const char *end = find_end(text, width, &used), *space = end;
    if (*end == '\0')
        return end;
    while (space > text && *space != ' ')
        space--;
    if (space > text)
        return space;
    return end > text ? end : g_utf8_next_char(text);
}

char **columns_wrap(const char *text, unsigned width, unsigned most)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    while (*text != '\0' && lines->len < most) {
        const char *end = find_break(text, width);
        if (lines->len + 1 == most)
            end = text + strlen(text);
        g_autofree char *piece = g_strndup(text, (gsize)(end - text));
        g_autoptr(GString) line = g_string_new(NULL);
        columns_append(line, piece, width);
        g_ptr_array_add(lines, g_strdup(line->str));
        for (text = end; *text == ' '; text++)
            continue;
    }
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_steal(lines, NULL);
}

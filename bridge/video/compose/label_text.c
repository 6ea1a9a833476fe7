#include "bridge/video/compose/label_text.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define MARKS_MAX   3 /* Vietnamese needs two: the letter's and the tone's */
#define REPLACEMENT 0xFFFD

/* What becomes of a character. */
enum fate { KEEP, DROP, SPACE };

static enum fate fate_of(gunichar character)
{
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SPACE_SEPARATOR:
        return SPACE;
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
        return DROP;
    default:
        return KEEP;
    }
}

/* Takes one character, or one byte that is none. */
static gunichar take(const char **text)
{
    gunichar character = g_utf8_get_char_validated(*text, -1);
    if (character == (gunichar)-1 || character == (gunichar)-2) {
        (*text)++;
        return REPLACEMENT;
    }
    *text = g_utf8_next_char(*text);
    return character;
}

void label_clean(const char *text, char *clean, size_t size)
{
    size_t used = 0;
    unsigned marks = 0;
    gunichar before = ' '; /* so that nothing begins with a space */
    for (text = text != NULL ? text : ""; *text != '\0';) {
        gunichar character = take(&text);
        enum fate fate = fate_of(character);
        if (fate == SPACE)
            character = ' ';
        marks = g_unichar_ismark(character) ? marks + 1 : 0;
        bool is_repeated = before == character && (fate == SPACE || character == REPLACEMENT);
        if (fate == DROP || is_repeated || marks > MARKS_MAX)
            continue;
        char bytes[6];
        size_t length = (size_t)g_unichar_to_utf8(character, bytes);
        if (used + length >= size)
            break;
        memcpy(clean + used, bytes, length);
        used += length;
        before = character;
    }
    if (used > 0 && clean[used - 1] == ' ')
        used--;
    clean[used] = '\0';
}

#include "common/ids.h"

#include "common/clock.h"

#include <glib.h>
#include <openssl/rand.h>
#include <string.h>

static void fill_random(unsigned char *bytes, size_t size)
{
    if (RAND_bytes(bytes, (int)size) != 1)
        g_error("the system's random source failed");
}

void id_uuid(char text[ID_UUID_SIZE])
{
    unsigned char b[16];
    uint64_t ms = (uint64_t)(clock_utc_us() / 1000);
    fill_random(b, sizeof b);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(ms >> (8 * (5 - i)));
    b[6] = (unsigned char)(0x70 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    g_snprintf(text, ID_UUID_SIZE,
               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
               b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
               b[15]);
}

bool id_is_slug(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > ID_SLUG_MAX || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_islower(text[i]) && !g_ascii_isdigit(text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

char *id_random_key(size_t bytes)
{
    unsigned char raw[64];
    g_assert(bytes >= 16 && bytes <= sizeof raw);
    fill_random(raw, bytes);
    char *key = g_base64_encode(raw, bytes);
    g_strdelimit(key, "+", '-');
    g_strdelimit(key, "/", '_');
    char *padding = strchr(key, '=');
    if (padding != NULL)
        *padding = '\0';
    return key;
}

bool text_is_clean(const char *text, bool multiline)
{
    if (!g_utf8_validate(text, -1, NULL))
        return false;
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_iscntrl(c) && !(multiline && (c == '\n' || c == '\t')))
            return false;
        if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
            return false;
    }
    g_autofree char *nfc = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    return nfc != NULL && strcmp(nfc, text) == 0;
}

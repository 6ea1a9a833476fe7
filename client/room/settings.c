#include "client/room/settings.h"

#include "client/room/link.h"

#include <string.h>

enum kind { TEXT, FLAG, NUMBER, LANGUAGE, LEVEL, LINK };

static const struct key {
    const char *section, *name;
    enum kind kind;
    size_t offset;
    int least, most;
} keys[] = {
    {"room", "link", LINK, 0, 0, 0},
    {"room", "ca", TEXT, offsetof(struct options, ca_file), 0, 0},
    {"room", "lang", LANGUAGE, offsetof(struct options, is_english), 0, 0},
    {"room", "log-level", LEVEL, offsetof(struct options, log_level), 0, 0},
    {"sound", "input", TEXT, offsetof(struct options, input), 0, 0},
    {"sound", "output", TEXT, offsetof(struct options, output), 0, 0},
    {"sound", "echo-cancel", FLAG, offsetof(struct options, cleaner.cancels_echo), 0, 0},
    {"sound", "noise-suppression", FLAG, offsetof(struct options, cleaner.suppresses_noise), 0, 0},
    {"sound", "gain-control", FLAG, offsetof(struct options, cleaner.controls_gain), 0, 0},
    {"sound", "echo-delay", NUMBER, offsetof(struct options, cleaner.echo_delay_ms), 0,
     CLEANER_DELAY_MAX_MS},
    {"picture", "camera", TEXT, offsetof(struct options, camera), 0, 0},
    {"picture", "slides", TEXT, offsetof(struct options, slides), 0, 0},
    {"picture", "window", FLAG, offsetof(struct options, has_window), 0, 0},
    {"picture", "full-screen", FLAG, offsetof(struct options, is_full_screen), 0, 0},
    {"line-test", "kbps", NUMBER, offsetof(struct options, line_test_kbps), 0, 20000},
};

/* ---- one value ---- */

static bool fail(GError **error, const char *what)
{
    g_set_error_literal(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, what);
    return false;
}

static bool set_flag(bool *flag, const char *value, GError **error)
{
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
        return fail(error, "must be on or off");
    *flag = strcmp(value, "on") == 0;
    return true;
}

static bool set_number(int *number, const struct key *key, const char *value, GError **error)
{
    guint64 read;
    g_autofree char *what =
        g_strdup_printf("must be a number from %d to %d", key->least, key->most);
    if (!g_ascii_string_to_unsigned(value, 10, (guint64)key->least, (guint64)key->most, &read,
                                    NULL))
        return fail(error, what);
    *number = (int)read;
    return true;
}

static bool set_link(struct options *options, const char *value, GError **error)
{
    struct link link;
    bool is_good = link_parse(value, &link, error);
    link_clear(&link);
    if (!is_good)
        return false;
    g_strfreev(options->links);
    options->links = g_new0(char *, 2);
    options->links[0] = g_strdup(value);
    return true;
}

static bool set_text(char **text, const char *value, GError **error)
{
    if (value[0] == '\0')
        return fail(error, "must not be empty; leave the line out for the system's own choice");
    g_free(*text);
    *text = g_strdup(value);
    return true;
}

static bool set(struct options *options, const struct key *key, const char *value, GError **error)
{
    void *field = (char *)options + key->offset;
    switch (key->kind) {
    case LINK:
        return set_link(options, value, error);
    case FLAG:
        return set_flag(field, value, error);
    case NUMBER:
        return set_number(field, key, value, error);
    case LEVEL:
        return options_read_log_level(value, field) ||
               fail(error, "must be error, warning, info or debug");
    case LANGUAGE:
        if (strcmp(value, "vi") != 0 && strcmp(value, "en") != 0)
            return fail(error, "must be vi or en");
        *(bool *)field = strcmp(value, "en") == 0;
        return true;
    default:
        return set_text(field, value, error);
    }
}

/* ---- the file ---- */

/* The line of a section (`name` NULL) or key, which GKeyFile does not keep; 0: not found. */
static unsigned find_line(const char *text, const char *section, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *header = g_strdup_printf("[%s]", section);
    size_t length = name != NULL ? strlen(name) : 0;
    bool is_inside = false;
    for (unsigned i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        if (line[0] == '[')
            is_inside = strcmp(line, header) == 0;
        if (is_inside && (name == NULL || (strncmp(line, name, length) == 0 &&
                                           strchr(" \t=", line[length]) != NULL)))
            return i + 1;
    }
    return 0;
}

static const struct key *find_key(const char *section, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].section, section) == 0 &&
            (name == NULL || strcmp(keys[i].name, name) == 0))
            return &keys[i];
    }
    return NULL;
}

static bool load_key(struct options *options, GKeyFile *file, const char *section, const char *name,
                     GError **error)
{
    const struct key *key = find_key(section, name);
    if (key == NULL)
        return fail(error, "is not a known key");
    g_autofree char *value = g_key_file_get_string(file, section, name, error);
    return value != NULL && set(options, key, value, error);
}

static bool load_section(struct options *options, GKeyFile *file, const char *path,
                         const char *text, const char *section, GError **error)
{
    if (find_key(section, NULL) == NULL) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
                    "%s:%u: [%s] is not a known section", path, find_line(text, section, NULL),
                    section);
        return false;
    }
    g_auto(GStrv) names = g_key_file_get_keys(file, section, NULL, NULL);
    for (unsigned i = 0; names != NULL && names[i] != NULL; i++) {
        if (!load_key(options, file, section, names[i], error)) {
            g_prefix_error(error, "%s:%u: [%s] %s: ", path, find_line(text, section, names[i]),
                           section, names[i]);
            return false;
        }
    }
    return true;
}

bool settings_load(struct options *options, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, error))
        return false;
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, error)) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
    for (unsigned i = 0; sections[i] != NULL; i++) {
        if (!load_section(options, file, path, text, sections[i], error))
            return false;
    }
    return true;
}

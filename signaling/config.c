#include "signaling/config.h"

#include "signaling/http/media_network.h"

#include <gio/gio.h>
#include <stddef.h>
#include <string.h>

enum kind { TEXT, TEXTS, NUMBER, SIGNED };

struct key {
    const char *section;
    const char *name;
    enum kind kind;
    size_t offset;
    int least, most, standard; /* of numbers */
};

#define NUMBER_KEY(name, field, least, most, standard)                                             \
    {                                                                                              \
        "limits", name, NUMBER, offsetof(struct config, field), least, most, standard              \
    }
#define TEXT_KEY(section, name, field)                                                             \
    {                                                                                              \
        section, name, TEXT, offsetof(struct config, field)                                        \
    }

static const struct key keys[] = {
    TEXT_KEY("server", "data", data),
    TEXT_KEY("server", "listen", listen),
    TEXT_KEY("server", "web", web),
    TEXT_KEY("server", "public-url", public_url),
    TEXT_KEY("server", "certificate", certificate),
    TEXT_KEY("server", "private-key", private_key),
    TEXT_KEY("bridge", "program", bridge_program),
    {"bridge", "arguments", TEXTS, offsetof(struct config, bridge_arguments)},
    {"audio", "max-decoded", NUMBER, offsetof(struct config, max_decoded), 1, 64, 6},
    {"audio", "loudness-lufs", SIGNED, offsetof(struct config, loudness_lufs), -36, -16, -23},
    {"audio", "gain-max-db", NUMBER, offsetof(struct config, gain_max_db), 0, 40, 30},
    TEXT_KEY("video", "renditions", video_renditions),
    {"video", "fps", NUMBER, offsetof(struct config, video_fps), 5, 60, 25},
    TEXT_KEY("video", "vp8-encoder", video_vp8_encoder),
    TEXT_KEY("video", "h264-encoder", video_h264_encoder),
    TEXT_KEY("video", "pass-through", video_pass_through),
    {"media", "addresses", TEXTS, offsetof(struct config, media_addresses)},
    TEXT_KEY("media", "public-address", media_public_address),
    TEXT_KEY("media", "ports", media_ports),
    TEXT_KEY("media", "ice", media_ice),
    TEXT_KEY("media", "ice-tcp", media_ice_tcp),
    TEXT_KEY("media", "stun", media_stun),
    TEXT_KEY("media", "turn", media_turn),
    TEXT_KEY("media", "turn-secret", media_turn_secret),
    TEXT_KEY("media", "turn-for-bridge", media_turn_for_bridge),
    NUMBER_KEY("secret-memory-kib", secret_memory_kib, 8, 1024 * 1024, 64 * 1024),
    NUMBER_KEY("secret-passes", secret_passes, 1, 100, 3),
    NUMBER_KEY("wrong-tries-per-minute", wrong_tries_per_minute, 1, 100000, 10),
    NUMBER_KEY("token-hours", token_hours, 1, 720, 24),
    NUMBER_KEY("frames-per-second", frames_per_second, 1, 100000, 50),
    NUMBER_KEY("frames-burst", frames_burst, 1, 100000, 100),
    NUMBER_KEY("backlog-kib", backlog_kib, 64, 1024 * 1024, 4096),
    NUMBER_KEY("sessions", sessions, 1, 100000, 10000),
    NUMBER_KEY("silence-seconds", silence_seconds, 3, 3600, 15),
    NUMBER_KEY("leg-grace-seconds", leg_grace_seconds, 0, 3600, 30),
    NUMBER_KEY("resume-seconds", resume_seconds, 0, 3600, 15),
};

static const struct key *find_key(const char *section, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

static bool is_section(const char *section)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].section, section) == 0)
            return true;
    }
    return false;
}

static void *field_of(struct config *config, const struct key *key)
{
    return (char *)config + key->offset;
}

struct config *config_new(void)
{
    struct config *config = g_new0(struct config, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].kind == NUMBER)
            *(unsigned *)field_of(config, &keys[i]) = (unsigned)keys[i].standard;
        else if (keys[i].kind == SIGNED)
            *(int *)field_of(config, &keys[i]) = keys[i].standard;
    }
    config->data = g_strdup("/var/lib/nhipcau");
    config->listen = g_strdup("127.0.0.1:8443");
    return config;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].kind == TEXT)
            g_free(*(char **)field_of(config, &keys[i]));
        else if (keys[i].kind == TEXTS)
            g_strfreev(*(char ***)field_of(config, &keys[i]));
    }
    g_free(config);
}

static bool read_number(const struct key *key, const char *value, gint64 *number, GError **error)
{
    if (g_ascii_string_to_signed(value, 10, key->least, key->most, number, NULL))
        return true;
    g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                "must be a number from %d to %d", key->least, key->most);
    return false;
}

static bool set_number(struct config *config, const struct key *key, const char *value,
                       GError **error)
{
    gint64 number;
    if (!read_number(key, value, &number, error))
        return false;
    if (key->kind == SIGNED)
        *(int *)field_of(config, key) = (int)number;
    else
        *(unsigned *)field_of(config, key) = (unsigned)number;
    return true;
}

static bool set_field(struct config *config, const struct key *key, const char *value,
                      GError **error)
{
    if (key->kind == NUMBER || key->kind == SIGNED)
        return set_number(config, key, value, error);
    if (value[0] == '\0') {
        g_set_error_literal(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                            "must not be empty");
        return false;
    }
    if (key->kind == TEXT) {
        char **field = field_of(config, key);
        g_free(*field);
        *field = g_strdup(value);
        return true;
    }
    char **words;
    if (!g_shell_parse_argv(value, NULL, &words, error))
        return false;
    char ***field = field_of(config, key);
    g_strfreev(*field);
    *field = words;
    return true;
}

bool config_set(struct config *config, const char *section, const char *name, const char *value,
                GError **error)
{
    const struct key *key = find_key(section, name);
    if (key == NULL) {
        g_set_error_literal(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                            "is not a known key");
        return false;
    }
    return set_field(config, key, value, error);
}

/* The line of a key, which GKeyFile does not keep; 0 if it is not found. */
static unsigned find_line(const char *text, const char *section, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *header = g_strdup_printf("[%s]", section);
    bool is_inside = false;
    for (unsigned i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        if (line[0] == '[')
            is_inside = strcmp(line, header) == 0;
        if (is_inside && name == NULL)
            return i + 1;
        size_t length = name != NULL ? strlen(name) : 0;
        if (is_inside && name != NULL && strncmp(line, name, length) == 0 &&
            strchr(" \t=", line[length]) != NULL)
            return i + 1;
    }
    return 0;
}

static bool load_key(struct config *config, GKeyFile *file, const char *section, const char *name,
                     GError **error)
{
    g_autofree char *value = g_key_file_get_string(file, section, name, error);
    return value != NULL && config_set(config, section, name, value, error);
}

static bool load_section(struct config *config, GKeyFile *file, const char *path, const char *text,
                         const char *section, GError **error)
{
    if (!is_section(section)) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
                    "%s:%u: [%s] is not a known section", path, find_line(text, section, NULL),
                    section);
        return false;
    }
    g_auto(GStrv) names = g_key_file_get_keys(file, section, NULL, NULL);
    for (unsigned i = 0; names != NULL && names[i] != NULL; i++) {
        if (!load_key(config, file, section, names[i], error)) {
            g_prefix_error(error, "%s:%u: [%s] %s: ", path, find_line(text, section, names[i]),
                           section, names[i]);
            return false;
        }
    }
    return true;
}

bool config_load(struct config *config, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return false;
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, error)) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
    for (unsigned i = 0; sections[i] != NULL; i++) {
        if (!load_section(config, file, path, text, sections[i], error))
            return false;
    }
    return true;
}

bool config_parse_listen(const char *listen, char **address, unsigned *port, GError **error)
{
    const char *colon = strrchr(listen, ':');
    guint64 number;
    if (colon == NULL || colon == listen ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &number, NULL)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "listen: \"%s\" is not ADDRESS:PORT", listen);
        return false;
    }
    g_autofree char *host = g_strndup(listen, (size_t)(colon - listen));
    size_t length = strlen(host);
    bool is_bracketed = host[0] == '[' && host[length - 1] == ']';
    g_autofree char *bare = is_bracketed ? g_strndup(host + 1, length - 2) : g_strdup(host);
    if (strcmp(bare, "localhost") != 0 && !g_hostname_is_ip_address(bare)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "listen: \"%s\" is not an IP address; use 0.0.0.0 or [::] for all", bare);
        return false;
    }
    *address = g_strdup(strcmp(bare, "localhost") == 0 ? "127.0.0.1" : bare);
    *port = (unsigned)number;
    return true;
}

bool config_check(const struct config *config, GError **error)
{
    g_autofree char *address = NULL;
    unsigned port;
    if (!config_parse_listen(config->listen, &address, &port, error))
        return false;
    if ((config->certificate == NULL) != (config->private_key == NULL)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                            "[server] certificate and private-key must be given together");
        return false;
    }
    if (!media_network_check(config, error))
        return false;
    if (config->public_url == NULL)
        return true;
    g_autoptr(GUri) uri = g_uri_parse(config->public_url, G_URI_FLAGS_NONE, NULL);
    if (uri == NULL || g_strcmp0(g_uri_get_scheme(uri), "https") != 0 ||
        g_uri_get_host(uri) == NULL || g_uri_get_query(uri) != NULL ||
        strlen(g_uri_get_path(uri)) > 1) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "public-url: \"%s\" is not https://HOST[:PORT]", config->public_url);
        return false;
    }
    return true;
}

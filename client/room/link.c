#include "client/room/link.h"

#include <gio/gio.h>
#include <string.h>

#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

bool link_parse(const char *text, struct link *link, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    const char *path = uri != NULL ? g_uri_get_path(uri) : "";
    const char *key = g_str_has_prefix(path, "/j/") ? path + 3 : "";
    link->base = link->key = NULL;
    if (uri == NULL || strcmp(g_uri_get_scheme(uri), "https") != 0 || g_uri_get_host(uri) == NULL ||
        g_uri_get_host(uri)[0] == '\0' || strlen(key) < 16 ||
        strspn(key, KEY_CHARACTERS) != strlen(key)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "not a join link (https://host/j/…): %s", text);
        return false;
    }
    link->key = g_strdup(key);
    link->base = g_uri_join(G_URI_FLAGS_NONE, "https", NULL, g_uri_get_host(uri),
                            g_uri_get_port(uri), "", NULL, NULL);
    return true;
}

void link_clear(struct link *link)
{
    g_clear_pointer(&link->base, g_free);
    g_clear_pointer(&link->key, g_free);
}

char **link_read_file(const char *path, GError **error)
{
    g_autofree char *content = NULL;
    if (!g_file_get_contents(path, &content, NULL, error))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        struct link link;
        char *line = g_strstrip(lines[i]);
        if (line[0] == '\0' || line[0] == '#')
            continue;
        bool is_good = link_parse(line, &link, error);
        link_clear(&link);
        if (!is_good) {
            g_prefix_error(error, "%s: line %u: ", path, i + 1);
            return NULL;
        }
        g_ptr_array_add(links, g_strdup(line));
    }
    g_ptr_array_add(links, NULL);
    return (char **)g_ptr_array_steal(links, NULL);
}

/* Hostile rosters: any bytes as a CSV file. What is read has an id and a name in every room, no id
 * twice; what is refused says in which line. */
#include "common/ids.h"
#include "signaling/places/roster.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    GError *error = NULL;
    json_t *params = roster_read_csv("roster.csv", (const char *)bytes, size, NULL, &error);
    if (params == NULL) {
        if (error == NULL || strstr(error->message, "roster.csv: line ") == NULL)
            abort();
        g_error_free(error);
        return 0;
    }
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(params, "sites"), index, site) {
        const char *id = json_string_value(json_object_get(site, "id"));
        const char *name = json_string_value(json_object_get(site, "name"));
        if (id == NULL || !id_is_slug(id) || name == NULL || name[0] == '\0' ||
            !g_hash_table_add(seen, (void *)id))
            abort();
    }
    g_hash_table_unref(seen);
    json_decref(params);
    return 0;
}

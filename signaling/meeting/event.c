#include "signaling/meeting/meeting.h"

#include "common/clock.h"

#include <gio/gio.h>
#include <openssl/evp.h>
#include <string.h>

static const char *const role_names[] = {"system",   "chair", "secretary",
                                         "operator", "site",  "observer"};

const char *role_name(enum role role)
{
    return role_names[role];
}

bool role_parse(const char *name, enum role *role)
{
    for (size_t i = ROLE_CHAIR; i < G_N_ELEMENTS(role_names); i++) {
        if (strcmp(role_names[i], name) == 0) {
            *role = (enum role)i;
            return true;
        }
    }
    return false;
}

void event_free(struct event *event)
{
    if (event == NULL)
        return;
    g_free(event->meeting);
    json_decref(event->actor);
    g_free(event->type);
    json_decref(event->body);
    g_free(event);
}

json_t *event_to_json(const struct event *event)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(event->time_us, time);
    return json_pack("{s:I, s:s, s:O, s:s, s:O}", "seq", (json_int_t)event->seq, "time", time,
                     "actor", event->actor, "type", event->type, "body", event->body);
}

/* What is hashed: everything but the hash itself. */
static json_t *without_hash(const struct event *event)
{
    json_t *line = event_to_json(event);
    json_object_set_new(line, "meeting", json_string(event->meeting));
    json_object_set_new(line, "prev", json_string(event->prev));
    return line;
}

json_t *event_to_journal(const struct event *event)
{
    json_t *line = without_hash(event);
    json_object_set_new(line, "hash", json_string(event->hash));
    return line;
}

void event_compute_hash(const struct event *event, char hash[HASH_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    json_t *line = without_hash(event);
    char *text = json_canonical(line);
    if (EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL) != 1)
        g_error("SHA-256 failed");
    for (unsigned i = 0; i < size; i++)
        g_snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    free(text);
    json_decref(line);
}

static bool read_hash(struct json_fields *fields, const char *name, char hash[HASH_HEX_SIZE])
{
    const char *text = json_fields_raw(fields, name, HASH_HEX_SIZE - 1, JSON_REQUIRED);
    if (text == NULL)
        return false;
    if (strlen(text) != HASH_HEX_SIZE - 1 ||
        strspn(text, "0123456789abcdef") != HASH_HEX_SIZE - 1) {
        json_fields_fail(fields, name, "must be 64 lower-case hexadecimal digits");
        return false;
    }
    g_strlcpy(hash, text, HASH_HEX_SIZE);
    return true;
}

static void check_actor(struct json_fields *fields, const json_t *actor)
{
    struct json_fields inner;
    enum role role;
    json_fields_begin(&inner, actor);
    json_fields_slug(&inner, "account", JSON_OPTIONAL);
    json_fields_slug(&inner, "site", JSON_OPTIONAL);
    const char *name = json_fields_raw(&inner, "role", 32, JSON_REQUIRED);
    if (name != NULL && strcmp(name, "system") != 0 && !role_parse(name, &role))
        json_fields_fail(&inner, "role", "is not a role");
    if (!json_fields_end(&inner))
        json_fields_fail(fields, "actor", inner.why);
}

struct event *event_from_journal(const json_t *line, GError **error)
{
    struct event *event = g_new0(struct event, 1);
    struct json_fields fields;
    json_fields_begin(&fields, line);
    event->meeting = g_strdup(json_fields_slug(&fields, "meeting", JSON_REQUIRED));
    event->seq = (uint64_t)json_fields_integer(&fields, "seq", 1, INT64_MAX, 0, JSON_REQUIRED);
    const char *time = json_fields_raw(&fields, "time", 64, JSON_REQUIRED);
    if (time != NULL && !clock_parse_rfc3339(time, &event->time_us))
        json_fields_fail(&fields, "time", "must be RFC 3339");
    const json_t *actor = json_fields_object(&fields, "actor", JSON_REQUIRED);
    const char *type = json_fields_raw(&fields, "type", 64, JSON_REQUIRED);
    const json_t *body = json_fields_object(&fields, "body", JSON_REQUIRED);
    read_hash(&fields, "prev", event->prev);
    read_hash(&fields, "hash", event->hash);
    if (actor != NULL)
        check_actor(&fields, actor);
    if (!json_fields_end(&fields)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s %s", fields.bad_field,
                    fields.why);
        event_free(event);
        return NULL;
    }
    event->type = g_strdup(type);
    event->actor = json_incref((json_t *)actor);
    event->body = json_incref((json_t *)body);
    return event;
}

/* Papers of a meeting: brought by its organisers, read by everyone who is in it. A file is kept
 * under its SHA-256 and is durable before the journal speaks of it. */
#include "common/log.h"
#include "signaling/http/files.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *type, *content, *begins;
} kinds[] = {
    {"pdf", "application/pdf", "%PDF-"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     "PK\003\004"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\003\004"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
     "PK\003\004"},
};

/* By what the file says and what it begins with; NULL: not a type that a meeting takes. */
static const char *kind_of(SoupServerMessage *message, const char *bytes, size_t size)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    const char *content = soup_message_headers_get_content_type(headers, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t length = strlen(kinds[i].begins);
        if (g_strcmp0(content, kinds[i].content) == 0)
            return size >= length && memcmp(bytes, kinds[i].begins, length) == 0 ? kinds[i].type
                                                                                 : NULL;
    }
    return NULL;
}

static char *folder_of(const struct visit *visit)
{
    return g_build_filename(visit->service->config->data, "papers", visit->meeting, NULL);
}

/* g_file_set_contents_full() writes beside, syncs and renames: the file is whole or not there. */
static bool keep(const struct visit *visit, const char *sha256, const char *bytes, size_t size,
                 GError **error)
{
    g_autofree char *folder = folder_of(visit);
    g_autofree char *path = g_build_filename(folder, sha256, NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s cannot be made", folder);
        return false;
    }
    return g_file_set_contents_full(path, bytes, (gssize)size,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                    0600, error);
}

/* What the address says of the paper, as paper.add's params. */
static json_t *read_params(const struct visit *visit, const char *type, const char *sha256,
                           size_t size)
{
    static const char *const names[] = {"title", "name", "item", "paper"};
    json_t *params =
        json_pack("{s:s, s:s, s:I}", "type", type, "sha256", sha256, "bytes", (json_int_t)size);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value =
            visit->query != NULL ? g_hash_table_lookup(visit->query, names[i]) : NULL;
        if (value != NULL)
            json_object_set_new(params, names[i], json_string(value));
    }
    return params;
}

static void add(const struct visit *visit, const char *type, const char *bytes, size_t size)
{
    const struct identity *identity = visit->identity;
    struct actor actor = {identity->account, identity->role, identity->site};
    struct refusal refusal = {0};
    json_t *answer = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *sha256 =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, size);
    json_t *params = read_params(visit, type, sha256, size);
    if (!keep(visit, sha256, bytes, size, &error)) {
        log_error("a paper cannot be kept meeting=%s why=%s", visit->meeting, error->message);
        reply_error(visit->message, ERROR_STORAGE, "storage", "the paper cannot be kept now");
    } else if (!hub_execute(visit->service->hub, visit->meeting, "paper.add", params, &actor,
                            &answer, &refusal)) {
        reply_refusal(visit->message, &refusal);
    } else {
        reply_json(visit->message, SOUP_STATUS_CREATED, answer);
    }
    json_decref(params);
}

void visit_add_paper(const struct visit *visit)
{
    g_autoptr(GBytes) body =
        soup_message_body_flatten(soup_server_message_get_request_body(visit->message));
    gsize size;
    const char *bytes = g_bytes_get_data(body, &size);
    const char *type = kind_of(visit->message, bytes, size);
    if (type == NULL)
        reply_error(visit->message, ERROR_INVALID, "invalid",
                    "a paper is a PDF, DOCX, XLSX or PPTX file, sent with its content type");
    else
        add(visit, type, bytes, size);
}

/* "p1/2": the paper and its version. */
static const json_t *find_version(const struct visit *visit)
{
    struct meeting *meeting = hub_find(visit->service->hub, visit->meeting, NULL);
    g_auto(GStrv) parts = g_strsplit(visit->rest, "/", 3);
    guint64 version;
    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[1], 10, 1, 1000, &version, NULL))
        return NULL;
    return meeting_paper(meeting, parts[0], (unsigned)version);
}

static const char *content_of(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].content;
    }
    return "application/octet-stream";
}

void visit_paper(const struct visit *visit)
{
    const json_t *version = find_version(visit);
    const char *sha256 = json_string_value(json_object_get(version, "sha256"));
    struct stat status;
    g_autofree char *folder = folder_of(visit);
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = sha256 != NULL ? files_open_below(directory, sha256, &status) : -1;
    if (directory >= 0)
        close(directory);
    if (file < 0) {
        reply_error(visit->message, ERROR_NO_SUCH_PAPER, "no-such-paper",
                    "there is no such paper or version");
        return;
    }
    /* Never shown within our own pages: what is in it is somebody else's. */
    soup_message_headers_replace(soup_server_message_get_response_headers(visit->message),
                                 "Content-Disposition", "attachment");
    files_reply(visit->message, file, &status,
                content_of(json_string_value(json_object_get(version, "type"))));
}

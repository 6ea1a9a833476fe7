/* The minutes as files to go on working with: DOCX and PDF. They are laid out on a thread of their
 * own, since that takes longer than a meeting may wait. */
#include "signaling/http/documents.h"

#include "common/log.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"
#include "signaling/minutes/docx.h"
#include "signaling/minutes/minutes.h"
#include "signaling/minutes/pdf.h"
#include "signaling/minutes/record.h"

#include <gio/gio.h>

struct kind {
    const char *content, *name;
    GBytes *(*write)(const struct document *document, GError **error);
};

static const struct kind docx = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "bien-ban.docx",
    docx_write};
static const struct kind pdf = {"application/pdf", "bien-ban.pdf", pdf_write};

/* The worker's until it is done, then the main thread's. */
struct writing {
    const struct kind *kind;
    json_t *minutes;
    SoupServerMessage *message; /* the main thread's */
};

static void free_writing(gpointer data)
{
    struct writing *writing = data;
    json_decref(writing->minutes);
    g_object_unref(writing->message);
    g_free(writing);
}

static void write_out(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    struct writing *writing = data;
    GError *error = NULL;
    (void)source;
    (void)cancellable;
    struct document *document = record_document(writing->minutes);
    GBytes *bytes = writing->kind->write(document, &error);
    document_free(document);
    if (bytes != NULL)
        g_task_return_pointer(task, bytes, (GDestroyNotify)g_bytes_unref);
    else
        g_task_return_error(task, error);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    struct writing *writing = data;
    g_autoptr(GError) error = NULL;
    (void)source;
    g_autoptr(GBytes) bytes = g_task_propagate_pointer(G_TASK(result), &error);
    SoupServerMessage *message = writing->message;
    if (bytes == NULL) {
        log_error("minutes cannot be written why=%s", error->message);
        reply_error(message, ERROR_STORAGE, "storage", "the document cannot be written");
    } else {
        SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
        g_autofree char *disposition =
            g_strdup_printf("attachment; filename=\"%s\"", writing->kind->name);
        soup_message_headers_replace(headers, "Content-Disposition", disposition);
        soup_message_headers_set_content_type(headers, writing->kind->content, NULL);
        soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
        soup_message_body_append_bytes(soup_server_message_get_response_body(message), bytes);
    }
    soup_server_message_unpause(message);
}

static void begin(const struct visit *visit, const struct kind *kind)
{
    g_autoptr(GPtrArray) events = documents_read_journal(visit);
    if (events == NULL)
        return;
    struct writing *writing = g_new(struct writing, 1);
    *writing = (struct writing){kind, minutes_to_json(events), g_object_ref(visit->message)};
    soup_server_message_pause(visit->message);
    GTask *task = g_task_new(NULL, NULL, on_written, writing);
    g_task_set_task_data(task, writing, free_writing);
    g_task_run_in_thread(task, write_out);
    g_object_unref(task);
}

void visit_minutes_docx(const struct visit *visit)
{
    begin(visit, &docx);
}

void visit_minutes_pdf(const struct visit *visit)
{
    begin(visit, &pdf);
}

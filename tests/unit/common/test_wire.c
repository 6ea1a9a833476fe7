#include "common/wire.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct side {
    GMainLoop *loop;
    struct wire *wire;
    char *closed_why;
    char *got;
    char *error;
    json_int_t answer;
};

static void on_call(struct wire *wire, const char *method, json_t *params,
                    struct wire_request *request, void *arg)
{
    struct side *side = arg;
    (void)wire;
    g_free(side->got);
    side->got = g_strdup(method);
    if (request == NULL)
        g_main_loop_quit(side->loop);
    else if (strcmp(method, "double") == 0)
        wire_answer(request,
                    json_integer(2 * json_integer_value(json_object_get(params, "number"))));
    else
        wire_refuse(request, -32601, "no such method");
}

static void on_closed(struct wire *wire, const char *why, void *arg)
{
    struct side *side = arg;
    side->closed_why = g_strdup(why);
    wire_free(wire);
    side->wire = NULL;
    g_main_loop_quit(side->loop);
}

static const struct wire_handlers handlers = {on_call, on_closed};

static void on_reply(json_t *result, json_t *error, void *arg)
{
    struct side *side = arg;
    side->answer = json_integer_value(result);
    g_free(side->error);
    side->error = g_strdup(json_string_value(json_object_get(error, "message")));
    g_main_loop_quit(side->loop);
}

static void side_clear(struct side *side)
{
    wire_free(side->wire);
    g_free(side->closed_why);
    g_free(side->got);
    g_free(side->error);
    g_main_loop_unref(side->loop);
}

static void open_pair(struct side *a, struct side *b, bool both)
{
    int fds[2];
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    *a = (struct side){.loop = loop};
    *b = (struct side){.loop = g_main_loop_ref(loop)};
    a->wire = wire_new(fds[0], NULL, &handlers, a);
    if (both)
        b->wire = wire_new(fds[1], NULL, &handlers, b);
    else
        b->answer = fds[1];
}

static void calls_notifications_and_refusals_cross(void)
{
    struct side a, b;
    open_pair(&a, &b, true);
    wire_call(a.wire, "double", json_pack("{s:i}", "number", 21), on_reply, &a);
    g_main_loop_run(a.loop);
    g_assert_cmpint(a.answer, ==, 42);
    wire_call(b.wire, "nothing", NULL, on_reply, &b);
    g_main_loop_run(a.loop);
    g_assert_cmpstr(b.error, ==, "no such method");
    wire_notify(b.wire, "hello", NULL);
    g_main_loop_run(a.loop);
    g_assert_cmpstr(a.got, ==, "hello");
    side_clear(&a);
    side_clear(&b);
}

static void a_closed_connection_answers_what_waits(void)
{
    struct side a, b;
    open_pair(&a, &b, false);
    wire_call(a.wire, "double", NULL, on_reply, &a);
    close((int)b.answer);
    g_main_loop_run(a.loop);
    if (a.closed_why == NULL) /* the reply came first */
        g_main_loop_run(a.loop);
    g_assert_cmpstr(a.error, ==, "connection closed");
    g_assert_nonnull(a.closed_why);
    side_clear(&a);
    side_clear(&b);
}

static void a_line_that_is_not_json_ends_the_connection(void)
{
    struct side a, b;
    open_pair(&a, &b, false);
    g_assert_cmpint(write((int)b.answer, "hello\n", 6), ==, 6);
    g_main_loop_run(a.loop);
    g_assert_cmpstr(a.closed_why, ==, "a line is not a JSON object");
    close((int)b.answer);
    side_clear(&a);
    side_clear(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/calls_notifications_and_refusals_cross",
                    calls_notifications_and_refusals_cross);
    g_test_add_func("/wire/a_closed_connection_answers_what_waits",
                    a_closed_connection_answers_what_waits);
    g_test_add_func("/wire/a_line_that_is_not_json_ends_the_connection",
                    a_line_that_is_not_json_ends_the_connection);
    return g_test_run();
}

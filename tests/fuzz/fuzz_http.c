/* Hostile bytes on a connection to the whole server: parsed by libsoup, routed and answered by
 * ours, over a store and a meeting that are really there. "@" in the input stands for the
 * operator's token, so that what lies behind the door is reached too. Whatever comes: an answer or
 * the end of the connection, and the server goes on. */
#include "common/clock.h"
#include "common/log.h"
#include "signaling/auth/identity.h"
#include "signaling/data_directory.h"
#include "signaling/http/service.h"
#include "tests/fuzz/fuzz.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 16384
#define TURNS_MAX 2000 /* of the main loop, for one input */

/* libsoup 3.2.3 loses the path of a request whose headers it cannot read: that is not ours to find,
 * and takes the slow way of looking at stacks to be told apart. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void)
{
    return "leak:soup_headers_parse_request\n";
}

static struct service *service;
static struct config *config;
static char *folder, *token;

static void end_service(void)
{
    service_free(service);
    config_free(config);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", folder);
    g_free(folder);
    g_free(token);
}

static void make_meeting(void)
{
    struct actor operator= {.account = "operator", .role = ROLE_OPERATOR};
    struct refusal refusal = {0};
    json_t *params =
        json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s}]}", "meeting", "hop", "title", "T",
                  "sites", "id", "chu-toa", "name", "A", "role", "chair", "id", "hue", "name", "B");
    if (!hub_execute(service->hub, NULL, "meeting.create", params, &operator, NULL, &refusal))
        g_error("%s", refusal.message);
    json_decref(params);
}

static void begin_service(void)
{
    GError *error = NULL;
    log_init("fuzz", LOG_LEVEL_ERROR);
    folder = g_dir_make_tmp("nhipcau-fuzz-XXXXXX", &error);
    config = config_new();
    config_set(config, "server", "data", folder, NULL);
    config_set(config, "server", "listen", "127.0.0.1:0", NULL);
    config_set(config, "bridge", "program", "none", NULL);
    config_set(config, "limits", "secret-memory-kib", "8", NULL);
    config_set(config, "limits", "secret-passes", "1", NULL);
    if (!data_directory_prepare(folder, &error) || (service = service_new(config, &error)) == NULL)
        g_error("%s", error->message);
    make_meeting();
    char account[] = "operator";
    struct identity identity = {.account = account,
                                .role = ROLE_OPERATOR,
                                .expires_us = clock_utc_us() + 86400 * (int64_t)G_USEC_PER_SEC};
    token = identity_issue_token(service->store, &identity, &error);
    if (token == NULL)
        g_error("%s", error->message);
    atexit(end_service);
}

/* One end for the server, as if its handshake were done; the other is ours. */
static int call_server(void)
{
    int ends[2];
    GError *error = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        g_error("no socket pair");
    GSocket *socket = g_socket_new_from_fd(ends[0], &error);
    GSocketConnection *connection = g_socket_connection_factory_create_connection(socket);
    GSocketAddress *address = g_inet_socket_address_new_from_string("127.0.0.1", 4000);
    if (!soup_server_accept_iostream(service->server, G_IO_STREAM(connection), address, address,
                                     &error))
        g_error("%s", error->message);
    g_object_unref(address);
    g_object_unref(connection);
    g_object_unref(socket);
    return ends[1];
}

/* Until the server has closed its end, or nothing more happens. */
static void listen_to(int end)
{
    char bytes[65536];
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        bool was_busy = g_main_context_iteration(NULL, FALSE);
        ssize_t size = read(end, bytes, sizeof bytes);
        if (size == 0 || (size < 0 && !was_busy))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    if (service == NULL)
        begin_service();
    GString *text = g_string_new_len((const char *)data, (gssize)size);
    g_string_replace(text, "@", token, 0);
    int end = call_server();
    ssize_t written = write(end, text->str, text->len);
    (void)written; /* what does not fit is not needed */
    shutdown(end, SHUT_WR);
    listen_to(end);
    close(end);
    for (int turn = 0; turn < 20; turn++)
        g_main_context_iteration(NULL, FALSE);
    g_string_free(text, TRUE);
    return 0;
}

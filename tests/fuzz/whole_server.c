#include "tests/fuzz/whole_server.h"

#include "common/clock.h"
#include "common/log.h"
#include "signaling/auth/identity.h"
#include "signaling/data_directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 2000 /* of the main loop, for one input */

static struct service *service;
static struct config *config;
static char *folder;
static unsigned made; /* meetings */

static void end_service(void)
{
    service_free(service);
    config_free(config);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", folder);
    g_free(folder);
}

static char *make_folder(void)
{
    /* In memory where there is such a place: every command is made durable. */
    const char *base = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir();
    char *path = g_build_filename(base, "nhipcau-fuzz-XXXXXX", NULL);
    if (g_mkdtemp(path) == NULL)
        g_error("no folder can be made in %s", base);
    return path;
}

struct service *whole_server(void)
{
    static const char *const settings[][3] = {
        {"server", "listen", "127.0.0.1:0"},       {"bridge", "program", "none"},
        {"limits", "secret-memory-kib", "8"},      {"limits", "secret-passes", "1"},
        {"limits", "frames-per-second", "100000"}, {"limits", "frames-burst", "100000"},
    };
    GError *error = NULL;
    if (service != NULL)
        return service;
    log_init("fuzz", LOG_LEVEL_ERROR);
    folder = make_folder();
    config = config_new();
    config_set(config, "server", "data", folder, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (!config_set(config, settings[i][0], settings[i][1], settings[i][2], &error))
            g_error("%s", error->message);
    }
    if (!data_directory_prepare(folder, &error) || (service = service_new(config, &error)) == NULL)
        g_error("%s", error->message);
    atexit(end_service);
    return service;
}

char *whole_server_make_meeting(void)
{
    struct actor operator= {.account = "operator", .role = ROLE_OPERATOR};
    struct refusal refusal = {0};
    char *id = g_strdup_printf("hop-%u", ++made);
    json_t *params =
        json_pack("{s:s, s:s, s:b, s:{s:s}, s:{s:s}, s:[{s:s, s:s, s:s}, {s:s, s:s}, "
                  "{s:s, s:s}]}",
                  "meeting", id, "title", "T", "declared", 1, "chair", "name", "An", "secretary",
                  "name", "Bình", "sites", "id", "chu-toa", "name", "A", "role", "chair", "id",
                  "hue", "name", "B", "id", "da-nang", "name", "C");
    if (!hub_execute(whole_server()->hub, NULL, "meeting.create", params, &operator, NULL,
                     &refusal))
        g_error("%s", refusal.message);
    json_decref(params);
    return id;
}

char *whole_server_token(const char *account, enum role role, const char *site, const char *meeting)
{
    GError *error = NULL;
    struct identity identity = {.account = (char *)account,
                                .role = role,
                                .site = (char *)site,
                                .meeting = (char *)meeting,
                                .expires_us = clock_utc_us() + 86400 * (int64_t)G_USEC_PER_SEC};
    char *token = identity_issue_token(whole_server()->store, &identity, &error);
    if (token == NULL)
        g_error("%s", error->message);
    return token;
}

int whole_server_call(void)
{
    int ends[2];
    GError *error = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        g_error("no socket pair");
    GSocket *socket = g_socket_new_from_fd(ends[0], &error);
    GSocketConnection *connection = g_socket_connection_factory_create_connection(socket);
    GSocketAddress *address = g_inet_socket_address_new_from_string("127.0.0.1", 4000);
    if (!soup_server_accept_iostream(whole_server()->server, G_IO_STREAM(connection), address,
                                     address, &error))
        g_error("%s", error->message);
    g_object_unref(address);
    g_object_unref(connection);
    g_object_unref(socket);
    return ends[1];
}

void whole_server_turn(void)
{
    for (int turn = 0; turn < TURNS_MAX && g_main_context_iteration(NULL, FALSE); turn++)
        continue;
}

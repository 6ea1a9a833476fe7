/* nhipcau-signaling: arguments, the main loop, signals. */
#include "common/log.h"
#include "signaling/commands.h"
#include "signaling/data_directory.h"
#include "signaling/http/service.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "nhipcau-signaling"

static const char help[] =
    "usage: " PROGRAM " [serve] [--config FILE] [--data DIR] [--listen ADDRESS:PORT]\n"
    "                 [--web DIR] [--bridge PROGRAM|none] [--public-url URL]\n"
    "       " PROGRAM " verify FILE\n"
    "       " PROGRAM " verify --database FILE [--meeting ID]\n"
    "       " PROGRAM " account add NAME --role ROLE [--site SITE] [--config FILE] [--data DIR]\n"
    "       " PROGRAM " permissions\n"
    "\n"
    "serve    the control plane of conferences: HTTPS, WebSocket, the web app\n"
    "verify   checks the chain of a journal, or of all journals in a database\n"
    "account  adds an account; its secret is read from standard input, or made up\n"
    "         and printed. ROLE: chair, secretary, operator, site, observer\n"
    "permissions  prints who may do what\n"
    "\n"
    "Options go before what the configuration file says; port 0 is any free one.\n"
    "config/nhipcau.conf explains every setting. NHIPCAU_LOG=debug says more.\n";

struct arguments {
    char *config, *data, *listen, *web, *bridge, *public_url; /* of serve */
    char *database, *meeting;                                 /* of verify */
    char *role, *site;                                        /* of account */
    gboolean version, help;
    char **words;
};

static int wrong_use(const char *why)
{
    fprintf(stderr, PROGRAM ": %s\n" PROGRAM " --help says how it is used\n", why);
    return 2;
}

static bool parse(int argc, char **argv, struct arguments *arguments, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &arguments->config},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &arguments->data},
        {"listen", 0, 0, G_OPTION_ARG_STRING, &arguments->listen},
        {"web", 0, 0, G_OPTION_ARG_FILENAME, &arguments->web},
        {"bridge", 0, 0, G_OPTION_ARG_FILENAME, &arguments->bridge},
        {"public-url", 0, 0, G_OPTION_ARG_STRING, &arguments->public_url},
        {"database", 0, 0, G_OPTION_ARG_FILENAME, &arguments->database},
        {"meeting", 0, 0, G_OPTION_ARG_STRING, &arguments->meeting},
        {"role", 0, 0, G_OPTION_ARG_STRING, &arguments->role},
        {"site", 0, 0, G_OPTION_ARG_STRING, &arguments->site},
        {"version", 0, 0, G_OPTION_ARG_NONE, &arguments->version},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &arguments->help},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments->words},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, &argc, &argv, error);
}

static void clear(struct arguments *arguments)
{
    char *const texts[] = {arguments->config,   arguments->data,    arguments->listen,
                           arguments->web,      arguments->bridge,  arguments->public_url,
                           arguments->database, arguments->meeting, arguments->role,
                           arguments->site};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(arguments->words);
}

/* The file's settings, and the command line's over them. */
static bool configure(struct config *config, const struct arguments *arguments, GError **error)
{
    const struct {
        const char *section, *key, *value;
    } given[] = {
        {"server", "data", arguments->data},      {"server", "listen", arguments->listen},
        {"server", "web", arguments->web},        {"server", "public-url", arguments->public_url},
        {"bridge", "program", arguments->bridge},
    };
    if (arguments->config != NULL && !config_load(config, arguments->config, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
        if (given[i].value != NULL &&
            !config_set(config, given[i].section, given[i].key, given[i].value, error)) {
            g_prefix_error(error, "--%s: ", given[i].key);
            return false;
        }
    }
    return config_check(config, error);
}

/* A descriptor for every room: as many as one may have. */
static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

struct program {
    GMainLoop *loop;
    bool is_asked_to_end; /* perhaps before the loop runs */
};

static gboolean on_signal(gpointer arg)
{
    struct program *program = arg;
    log_info("asked to end");
    program->is_asked_to_end = true;
    g_main_loop_quit(program->loop);
    return G_SOURCE_CONTINUE;
}

/* Says where it listens: to who started it, and to who looks into the data directory. */
static bool announce(struct service *service, GError **error)
{
    service_await_media(service);
    g_autofree char *path = g_build_filename(service->config->data, "url", NULL);
    g_autofree char *line = g_strdup_printf("%s\n", service->urls.own);
    if (!g_file_set_contents(path, line, -1, error))
        return false;
    log_info("listening url=%s data=%s", service->urls.own, service->config->data);
    printf("listening %s\n", service->urls.own);
    fflush(stdout);
    return true;
}

/* Serves until a signal asks to end. A second signal during the ending changes nothing: it is under
 * way, and bounded. */
static bool serve_until_asked(const struct config *config, GError **error)
{
    struct program program = {.loop = g_main_loop_new(NULL, FALSE)};
    guint term = g_unix_signal_add(SIGTERM, on_signal, &program);
    guint interrupt = g_unix_signal_add(SIGINT, on_signal, &program);
    struct service *service = service_new(config, error);
    bool is_good = service != NULL && announce(service, error);
    if (is_good && !program.is_asked_to_end)
        g_main_loop_run(program.loop);
    service_free(service);
    g_source_remove(term);
    g_source_remove(interrupt);
    g_main_loop_unref(program.loop);
    return is_good;
}

static bool run(const struct config *config, GError **error)
{
    if (!data_directory_prepare(config->data, error))
        return false;
    int lock = data_directory_lock(config->data, error);
    if (lock < 0)
        return false;
    bool is_good = serve_until_asked(config, error);
    if (is_good)
        log_info("ended");
    close(lock);
    return is_good;
}

static int serve(const struct arguments *arguments)
{
    g_autoptr(GError) error = NULL;
    struct config *config = config_new();
    umask(077);
    raise_limits();
    bool is_good = configure(config, arguments, &error) && run(config, &error);
    config_free(config);
    if (is_good)
        return 0;
    log_error("cannot serve why=%s", error->message);
    return 1;
}

static int verify(const struct arguments *arguments)
{
    unsigned count = g_strv_length(arguments->words);
    if (arguments->database != NULL && count == 1)
        return command_verify_database(arguments->database, arguments->meeting);
    if (arguments->database == NULL && count == 2)
        return command_verify_file(arguments->words[1]);
    return wrong_use("verify needs a FILE, or --database FILE");
}

static int account(const struct arguments *arguments)
{
    g_autoptr(GError) error = NULL;
    if (g_strv_length(arguments->words) != 3 || strcmp(arguments->words[1], "add") != 0)
        return wrong_use("account add NAME --role ROLE");
    struct config *config = config_new();
    umask(077);
    int status = 1;
    if (configure(config, arguments, &error))
        status = command_add_account(config, arguments->words[2], arguments->role, arguments->site);
    else
        fprintf(stderr, PROGRAM ": %s\n", error->message);
    config_free(config);
    return status;
}

static int dispatch(const struct arguments *arguments)
{
    const char *word = arguments->words != NULL ? arguments->words[0] : "serve";
    if (arguments->help)
        return fputs(help, stdout) == EOF ? 1 : 0;
    if (arguments->version) {
        printf(PROGRAM " " NHIPCAU_VERSION "\n");
        return 0;
    }
    if (strcmp(word, "verify") == 0)
        return verify(arguments);
    if (strcmp(word, "account") == 0)
        return account(arguments);
    if (strcmp(word, "permissions") == 0)
        return command_permissions();
    if (strcmp(word, "serve") == 0 &&
        (arguments->words == NULL || g_strv_length(arguments->words) == 1))
        return serve(arguments);
    return wrong_use("serve, verify, account or permissions");
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    g_autoptr(GError) error = NULL;
    setlocale(LC_CTYPE, "C.UTF-8");
    log_init("signaling", LOG_LEVEL_INFO);
    signal(SIGPIPE, SIG_IGN);
    int status =
        parse(argc, argv, &arguments, &error) ? dispatch(&arguments) : wrong_use(error->message);
    clear(&arguments);
    return status;
}

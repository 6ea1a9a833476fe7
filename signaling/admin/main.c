/* nhipcau: the administrator's command line. */
#include "signaling/admin/admin.h"

#include "common/log.h"
#include "signaling/places/places.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "nhipcau: meetings, links, accounts and archives of a Nhịp Cầu server\n"
    "\n"
    "With the server that runs on --data DIR, or on --server URL:\n"
    "  meeting create [FILE.json | FILE.csv] [--id ID] [--title TEXT] [--place TEXT]\n"
    "                 [--group 34-tinh | bo-nganh | xa:PROVINCE]…\n"
    "                 makes a meeting and prints the link of each room. A CSV has a first\n"
    "                 line of column names: name, and id, role, code, group, people\n"
    "  meeting list\n"
    "  meeting show MEETING           its minutes so far, as JSON\n"
    "  links list MEETING\n"
    "  links create MEETING --site ROOM | --role ROLE\n"
    "  links revoke MEETING LINK\n"
    "  account list\n"
    "  account put NAME --role ROLE [--site ROOM]\n"
    "                 makes it or changes its secret, which is a line of standard input\n"
    "                 or is made up and printed\n"
    "  account remove NAME\n"
    "  token list\n"
    "  token revoke TOKEN\n"
    "\n"
    "With the data directory alone:\n"
    "  export MEETING --output FILE.tar   all of a meeting in one file; the server may run\n"
    "  import FILE.tar                    into --data; the server must not run\n"
    "  backup --output NEW-DIR            all of --data, while the server runs; proved\n"
    "\n"
    "With nothing:\n"
    "  verify FILE…                   journals (.jsonl) and databases (.db)\n"
    "  places find TEXT               by code, name or former name\n"
    "  places list 34-tinh | bo-nganh | xa:PROVINCE\n"
    "\n"
    "Options:\n"
    "  --data DIR         the server's data directory (/var/lib/nhipcau)\n"
    "  --server URL       another server than the one that runs on --data\n"
    "  --account NAME     an operator's account (operator)\n"
    "  --secret-file FILE its secret (DIR/operator-secret)\n"
    "  --ca FILE          certificate to trust (DIR/tls/cert.pem)\n"
    "  --places DIR       lists of places\n"
    "  --json             lists as JSON\n";

static const struct {
    const char *first, *second; /* NULL: of one word */
    admin_command *run;
} commands[] = {
    {"meeting", "create", admin_meeting_create},
    {"meeting", "list", admin_meeting_list},
    {"meeting", "show", admin_meeting_show},
    {"links", "list", admin_links_list},
    {"links", "create", admin_links_create},
    {"links", "revoke", admin_links_revoke},
    {"account", "list", admin_account_list},
    {"account", "put", admin_account_put},
    {"account", "remove", admin_account_remove},
    {"token", "list", admin_token_list},
    {"token", "revoke", admin_token_revoke},
    {"export", NULL, admin_export},
    {"import", NULL, admin_import},
    {"backup", NULL, admin_backup},
    {"verify", NULL, admin_verify},
    {"places", "find", admin_places_find},
    {"places", "list", admin_places_list},
};

int admin_fail(GError *error)
{
    fprintf(stderr, "nhipcau: %s\n", error->message);
    g_error_free(error);
    return 1;
}

int admin_wrong_use(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *use = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "nhipcau: %s\nnhipcau --help says more\n", use);
    return 2;
}

static bool parse(int argc, char **argv, struct admin *admin, gboolean *wants_help, char ***words,
                  GError **error)
{
    const GOptionEntry entries[] = {
        {"server", 0, 0, G_OPTION_ARG_STRING, &admin->server},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &admin->data},
        {"account", 0, 0, G_OPTION_ARG_STRING, &admin->account},
        {"secret-file", 0, 0, G_OPTION_ARG_FILENAME, &admin->secret_file},
        {"ca", 0, 0, G_OPTION_ARG_FILENAME, &admin->ca},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &admin->output},
        {"id", 0, 0, G_OPTION_ARG_STRING, &admin->id},
        {"title", 0, 0, G_OPTION_ARG_STRING, &admin->title},
        {"place", 0, 0, G_OPTION_ARG_STRING, &admin->place},
        {"role", 0, 0, G_OPTION_ARG_STRING, &admin->role},
        {"site", 0, 0, G_OPTION_ARG_STRING, &admin->site},
        {"group", 0, 0, G_OPTION_ARG_STRING_ARRAY, &admin->groups},
        {"places", 0, 0, G_OPTION_ARG_FILENAME, &admin->places_folder},
        {"json", 0, 0, G_OPTION_ARG_NONE, &admin->json},
        {"help", 'h', 0, G_OPTION_ARG_NONE, wants_help},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, words},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, &argc, &argv, error);
}

static void set_defaults(struct admin *admin)
{
    if (admin->data == NULL)
        admin->data = g_strdup("/var/lib/nhipcau");
    if (admin->account == NULL)
        admin->account = g_strdup("operator");
    if (admin->places_folder == NULL)
        admin->places_folder = g_strdup(places_folder());
}

static int dispatch(struct admin *admin, char **words)
{
    unsigned count = words != NULL ? g_strv_length(words) : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        unsigned own = commands[i].second != NULL ? 2 : 1;
        if (count < own || strcmp(words[0], commands[i].first) != 0 ||
            (own == 2 && strcmp(words[1], commands[i].second) != 0))
            continue;
        admin->words = words + own;
        admin->word_count = count - own;
        return commands[i].run(admin);
    }
    return admin_wrong_use(count > 0 ? "there is no command \"%s\"" : "a command is needed%s",
                           count > 0 ? words[0] : "");
}

static void clear(struct admin *admin)
{
    char *const texts[] = {admin->server, admin->data,          admin->account, admin->secret_file,
                           admin->ca,     admin->output,        admin->id,      admin->title,
                           admin->place,  admin->places_folder, admin->role,    admin->site};
    admin_close(admin);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(admin->groups);
}

int main(int argc, char **argv)
{
    struct admin admin = {0};
    gboolean wants_help = FALSE;
    g_auto(GStrv) words = NULL;
    GError *error = NULL;
    setlocale(LC_ALL, "C.UTF-8");
    log_init("nhipcau", LOG_LEVEL_WARNING);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (!parse(argc, argv, &admin, &wants_help, &words, &error)) {
        int status = admin_wrong_use("%s", error->message);
        g_error_free(error);
        clear(&admin);
        return status;
    }
    set_defaults(&admin);
    int status = 0;
    if (wants_help)
        fputs(help, stdout);
    else
        status = dispatch(&admin, words);
    clear(&admin);
    return status;
}

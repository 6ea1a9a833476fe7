#include "signaling/commands.h"

#include "common/ids.h"
#include "signaling/auth/identity.h"
#include "signaling/auth/secret.h"
#include "signaling/data_directory.h"
#include "signaling/meeting/journal.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECRET_BYTES 16
#define SECRET_LEAST 8 /* characters that one may choose */

static int fail(GError *error)
{
    fprintf(stderr, "nhipcau-signaling: %s\n", error->message);
    g_error_free(error);
    return 1;
}

int command_verify_file(const char *path)
{
    uint64_t events;
    char last_hash[HASH_HEX_SIZE];
    GError *error = NULL;
    if (!journal_verify_file(path, &events, last_hash, &error))
        return fail(error);
    printf("%s: %" G_GUINT64_FORMAT " events, the chain is whole, last hash %s\n", path, events,
           last_hash);
    return 0;
}

struct proof {
    struct journal_check *check;
    GError *error;
};

static bool prove(const struct event *event, void *arg)
{
    struct proof *proof = arg;
    return journal_check_event(proof->check, event, &proof->error);
}

/* True when the meeting's journal is whole. */
static bool verify_meeting(struct store *store, const char *id)
{
    struct proof proof = {.check = journal_check_new()};
    bool is_read = store_read(store, id, 0, prove, &proof, &proof.error);
    uint64_t events = journal_check_count(proof.check);
    bool is_whole = is_read && proof.error == NULL && events > 0;
    if (is_whole)
        printf("%s: %" G_GUINT64_FORMAT " events, the chain is whole, last hash %s\n", id, events,
               journal_check_hash(proof.check));
    else
        fprintf(stderr, "%s: %s\n", id, proof.error != NULL ? proof.error->message : "no events");
    g_clear_error(&proof.error);
    journal_check_free(proof.check);
    return is_whole;
}

int command_verify_database(const char *path, const char *meeting)
{
    GError *error = NULL;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        fprintf(stderr, "nhipcau-signaling: %s: there is no such file\n", path);
        return 1;
    }
    struct store *store = store_open(path, &error);
    if (store == NULL)
        return fail(error);
    g_auto(GStrv) ids = store_meetings(store, &error);
    bool is_whole = true;
    for (unsigned i = 0; meeting == NULL && ids != NULL && ids[i] != NULL; i++)
        is_whole = verify_meeting(store, ids[i]) && is_whole;
    if (meeting != NULL)
        is_whole = verify_meeting(store, meeting);
    store_close(store);
    if (error != NULL)
        return fail(error);
    return is_whole ? 0 : 1;
}

/* Permissions. */

struct table {
    const char *method;
    GString *all, *own;
};

static void print_row(struct table *table)
{
    if (table->method != NULL)
        printf("%s\t%s\t%s\n", table->method, table->all->len > 0 ? table->all->str : "-",
               table->own->len > 0 ? table->own->str : "-");
    g_string_truncate(table->all, 0);
    g_string_truncate(table->own, 0);
}

static void add_permission(const char *method, enum role role, bool own_only, void *arg)
{
    struct table *table = arg;
    if (g_strcmp0(table->method, method) != 0)
        print_row(table);
    table->method = method;
    GString *roles = own_only ? table->own : table->all;
    g_string_append_printf(roles, "%s%s", roles->len > 0 ? "," : "", role_name(role));
}

int command_permissions(void)
{
    struct table table = {NULL, g_string_new(NULL), g_string_new(NULL)};
    permissions_foreach(add_permission, &table);
    print_row(&table);
    g_string_free(table.all, TRUE);
    g_string_free(table.own, TRUE);
    return 0;
}

/* Accounts. */

/* A line of standard input, or NULL: none is given. */
static char *read_secret(void)
{
    char line[SECRET_MAX + 2];
    if (isatty(STDIN_FILENO) || fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    g_strchomp(line);
    return line[0] != '\0' ? g_strdup(line) : NULL;
}

static bool check_account(const char *name, const char *role, const char *site, enum role *parsed)
{
    if (!id_is_slug(name))
        fprintf(stderr, "nhipcau-signaling: \"%s\" is no name: a-z, 0-9 and - are\n", name);
    else if (role == NULL || !role_parse(role, parsed))
        fprintf(stderr, "nhipcau-signaling: --role chair, secretary, operator, site or observer\n");
    else if (site != NULL && !id_is_slug(site))
        fprintf(stderr, "nhipcau-signaling: \"%s\" is no room: a-z, 0-9 and - are\n", site);
    else if (*parsed == ROLE_SITE && site == NULL)
        fprintf(stderr, "nhipcau-signaling: the role site needs --site\n");
    else
        return true;
    return false;
}

int command_add_account(const struct config *config, const char *name, const char *role,
                        const char *site)
{
    enum role parsed;
    GError *error = NULL;
    if (!check_account(name, role, site, &parsed))
        return 2;
    g_autofree char *secret = read_secret();
    bool is_given = secret != NULL;
    if (is_given && g_utf8_strlen(secret, -1) < SECRET_LEAST) {
        fprintf(stderr, "nhipcau-signaling: a secret has at least %d characters\n", SECRET_LEAST);
        return 2;
    }
    if (!is_given)
        secret = id_random_key(SECRET_BYTES);
    struct secret_cost cost = {config->secret_memory_kib, config->secret_passes};
    g_autofree char *hash = secret_hash(secret, &cost);
    g_autofree char *path = g_build_filename(config->data, "nhipcau.db", NULL);
    struct store *store = NULL;
    if (hash == NULL)
        g_set_error_literal(&error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory to hash the secret");
    else if (data_directory_prepare(config->data, &error))
        store = store_open(path, &error);
    bool is_put = store != NULL && identity_put_account(store, name, parsed, site, hash, &error);
    if (store != NULL)
        store_close(store);
    if (!is_put)
        return fail(error);
    if (!is_given)
        printf("%s\n", secret);
    return 0;
}

/* nhipcau links | account | token: who may come in. */
#include "signaling/admin/admin.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *text_or_dash(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "-";
}

/* The named fields of each entry, tabs between; or all of it as JSON. */
static int print_list(struct admin *admin, const char *path, const char *const *keys)
{
    GError *error = NULL;
    size_t index;
    json_t *entry;
    json_t *list = admin_call(admin, "GET", path, NULL, &error);
    if (list == NULL)
        return admin_fail(error);
    if (admin->json)
        json_dumpf(list, stdout, JSON_INDENT(2));
    json_array_foreach (list, index, entry) {
        for (unsigned i = 0; !admin->json && keys[i] != NULL; i++)
            printf("%s%s", i > 0 ? "\t" : "", text_or_dash(entry, keys[i]));
        if (!admin->json)
            putchar('\n');
    }
    if (admin->json)
        putchar('\n');
    json_decref(list);
    return 0;
}

static int remove_at(struct admin *admin, const char *path)
{
    GError *error = NULL;
    json_t *answer = admin_call(admin, "DELETE", path, NULL, &error);
    if (answer == NULL)
        return admin_fail(error);
    printf("revoked; %d connected session(s) ended\n",
           (int)json_integer_value(json_object_get(answer, "sessions")));
    json_decref(answer);
    return 0;
}

int admin_links_list(struct admin *admin)
{
    static const char *const keys[] = {"link", "site", "role", "made", NULL};
    if (admin->word_count != 1)
        return admin_wrong_use("links list MEETING");
    g_autofree char *path = g_strdup_printf("meetings/%s/links", admin->words[0]);
    return print_list(admin, path, keys);
}

int admin_links_create(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1 || (admin->site == NULL) == (admin->role == NULL))
        return admin_wrong_use("links create MEETING --site ROOM | --role ROLE");
    g_autofree char *path = g_strdup_printf("meetings/%s/links", admin->words[0]);
    json_t *body = admin->site != NULL ? json_pack("{s:s}", "site", admin->site)
                                       : json_pack("{s:s}", "role", admin->role);
    json_t *answer = admin_call(admin, "POST", path, body, &error);
    json_decref(body);
    if (answer == NULL)
        return admin_fail(error);
    printf("%s\n", text_or_dash(answer, "url"));
    json_decref(answer);
    return 0;
}

int admin_links_revoke(struct admin *admin)
{
    if (admin->word_count != 2)
        return admin_wrong_use("links revoke MEETING LINK");
    g_autofree char *path =
        g_strdup_printf("meetings/%s/links/%s", admin->words[0], admin->words[1]);
    return remove_at(admin, path);
}

int admin_token_list(struct admin *admin)
{
    static const char *const keys[] = {"token",   "role",    "account", "site",
                                       "meeting", "expires", NULL};
    return admin->word_count == 0 ? print_list(admin, "tokens", keys)
                                  : admin_wrong_use("token list");
}

int admin_token_revoke(struct admin *admin)
{
    if (admin->word_count != 1)
        return admin_wrong_use("token revoke TOKEN");
    g_autofree char *path = g_strdup_printf("tokens/%s", admin->words[0]);
    return remove_at(admin, path);
}

int admin_account_list(struct admin *admin)
{
    static const char *const keys[] = {"account", "role", "site", NULL};
    return admin->word_count == 0 ? print_list(admin, "accounts", keys)
                                  : admin_wrong_use("account list");
}

/* A line of standard input when it is not a terminal; NULL: one is made up. */
static char *read_secret(void)
{
    char line[1026];
    if (isatty(STDIN_FILENO) || fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    g_strchomp(line);
    return line[0] != '\0' ? g_strdup(line) : NULL;
}

int admin_account_put(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1 || admin->role == NULL)
        return admin_wrong_use("account put NAME --role ROLE [--site ROOM]");
    g_autofree char *secret = read_secret();
    json_t *body = json_pack("{s:s, s:s, s:s*, s:s*}", "account", admin->words[0], "role",
                             admin->role, "site", admin->site, "secret", secret);
    if (body == NULL)
        return admin_wrong_use("names and secrets are UTF-8");
    json_t *answer = admin_call(admin, "POST", "accounts", body, &error);
    json_decref(body);
    if (answer == NULL)
        return admin_fail(error);
    if (json_is_string(json_object_get(answer, "secret")))
        printf("%s\n", text_or_dash(answer, "secret"));
    json_decref(answer);
    return 0;
}

int admin_account_remove(struct admin *admin)
{
    if (admin->word_count != 1)
        return admin_wrong_use("account remove NAME");
    g_autofree char *path = g_strdup_printf("accounts/%s", admin->words[0]);
    return remove_at(admin, path);
}

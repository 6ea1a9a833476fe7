/* `nhipcau`, the administrator's command line: what its subcommands share. Each returns the exit
 * status: 0 done, 1 refused or failed (standard error says why), 2 wrong use.
 *
 * Thread: main. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <libsoup/soup.h>
#include <stdbool.h>

struct admin {
    /* Options. */
    char *server;      /* URL; NULL: the one that runs on `data` */
    char *data;        /* the server's data directory */
    char *account;     /* "operator" */
    char *secret_file; /* NULL: <data>/operator-secret */
    char *ca;          /* PEM; NULL: <data>/tls/cert.pem */
    char *output;
    char *id, *title, *place, *role, *site, *places_folder;
    char **groups;
    gboolean json;
    char **words; /* after the subcommand's names */
    unsigned word_count;
    /* Made when needed. */
    SoupSession *session;
    char *token;
};

int admin_fail(GError *error); /* prints and frees; 1 */
int admin_wrong_use(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* One request to the server, signed in first. `path` begins behind "/api/v1/". The answer's JSON;
 * NULL with `error`, in the words of the server when it refused. */
json_t *admin_call(struct admin *admin, const char *method, const char *path, const json_t *body,
                   GError **error);
void admin_close(struct admin *admin);
/* <data>/nhipcau.db */
char *admin_database(const struct admin *admin);

typedef int admin_command(struct admin *admin);
/* meeting.c */
admin_command admin_meeting_create, admin_meeting_list, admin_meeting_show;
/* access.c */
admin_command admin_links_list, admin_links_create, admin_links_revoke, admin_account_list,
    admin_account_put, admin_account_remove, admin_token_list, admin_token_revoke;
/* archive.c */
admin_command admin_export, admin_import, admin_backup;
/* check.c */
admin_command admin_verify, admin_places_find, admin_places_list;

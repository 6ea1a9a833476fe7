/* nhipcau export | import | backup */
#include "signaling/admin/admin.h"
#include "signaling/admin/meeting_archive.h"
#include "signaling/commands.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int admin_export(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1 || admin->output == NULL)
        return admin_wrong_use("export MEETING --output FILE.tar");
    if (!archive_export(admin->data, admin->words[0], admin->output, &error))
        return admin_fail(error);
    printf("%s\n", admin->output);
    return 0;
}

int admin_import(struct admin *admin)
{
    GError *error = NULL;
    g_autofree char *meeting = NULL;
    if (admin->word_count != 1)
        return admin_wrong_use("import FILE.tar");
    if (!archive_import(admin->data, admin->words[0], &meeting, &error))
        return admin_fail(error);
    printf("%s\n", meeting);
    return 0;
}

/* ---- backup ---- */

static bool fail(GError **error, const char *what, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", what, why);
    return false;
}

/* SQLite's own way: a state of one moment, while the server goes on writing. */
static bool copy_database(const char *from, const char *to, GError **error)
{
    sqlite3 *source = NULL, *target = NULL;
    bool is_good =
        sqlite3_open_v2(from, &source, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK;
    sqlite3_backup *backup = is_good ? sqlite3_backup_init(target, "main", source, "main") : NULL;
    int status = SQLITE_ERROR;
    if (backup != NULL) {
        sqlite3_busy_timeout(source, 10000);
        status = sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    if (status != SQLITE_DONE)
        fail(error, from, sqlite3_errmsg(target != NULL ? target : source));
    sqlite3_close(source);
    sqlite3_close(target);
    return status == SQLITE_DONE && g_chmod(to, 0600) == 0;
}

static bool copy_file(const char *from, const char *to, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from), target = g_file_new_for_path(to);
    return g_file_copy(source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, error);
}

/* A finished part of a recording and a paper never change again: a link costs nothing where the
 * disk is the same. What still grows is copied as far as it is. */
static bool link_or_copy(const char *from, const char *to, bool may_link, GError **error)
{
    return (may_link && link(from, to) == 0) || copy_file(from, to, error);
}

static bool copy_tree(const char *from, const char *to, bool may_link, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(from, 0, NULL);
    g_autofree char *manifest = g_build_filename(from, "manifest.json", NULL);
    const char *name;
    bool is_good = true;
    if (folder == NULL)
        return true;
    may_link = may_link || g_file_test(manifest, G_FILE_TEST_EXISTS);
    if (g_mkdir_with_parents(to, 0700) != 0)
        return fail(error, to, "cannot be made");
    while (is_good && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *source = g_build_filename(from, name, NULL);
        g_autofree char *target = g_build_filename(to, name, NULL);
        if (g_file_test(source, G_FILE_TEST_IS_SYMLINK))
            continue;
        is_good = g_file_test(source, G_FILE_TEST_IS_DIR)
                      ? copy_tree(source, target, may_link, error)
                      : link_or_copy(source, target, may_link, error);
    }
    return is_good;
}

static bool back_up(const char *data, const char *to, GError **error)
{
    static const char *const trees[] = {"recordings", "papers", "tls"};
    g_autofree char *database = g_build_filename(data, "nhipcau.db", NULL);
    g_autofree char *copy = g_build_filename(to, "nhipcau.db", NULL);
    g_autofree char *secret = g_build_filename(data, "operator-secret", NULL);
    g_autofree char *secret_copy = g_build_filename(to, "operator-secret", NULL);
    if (g_mkdir(to, 0700) != 0)
        return fail(error, to, "is there already, or cannot be made");
    /* The journal first: what it speaks of later is not missed, what lies beside it is whole. */
    if (!copy_database(database, copy, error))
        return false;
    if (g_file_test(secret, G_FILE_TEST_EXISTS) && !copy_file(secret, secret_copy, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(trees); i++) {
        g_autofree char *from = g_build_filename(data, trees[i], NULL);
        g_autofree char *target = g_build_filename(to, trees[i], NULL);
        if (!copy_tree(from, target, strcmp(trees[i], "papers") == 0, error))
            return false;
    }
    return true;
}

/* The copy is proved before it is called a backup. */
int admin_backup(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 0 || admin->output == NULL)
        return admin_wrong_use("backup --data DIR --output NEW-DIR");
    if (!back_up(admin->data, admin->output, &error))
        return admin_fail(error);
    g_autofree char *copy = g_build_filename(admin->output, "nhipcau.db", NULL);
    return command_verify_database(copy, NULL);
}

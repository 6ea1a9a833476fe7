/* A folder of its own for a test's database, gone with the test. */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

struct folder {
    char *path, *file;
};

static inline struct folder folder_new(void)
{
    struct folder folder = {.path = g_dir_make_tmp("nhipcau-store-XXXXXX", NULL)};
    g_assert_nonnull(folder.path);
    folder.file = g_build_filename(folder.path, "store.db", NULL);
    return folder;
}

static inline void folder_remove(struct folder *folder)
{
    GDir *names = g_dir_open(folder->path, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(names)) != NULL) {
        g_autofree char *path = g_build_filename(folder->path, name, NULL);
        g_unlink(path);
    }
    g_dir_close(names);
    g_rmdir(folder->path);
    g_free(folder->path);
    g_free(folder->file);
}

#define folder_auto __attribute__((cleanup(folder_remove))) struct folder

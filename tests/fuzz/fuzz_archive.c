/* Hostile archives: any bytes as an export. Whatever they say, nothing is written outside the
 * folder that they are unpacked into, and only what is whole is taken for a meeting. */
#include "signaling/admin/meeting_archive.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)256 * 1024)

static int drop(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

/* The guard beside the folder is as it was, and nothing else is there. */
static void check_surroundings(const char *parent)
{
    GDir *directory = g_dir_open(parent, 0, NULL);
    unsigned count = 0;
    while (g_dir_read_name(directory) != NULL)
        count++;
    g_dir_close(directory);
    if (count != 2)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    GError *error = NULL;
    if (size > INPUT_MAX)
        return 0;
    g_autofree char *parent = g_dir_make_tmp("nhipcau-fuzz-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(parent, "unpacked", NULL);
    g_autofree char *archive = g_build_filename(parent, "archive.tar", NULL);
    g_autofree char *meeting = NULL;
    g_mkdir(folder, 0700);
    if (!g_file_set_contents(archive, (const char *)bytes, (gssize)size, NULL))
        abort();
    if (!archive_unpack(archive, folder, &meeting, &error)) {
        if (error == NULL)
            abort();
        g_error_free(error);
    } else if (meeting == NULL) {
        abort();
    }
    check_surroundings(parent);
    nftw(parent, drop, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

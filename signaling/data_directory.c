#include "signaling/data_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s: %s", path, what,
                g_strerror(errno));
    return false;
}

bool data_directory_prepare(const char *path, GError **error)
{
    struct stat status;
    if (g_mkdir_with_parents(path, 0700) != 0)
        return fail(error, path, "cannot be made");
    if (stat(path, &status) != 0)
        return fail(error, path, "cannot be looked at");
    if (status.st_uid != geteuid()) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM, "%s: belongs to another user", path);
        return false;
    }
    if ((status.st_mode & 077) != 0 && chmod(path, 0700) != 0)
        return fail(error, path, "others may enter it, and it cannot be closed to them");
    return true;
}

int data_directory_lock(const char *path, GError **error)
{
    g_autofree char *file = g_build_filename(path, "lock", NULL);
    int lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) {
        fail(error, file, "cannot be opened");
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (errno == EWOULDBLOCK)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                    "%s: another server is using this data directory", path);
    else
        fail(error, file, "cannot be locked");
    close(lock);
    return -1;
}

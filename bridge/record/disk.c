#include "bridge/record/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool disk_fail(const char *path, GError **error)
{
    int code = errno;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "%s: %s", path, g_strerror(code));
    return false;
}

static bool write_all(int fd, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(fd, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        next += written;
        size -= (size_t)written;
    }
    return true;
}

bool disk_append(int fd, const char *path, int64_t *end, const void *bytes, size_t size,
                 GError **error)
{
    if (!write_all(fd, bytes, size)) {
        disk_fail(path, error);
        /* Should even this fail, the log tells the finisher where to cut. */
        if (ftruncate(fd, *end) != 0)
            return false;
        lseek(fd, *end, SEEK_SET);
        return false;
    }
    *end += (int64_t)size;
    return true;
}

bool disk_sync(int fd, const char *path, GError **error)
{
    return fdatasync(fd) == 0 || disk_fail(path, error);
}

bool disk_sync_directory(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return disk_fail(path, error);
    bool is_good = fsync(fd) == 0 || disk_fail(path, error);
    close(fd);
    return is_good;
}

bool disk_rename(const char *temporary, const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    if (rename(temporary, path) != 0)
        return disk_fail(path, error);
    return disk_sync_directory(directory, error);
}

bool disk_replace(const char *path, const char *text, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return disk_fail(temporary, error);
    bool is_good = (write_all(fd, text, strlen(text)) && fsync(fd) == 0) || disk_fail(path, error);
    close(fd);
    if (!is_good)
        unlink(temporary);
    return is_good && disk_rename(temporary, path, error);
}

static void to_hex(const unsigned char *digest, unsigned size, char hex[DISK_SHA256_SIZE])
{
    for (unsigned i = 0; i < size; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void disk_sha256(const void *bytes, size_t size, char hex[DISK_SHA256_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1)
        g_error("SHA-256 failed");
    to_hex(digest, length, hex);
}

bool disk_sha256_file(const char *path, char hex[DISK_SHA256_SIZE], GError **error)
{
    unsigned char digest[EVP_MAX_MD_SIZE], block[65536];
    unsigned length = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return disk_fail(path, error);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    while ((got = read(fd, block, sizeof block)) > 0)
        EVP_DigestUpdate(context, block, (size_t)got);
    bool is_good = got == 0 || disk_fail(path, error);
    EVP_DigestFinal_ex(context, digest, &length);
    EVP_MD_CTX_free(context);
    close(fd);
    to_hex(digest, length, hex);
    return is_good;
}

#include "bridge/record/log.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool fail(GError **error, const char *path)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
    return false;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        size -= (size_t)written;
    }
    return true;
}

bool record_log_append(int fd, json_t *line, GError **error)
{
    g_autofree char *text = NULL;
    char *json = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    text = g_strconcat(json, "\n", NULL);
    free(json);
    return (write_all(fd, text, strlen(text)) && fdatasync(fd) == 0) ||
           fail(error, RECORD_LOG_NAME);
}

json_t *record_log_read(const char *part_dir, GError **error)
{
    g_autofree char *path = g_build_filename(part_dir, RECORD_LOG_NAME, NULL);
    g_autofree char *content = NULL;
    gsize size;
    if (!g_file_get_contents(path, &content, &size, error))
        return NULL;
    json_t *lines = json_array();
    for (char *line = content, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        json_t *entry = json_loadb(line, (size_t)(end - line), 0, NULL);
        if (!json_is_object(entry)) {
            json_decref(entry);
            break; /* torn: nothing behind it counts */
        }
        json_array_append_new(lines, entry);
    }
    return lines;
}

static void to_hex(const unsigned char *digest, unsigned size, char hex[65])
{
    for (unsigned i = 0; i < size; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void record_sha256(const void *bytes, size_t size, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1)
        g_error("SHA-256 failed");
    to_hex(digest, length, hex);
}

bool record_sha256_file(const char *path, char hex[65], GError **error)
{
    unsigned char digest[EVP_MAX_MD_SIZE], block[65536];
    unsigned length = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, path);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    while ((got = read(fd, block, sizeof block)) > 0)
        EVP_DigestUpdate(context, block, (size_t)got);
    EVP_DigestFinal_ex(context, digest, &length);
    EVP_MD_CTX_free(context);
    close(fd);
    to_hex(digest, length, hex);
    return got == 0 || fail(error, path);
}

bool record_sync_directory(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, path);
    bool is_good = fsync(fd) == 0;
    close(fd);
    return is_good || fail(error, path);
}

bool record_replace_file(const char *path, const char *text, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    g_autofree char *directory = g_path_get_dirname(path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(error, temporary);
    bool is_good = write_all(fd, text, strlen(text)) && fsync(fd) == 0;
    close(fd);
    if (!is_good || rename(temporary, path) != 0)
        return fail(error, temporary);
    return record_sync_directory(directory, error);
}

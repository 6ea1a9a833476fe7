#include "bridge/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct control_socket {
    char *path;
    int lock_fd, fd;
    guint source;
    void (*connected)(int fd, void *arg);
    void *arg;
};

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    struct control_socket *self = data;
    (void)condition;
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0)
        self->connected(connection, self->arg);
    return G_SOURCE_CONTINUE;
}

static bool fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s: %s", path, what,
                g_strerror(errno));
    return false;
}

static bool take_lock(struct control_socket *self, GError **error)
{
    g_autofree char *path = g_strconcat(self->path, ".lock", NULL);
    self->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (self->lock_fd < 0)
        return fail(error, path, "cannot be opened");
    if (flock(self->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return fail(error, path, "another bridge runs here");
    return true;
}

static bool start_listening(struct control_socket *self, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat there;
    if (strlen(self->path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(error, self->path, "the path of the control socket is too long");
    }
    if (lstat(self->path, &there) == 0 && !S_ISSOCK(there.st_mode)) {
        errno = ENOTSOCK;
        return fail(error, self->path, "something else lies here");
    }
    memcpy(address.sun_path, self->path, strlen(self->path));
    self->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->fd < 0)
        return fail(error, self->path, "no socket");
    /* The lock is ours, so a socket that lies there is a dead bridge's. */
    unlink(self->path);
    mode_t mask = umask(0177);
    int bound = bind(self->fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (bound != 0 || listen(self->fd, 4) != 0)
        return fail(error, self->path, "cannot listen");
    return true;
}

struct control_socket *control_socket_new(const char *path, void (*connected)(int fd, void *arg),
                                          void *arg, GError **error)
{
    struct control_socket *self = g_new0(struct control_socket, 1);
    self->path = g_strdup(path);
    self->connected = connected;
    self->arg = arg;
    self->fd = self->lock_fd = -1;
    if (!take_lock(self, error) || !start_listening(self, error)) {
        control_socket_free(self);
        return NULL;
    }
    self->source = g_unix_fd_add(self->fd, G_IO_IN, on_readable, self);
    return self;
}

void control_socket_free(struct control_socket *self)
{
    if (self == NULL)
        return;
    if (self->source != 0) {
        g_source_remove(self->source);
        unlink(self->path);
    }
    if (self->fd >= 0)
        close(self->fd);
    if (self->lock_fd >= 0)
        close(self->lock_fd);
    g_free(self->path);
    g_free(self);
}

#include "client/room/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The terminal's other screen without a cursor, and back. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define HOME  "\033[H"
#define EOL   "\033[K" /* what the line showed before goes */
#define EOS   "\033[J"

#define COLUMNS      80
#define ROWS         24
#define KEYS_AT_ONCE 256
#define LINE_MOST    400 /* bytes of a line of standard error that are shown */

struct terminal {
    struct terminal_handlers handlers;
    void *arg;
    int fd; /* opened anew: whether it waits is ours alone to say */
    struct termios before;
    guint keys, writable, errors;
    char *shown;      /* the picture that was sent last */
    GString *waiting; /* bytes that the terminal has not taken */
    bool rings;
    char partial[8]; /* of a character whose other bytes have not come */
    size_t partial_size;
    int stderr_before, error_pipe; /* -1: standard error is not caught */
    GString *error_text;
};

/* ---- out ---- */

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data);

static void flush(struct terminal *terminal)
{
    while (terminal->waiting->len > 0) {
        ssize_t taken = write(terminal->fd, terminal->waiting->str, terminal->waiting->len);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken <= 0)
            break;
        g_string_erase(terminal->waiting, 0, taken);
    }
    if (terminal->waiting->len > 0 && terminal->writable == 0)
        terminal->writable = g_unix_fd_add(terminal->fd, G_IO_OUT, on_writable, terminal);
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    struct terminal *terminal = data;
    (void)fd;
    if (condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) {
        g_string_set_size(terminal->waiting, 0); /* nobody looks any more */
        terminal->writable = 0;
        return G_SOURCE_REMOVE;
    }
    flush(terminal);
    if (terminal->waiting->len > 0)
        return G_SOURCE_CONTINUE;
    terminal->writable = 0;
    return G_SOURCE_REMOVE;
}

void terminal_show(struct terminal *terminal, const char *picture)
{
    if (terminal->waiting->len > 0 ||
        (g_strcmp0(picture, terminal->shown) == 0 && !terminal->rings))
        return;
    g_auto(GStrv) rows = g_strsplit(picture, "\n", -1);
    g_string_append(terminal->waiting, HOME);
    for (unsigned i = 0; rows[i] != NULL; i++)
        g_string_append_printf(terminal->waiting, "%s%s" EOL, i > 0 ? "\r\n" : "", rows[i]);
    g_string_append(terminal->waiting, EOS);
    if (terminal->rings)
        g_string_append_c(terminal->waiting, '\a');
    terminal->rings = false;
    g_free(terminal->shown);
    terminal->shown = g_strdup(picture);
    flush(terminal);
}

void terminal_ring(struct terminal *terminal)
{
    terminal->rings = true;
}

void terminal_size(const struct terminal *terminal, unsigned *columns, unsigned *rows)
{
    struct winsize size;
    bool is_known = ioctl(terminal->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    *columns = is_known ? size.ws_col : COLUMNS;
    *rows = is_known && size.ws_row > 0 ? size.ws_row : ROWS;
}

/* ---- in ---- */

/* Takes one key off the bytes; the bytes that it has, 0: not whole yet. */
static size_t take_key(struct terminal *terminal, const char *bytes, size_t size)
{
    char key[8] = {0};
    gunichar character = g_utf8_get_char_validated(bytes, (gssize)size);
    if (character == (gunichar)-2)
        return 0;
    size_t length = character == (gunichar)-1 ? 1 : (size_t)g_unichar_to_utf8(character, NULL);
    if (bytes[0] == '\033' && size > 1)
        return size; /* an arrow or the like: none of ours */
    memcpy(key, bytes, length);
    if (key[0] == '\r')
        key[0] = '\n';
    if (key[0] == 127)
        key[0] = '\b';
    if (character != (gunichar)-1)
        terminal->handlers.key(key, terminal->arg);
    return length;
}

static gboolean on_keys(gint fd, GIOCondition condition, gpointer data)
{
    struct terminal *terminal = data;
    char bytes[KEYS_AT_ONCE + sizeof terminal->partial];
    (void)condition;
    memcpy(bytes, terminal->partial, terminal->partial_size);
    ssize_t taken = read(fd, bytes + terminal->partial_size, KEYS_AT_ONCE);
    if (taken <= 0) {
        terminal->keys = 0; /* no keyboard: the room goes on */
        return G_SOURCE_REMOVE;
    }
    size_t size = terminal->partial_size + (size_t)taken, at = 0, length;
    while (at < size && (length = take_key(terminal, bytes + at, size - at)) > 0)
        at += length;
    terminal->partial_size = MIN(size - at, sizeof terminal->partial);
    memcpy(terminal->partial, bytes + at, terminal->partial_size);
    return G_SOURCE_CONTINUE;
}

/* ---- standard error ---- */

static gboolean on_error_text(gint fd, GIOCondition condition, gpointer data)
{
    struct terminal *terminal = data;
    char bytes[1024], *end;
    ssize_t taken = read(fd, bytes, sizeof bytes);
    (void)condition;
    if (taken <= 0)
        return G_SOURCE_CONTINUE;
    g_string_append_len(terminal->error_text, bytes, taken);
    while ((end = strchr(terminal->error_text->str, '\n')) != NULL) {
        size_t length = (size_t)(end - terminal->error_text->str);
        g_autofree char *line =
            g_utf8_make_valid(terminal->error_text->str, (gssize)MIN(length, (size_t)LINE_MOST));
        g_string_erase(terminal->error_text, 0, (gssize)length + 1);
        terminal->handlers.line(line, terminal->arg);
    }
    if (terminal->error_text->len > LINE_MOST)
        g_string_set_size(terminal->error_text, 0);
    return G_SOURCE_CONTINUE;
}

static void catch_errors(struct terminal *terminal)
{
    int ends[2];
    terminal->stderr_before = terminal->error_pipe = -1;
    if (!isatty(STDERR_FILENO) || pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0)
        return;
    terminal->error_pipe = ends[0];
    terminal->stderr_before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    terminal->errors = g_unix_fd_add(ends[0], G_IO_IN, on_error_text, terminal);
}

static void release_errors(struct terminal *terminal)
{
    if (terminal->error_pipe < 0)
        return;
    g_source_remove(terminal->errors);
    dup2(terminal->stderr_before, STDERR_FILENO);
    close(terminal->stderr_before);
    close(terminal->error_pipe);
}

/* ---- life ---- */

struct terminal *terminal_open(const struct terminal_handlers *handlers, void *arg)
{
    struct termios raw;
    char name[256];
    if (!isatty(STDIN_FILENO) || ttyname_r(STDOUT_FILENO, name, sizeof name) != 0 ||
        tcgetattr(STDIN_FILENO, &raw) != 0)
        return NULL;
    int fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct terminal *terminal = g_new0(struct terminal, 1);
    terminal->handlers = *handlers;
    terminal->arg = arg;
    terminal->fd = fd;
    terminal->before = raw;
    terminal->waiting = g_string_new(ENTER);
    terminal->error_text = g_string_new(NULL);
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    catch_errors(terminal);
    terminal->keys = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_keys, terminal);
    flush(terminal);
    return terminal;
}

void terminal_close(struct terminal *terminal)
{
    if (terminal == NULL)
        return;
    if (terminal->keys != 0)
        g_source_remove(terminal->keys);
    if (terminal->writable != 0)
        g_source_remove(terminal->writable);
    terminal->writable = 1; /* none is to be made any more */
    g_string_append(terminal->waiting, LEAVE);
    flush(terminal);
    release_errors(terminal);
    /* TCSANOW: draining would wait for a terminal that has stopped. */
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
    close(terminal->fd);
    g_string_free(terminal->waiting, TRUE);
    g_string_free(terminal->error_text, TRUE);
    g_free(terminal->shown);
    g_free(terminal);
}

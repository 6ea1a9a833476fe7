/* Hostile bytes on a connection to the whole server: parsed by libsoup, routed and answered by
 * ours, over a store and a meeting that are really there. "@" in the input stands for the
 * operator's token, so that what lies behind the door is reached too. Whatever comes: an answer or
 * the end of the connection, and the server goes on. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/whole_server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 16384
#define TURNS_MAX 2000 /* of the main loop, for one input */

/* libsoup 3.2.3 loses the path of a request whose headers it cannot read: that is not ours to find,
 * and takes the slow way of looking at stacks to be told apart. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void)
{
    return "leak:soup_headers_parse_request\n";
}

static char *token;

static void free_token(void)
{
    g_free(token);
}

static void begin(void)
{
    struct actor operator= {.account = "operator", .role = ROLE_OPERATOR};
    struct refusal refusal = {0};
    json_t *params =
        json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s}]}", "meeting", "hop", "title", "T",
                  "sites", "id", "chu-toa", "name", "A", "role", "chair", "id", "hue", "name", "B");
    if (!hub_execute(whole_server()->hub, NULL, "meeting.create", params, &operator, NULL,
                     &refusal))
        g_error("%s", refusal.message);
    json_decref(params);
    token = whole_server_token("operator", ROLE_OPERATOR, NULL, NULL);
    atexit(free_token);
}

/* Until the server has closed its end, or nothing more happens. */
static void listen_to(int end)
{
    char bytes[65536];
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        bool was_busy = g_main_context_iteration(NULL, FALSE);
        ssize_t size = read(end, bytes, sizeof bytes);
        if (size == 0 || (size < 0 && !was_busy))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    if (token == NULL)
        begin();
    GString *text = g_string_new_len((const char *)data, (gssize)size);
    g_string_replace(text, "@", token, 0);
    int end = whole_server_call();
    ssize_t written = write(end, text->str, text->len);
    (void)written; /* what does not fit is not needed */
    shutdown(end, SHUT_WR);
    listen_to(end);
    close(end);
    for (int turn = 0; turn < 20; turn++)
        g_main_context_iteration(NULL, FALSE);
    g_string_free(text, TRUE);
    return 0;
}

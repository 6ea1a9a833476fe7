#include "client/room/board.h"

#include "client/room/columns.h"
#include "client/room/texts.h"

#include <string.h>

#define BAR_WIDTH   30
#define BAR_LEAST   (-60) /* dBov at the bar's left end */
#define LABEL       16    /* columns */
#define WARN_AT     60    /* seconds left */
#define FIXED_ROWS  13    /* all but messages */
#define REPORT_ROWS 3     /* of one entry, wrapped */

#define BOLD    "\033[1m"
#define REVERSE "\033[7m"
#define NORMAL  "\033[0m"

static const char *say(const struct board *board, const char *english)
{
    return texts_say(board->is_english, english);
}

static void end_row(GString *out)
{
    g_string_append_c(out, '\n');
}

static void put_row(GString *out, const struct board *board, const char *style, const char *text)
{
    g_string_append(out, style);
    columns_append(out, text, board->columns);
    if (style[0] != '\0')
        g_string_append(out, NORMAL);
    end_row(out);
}

static void put_rule(GString *out, const struct board *board)
{
    for (unsigned i = 0; i < board->columns; i++)
        g_string_append(out, "─");
    end_row(out);
}

static void put_labelled(GString *out, const struct board *board, const char *label,
                         const char *text)
{
    columns_append_padded(out, label, MIN(LABEL, board->columns));
    if (board->columns > LABEL)
        columns_append(out, text, board->columns - LABEL);
    end_row(out);
}

static void put_bar(GString *out, const struct board *board, const char *label, int level,
                    const char *name)
{
    g_autoptr(GString) bar = g_string_new("[");
    int full = CLAMP((level - BAR_LEAST) * BAR_WIDTH / -BAR_LEAST, 0, BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(bar, i < full ? '#' : ' ');
    g_string_append_printf(bar, "] %s", name != NULL ? name : say(board, "none"));
    put_labelled(out, board, label, bar->str);
}

char *board_own_state(const struct floor_view *view, bool is_muted, bool is_heard, bool is_english)
{
    int place = floor_view_place(view);
    if (is_muted)
        return g_strdup(texts_say(is_english, "The microphone is off"));
    if (is_heard)
        return g_strdup(texts_say(is_english, "ON AIR"));
    if (place > 0)
        return g_strdup_printf("%s: %d", texts_say(is_english, "Your place in the queue"), place);
    if (floor_view_own_request(view) != NULL && !floor_view_is_speaking(view))
        return g_strdup(texts_say(is_english, "Waiting for the chair"));
    return g_strdup("");
}

static void put_own(GString *out, const struct board *board)
{
    g_autofree char *text =
        board_own_state(board->view, board->is_muted, board->is_heard, board->is_english);
    g_autofree char *shown = board->is_heard && !board->is_muted
                                 ? g_strdup_printf("*** %s ***", text)
                                 : g_steal_pointer(&text);
    put_row(out, board, board->is_muted ? REVERSE : board->is_heard ? BOLD : "", shown);
}

char *board_time_left(const struct floor_view *view, int64_t now_us, bool *is_short,
                      bool is_english)
{
    int left;
    if (!floor_view_time_left(view, now_us, &left))
        return NULL;
    int shown = ABS(left);
    if (is_short != NULL)
        *is_short = left <= WARN_AT;
    return g_strdup_printf("%s: %s%d:%02d%s%s", texts_say(is_english, "Time left"),
                           left < 0 ? "-" : "", shown / 60, shown % 60, left <= WARN_AT ? "  " : "",
                           left <= 0         ? texts_say(is_english, "*** TIME IS OVER ***")
                           : left <= WARN_AT ? texts_say(is_english, "*** ONE MINUTE ***")
                                             : "");
}

static void put_time(GString *out, const struct board *board)
{
    bool is_short = false;
    g_autofree char *text =
        board_time_left(board->view, board->now_us, &is_short, board->is_english);
    if (text == NULL)
        end_row(out);
    else
        put_row(out, board, is_short ? REVERSE : "", text);
}

/* What is worst stands first: the row may be cut. */
static void put_line(GString *out, const struct board *board)
{
    g_autoptr(GString) text = g_string_new(say(board, board->line_state));
    if (!board->is_online)
        g_string_append_printf(text, " · %s", say(board, "no connection to the server"));
    if (board->has_figures)
        g_string_append_printf(text, " · %.0f ms · %s %.1f %% · %s %.0f ms", board->rtt_ms,
                               say(board, "loss"), board->loss_down, say(board, "jitter"),
                               board->jitter_ms);
    put_labelled(out, board, say(board, "Line"), text->str);
}

/* Exactly `rows` rows: the line test's report, or the newest messages, the newest last. */
static void put_middle(GString *out, const struct board *board, unsigned rows)
{
    g_autoptr(GPtrArray) shown = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; board->report != NULL && board->report[i] != NULL; i++) {
        g_auto(GStrv) lines = columns_wrap(board->report[i], board->columns, REPORT_ROWS);
        for (unsigned k = 0; lines[k] != NULL; k++)
            g_ptr_array_add(shown, g_strdup(lines[k]));
    }
    for (unsigned i = 0; board->report == NULL && shown->len < rows; i++) {
        const char *message = floor_view_message(board->view, i);
        if (message == NULL)
            break;
        g_auto(GStrv) lines = columns_wrap(message, board->columns, REPORT_ROWS);
        for (unsigned k = 0; lines[k] != NULL; k++)
            g_ptr_array_insert(shown, (gint)k, g_strdup(lines[k]));
    }
    if (shown->len > rows && board->report == NULL)
        g_ptr_array_remove_range(shown, 0, shown->len - rows);
    for (unsigned i = 0; i < rows; i++)
        put_row(out, board, "", i < shown->len ? shown->pdata[i] : "");
}

static void put_foot(GString *out, const struct board *board)
{
    g_autofree char *prompt = NULL;
    put_rule(out, board);
    put_row(out, board, "", board->notice != NULL ? board->notice : "");
    if (board->prompt != NULL) {
        prompt =
            g_strdup_printf("%s: %s_", say(board, "Topic (Enter: ask · Esc: no)"), board->prompt);
        put_row(out, board, BOLD, prompt);
        g_string_append(out, " ");
        return;
    }
    put_row(out, board, "",
            say(board, "r ask for the floor · c withdraw · g give it back · "
                       "m microphone off/on"));
    columns_append(
        out,
        say(board, "t test the line · e echo cancellation off/on · v camera · s slides · q leave"),
        board->columns);
}

char *board_draw(const struct board *board)
{
    g_autofree char *speakers = floor_view_speakers(board->view);
    g_autoptr(GString) out = g_string_new(NULL);
    unsigned rows = board->rows > FIXED_ROWS ? board->rows - FIXED_ROWS : 1;
    put_row(out, board, BOLD, floor_view_title(board->view));
    put_row(out, board, "", floor_view_own_name(board->view));
    put_rule(out, board);
    put_labelled(out, board, say(board, "Speaking"),
                 speakers[0] != '\0' ? speakers : say(board, "nobody"));
    put_own(out, board);
    put_time(out, board);
    put_bar(out, board, say(board, "Microphone"), board->input_level, board->input_name);
    put_bar(out, board, say(board, "Speaker"), board->output_level, board->output_name);
    put_line(out, board);
    put_middle(out, board, rows);
    put_foot(out, board);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

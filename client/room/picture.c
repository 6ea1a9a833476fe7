#include "client/room/picture.h"

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

static const char *say(const struct picture *picture, const char *english)
{
    return texts_say(picture->is_english, english);
}

static void end_row(GString *out)
{
    g_string_append_c(out, '\n');
}

static void put_row(GString *out, const struct picture *picture, const char *style,
                    const char *text)
{
    g_string_append(out, style);
    columns_append(out, text, picture->columns);
    if (style[0] != '\0')
        g_string_append(out, NORMAL);
    end_row(out);
}

static void put_rule(GString *out, const struct picture *picture)
{
    for (unsigned i = 0; i < picture->columns; i++)
        g_string_append(out, "─");
    end_row(out);
}

static void put_labelled(GString *out, const struct picture *picture, const char *label,
                         const char *text)
{
    columns_append_padded(out, label, MIN(LABEL, picture->columns));
    if (picture->columns > LABEL)
        columns_append(out, text, picture->columns - LABEL);
    end_row(out);
}

static void put_bar(GString *out, const struct picture *picture, const char *label, int level,
                    const char *name)
{
    g_autoptr(GString) bar = g_string_new("[");
    int full = CLAMP((level - BAR_LEAST) * BAR_WIDTH / -BAR_LEAST, 0, BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(bar, i < full ? '#' : ' ');
    g_string_append_printf(bar, "] %s", name != NULL ? name : say(picture, "none"));
    put_labelled(out, picture, label, bar->str);
}

/* This room's own part: on air, off, waiting. */
static void put_own(GString *out, const struct picture *picture)
{
    int place = floor_view_place(picture->view);
    g_autofree char *text = NULL;
    if (picture->is_muted)
        put_row(out, picture, REVERSE, say(picture, "The microphone is off"));
    else if (picture->is_heard)
        put_row(out, picture, BOLD, say(picture, "*** ON AIR ***"));
    else if (place > 0)
        text = g_strdup_printf("%s: %d", say(picture, "Your place in the queue"), place);
    else if (floor_view_own_request(picture->view) != NULL &&
             !floor_view_is_speaking(picture->view))
        text = g_strdup(say(picture, "Waiting for the chair"));
    else
        text = g_strdup("");
    if (text != NULL)
        put_row(out, picture, "", text);
}

static void put_time(GString *out, const struct picture *picture)
{
    int left;
    if (!floor_view_time_left(picture->view, picture->now_us, &left)) {
        end_row(out);
        return;
    }
    int shown = ABS(left);
    g_autofree char *text =
        g_strdup_printf("%s: %s%d:%02d%s%s", say(picture, "Time left"), left < 0 ? "-" : "",
                        shown / 60, shown % 60, left <= WARN_AT ? "  " : "",
                        left <= 0         ? say(picture, "*** TIME IS OVER ***")
                        : left <= WARN_AT ? say(picture, "*** ONE MINUTE ***")
                                          : "");
    put_row(out, picture, left <= WARN_AT ? REVERSE : "", text);
}

/* What is worst stands first: the row may be cut. */
static void put_line(GString *out, const struct picture *picture)
{
    g_autoptr(GString) text = g_string_new(say(picture, picture->line_state));
    if (!picture->is_online)
        g_string_append_printf(text, " · %s", say(picture, "no connection to the server"));
    if (picture->has_figures)
        g_string_append_printf(text, " · %.0f ms · %s %.1f %% · %s %.0f ms", picture->rtt_ms,
                               say(picture, "loss"), picture->loss_down, say(picture, "jitter"),
                               picture->jitter_ms);
    put_labelled(out, picture, say(picture, "Line"), text->str);
}

/* Exactly `rows` rows: the line test's report, or the newest messages, the newest last. */
static void put_middle(GString *out, const struct picture *picture, unsigned rows)
{
    g_autoptr(GPtrArray) shown = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; picture->report != NULL && picture->report[i] != NULL; i++) {
        g_auto(GStrv) lines = columns_wrap(picture->report[i], picture->columns, REPORT_ROWS);
        for (unsigned k = 0; lines[k] != NULL; k++)
            g_ptr_array_add(shown, g_strdup(lines[k]));
    }
    for (unsigned i = 0; picture->report == NULL && shown->len < rows; i++) {
        const char *message = floor_view_message(picture->view, i);
        if (message == NULL)
            break;
        g_auto(GStrv) lines = columns_wrap(message, picture->columns, REPORT_ROWS);
        for (unsigned k = 0; lines[k] != NULL; k++)
            g_ptr_array_insert(shown, (gint)k, g_strdup(lines[k]));
    }
    if (shown->len > rows && picture->report == NULL)
        g_ptr_array_remove_range(shown, 0, shown->len - rows);
    for (unsigned i = 0; i < rows; i++)
        put_row(out, picture, "", i < shown->len ? shown->pdata[i] : "");
}

static void put_foot(GString *out, const struct picture *picture)
{
    g_autofree char *prompt = NULL;
    put_rule(out, picture);
    put_row(out, picture, "", picture->notice != NULL ? picture->notice : "");
    if (picture->prompt != NULL) {
        prompt = g_strdup_printf("%s: %s_", say(picture, "Topic (Enter: ask · Esc: no)"),
                                 picture->prompt);
        put_row(out, picture, BOLD, prompt);
        g_string_append(out, " ");
        return;
    }
    put_row(out, picture, "",
            say(picture, "r ask for the floor · c withdraw · g give it back · "
                         "m microphone off/on"));
    columns_append(out, say(picture, "t test the line · e echo cancellation off/on · q leave"),
                   picture->columns);
}

char *picture_draw(const struct picture *picture)
{
    g_autofree char *speakers = floor_view_speakers(picture->view);
    g_autoptr(GString) out = g_string_new(NULL);
    unsigned rows = picture->rows > FIXED_ROWS ? picture->rows - FIXED_ROWS : 1;
    put_row(out, picture, BOLD, floor_view_title(picture->view));
    put_row(out, picture, "", floor_view_own_name(picture->view));
    put_rule(out, picture);
    put_labelled(out, picture, say(picture, "Speaking"),
                 speakers[0] != '\0' ? speakers : say(picture, "nobody"));
    put_own(out, picture);
    put_time(out, picture);
    put_bar(out, picture, say(picture, "Microphone"), picture->input_level, picture->input_name);
    put_bar(out, picture, say(picture, "Speaker"), picture->output_level, picture->output_name);
    put_line(out, picture);
    put_middle(out, picture, rows);
    put_foot(out, picture);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

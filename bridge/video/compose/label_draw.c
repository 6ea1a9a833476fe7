#include "bridge/video/compose/label_draw.h"

#include "bridge/video/compose/label_text.h"
#include "bridge/video/compose/palette.h"

#include <math.h>

#define FONT          "Noto Sans"
#define FONT_SIZE_MIN 7.0  /* pixels; nothing smaller can be read */
#define DETAIL_MIN    13.5 /* of a strip's second line, which else only crowds the picture */
#define TEXT_MAX      512  /* bytes */

/* A line of text, laid out. */
struct line {
    PangoLayout *layout; /* NULL: empty */
    int width, height;   /* pixels */
};

struct style {
    double size; /* pixels */
    PangoWeight weight;
    int lines; /* at most */
};

static void set_colour(cairo_t *cairo, unsigned rgb, double alpha)
{
    cairo_set_source_rgba(cairo, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
                          alpha);
}

/* Type grows more slowly than what it is written on: a small tile's name stays legible, a whole
 * frame's does not shout; and the same holds from frame to frame. For 1080 lines it is 46 pixels on
 * the whole frame and 18 on a tile of a sixth. */
static double type_size(const struct label_request *request)
{
    return 1.4 * sqrt(request->height) * pow(request->frame_height / 1080.0, 0.15);
}

PangoContext *label_context_new(void)
{
    PangoFontMap *map = pango_cairo_font_map_new();
    PangoContext *context = pango_font_map_create_context(map);
    g_object_unref(map);
    pango_context_set_language(context, pango_language_from_string("vi"));
    pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    return context;
}

/* Cut with "…" at `width` pixels. */
static struct line lay_out(PangoContext *context, const char *text, struct style style,
                           double width)
{
    char clean[TEXT_MAX];
    struct line line = {NULL};
    label_clean(text, clean, sizeof(clean));
    if (clean[0] == '\0' || width < style.size)
        return line;
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_font_description_set_weight(font, style.weight);
    line.layout = pango_layout_new(context);
    pango_layout_set_font_description(line.layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(line.layout, TRUE);
    pango_layout_set_auto_dir(line.layout, FALSE);
    pango_layout_set_wrap(line.layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(line.layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_width(line.layout, (int)(width * PANGO_SCALE));
    pango_layout_set_height(line.layout, -style.lines);
    pango_layout_set_text(line.layout, clean, -1);
    pango_layout_get_pixel_size(line.layout, &line.width, &line.height);
    return line;
}

static void drop(struct line *line)
{
    g_clear_object(&line->layout);
}

static void write_line(cairo_t *cairo, const struct line *line, double x, double y, unsigned rgb)
{
    if (line->layout == NULL)
        return;
    set_colour(cairo, rgb, 1);
    cairo_move_to(cairo, x, y);
    pango_cairo_show_layout(cairo, line->layout);
}

/* Rounds up to even, but not above `most`. */
static int even(double size, unsigned most)
{
    return MIN(((int)ceil(size) + 1) / 2 * 2, (int)most / 2 * 2);
}

static cairo_surface_t *new_surface(int width, int height)
{
    return cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
}

static void fill_round(cairo_t *cairo, double x, double y, double width, double height,
                       double radius)
{
    cairo_new_path(cairo);
    cairo_arc(cairo, x + width - radius, y + radius, radius, -G_PI_2, 0);
    cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0, G_PI_2);
    cairo_arc(cairo, x + radius, y + height - radius, radius, G_PI_2, G_PI);
    cairo_arc(cairo, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

/* A dark plate, with the accent at its left edge when it is marked. */
static cairo_surface_t *draw_strip(PangoContext *context, const struct label_request *request)
{
    double size = type_size(request), padding = size * 0.55, bar = size * 0.2;
    double room = request->width - 2 * padding - bar;
    struct line name =
        lay_out(context, request->text, (struct style){size, PANGO_WEIGHT_BOLD, 1}, room);
    const char *second = size * 0.72 >= DETAIL_MIN ? request->detail : NULL;
    struct line detail =
        lay_out(context, second, (struct style){size * 0.72, PANGO_WEIGHT_NORMAL, 1}, room);
    cairo_surface_t *surface = NULL;
    int width = even(MAX(name.width, detail.width) + 2 * padding + bar, request->width);
    int height = even(name.height + detail.height + padding * 0.7, request->height);
    if (name.layout == NULL && detail.layout == NULL)
        goto out;
    if (name.height + detail.height > height)
        goto out;
    surface = new_surface(width, height);
    cairo_t *cairo = cairo_create(surface);
    set_colour(cairo, PALETTE_PANEL, PALETTE_PANEL_ALPHA);
    cairo_paint(cairo);
    if (request->is_marked) {
        set_colour(cairo, PALETTE_ACCENT, 1);
        cairo_rectangle(cairo, 0, 0, bar, height);
        cairo_fill(cairo);
    }
    double y = (height - name.height - detail.height) / 2.0;
    write_line(cairo, &name, padding + bar, y, PALETTE_TEXT);
    write_line(cairo, &detail, padding + bar, y + name.height, PALETTE_TEXT_DIM);
    cairo_destroy(cairo);
out:
    drop(&name);
    drop(&detail);
    return surface;
}

static cairo_surface_t *draw_placard(PangoContext *context, const struct label_request *request)
{
    int width = even(request->width, request->width),
        height = even(request->height, request->height);
    double size = type_size(request) * 1.15, room = width - 2 * size;
    struct line name =
        lay_out(context, request->text, (struct style){size, PANGO_WEIGHT_BOLD, 2}, room);
    struct line detail = lay_out(context, request->detail,
                                 (struct style){size * 0.68, PANGO_WEIGHT_NORMAL, 2}, room);
    double gap = detail.layout != NULL && name.layout != NULL ? size * 0.5 : 0;
    double y = (height - name.height - detail.height - gap) / 2.0;
    cairo_surface_t *surface = new_surface(width, height);
    cairo_t *cairo = cairo_create(surface);
    set_colour(cairo, PALETTE_TILE, 1);
    cairo_paint(cairo);
    if (name.layout != NULL)
        pango_layout_set_alignment(name.layout, PANGO_ALIGN_CENTER);
    if (detail.layout != NULL)
        pango_layout_set_alignment(detail.layout, PANGO_ALIGN_CENTER);
    write_line(cairo, &name, size, y, PALETTE_TEXT);
    write_line(cairo, &detail, size, y + name.height + gap, PALETTE_TEXT_DIM);
    if (gap > 0) {
        set_colour(cairo, PALETTE_RULE, 1);
        double rule = MAX(1, size / 16);
        cairo_rectangle(cairo, width / 2.0 - size * 1.5, y + name.height + gap / 2, size * 3, rule);
        cairo_fill(cairo);
    }
    cairo_destroy(cairo);
    drop(&name);
    drop(&detail);
    return surface;
}

static cairo_surface_t *draw_notice(PangoContext *context, const struct label_request *request)
{
    double size = type_size(request), padding = size * 0.7;
    struct line words = lay_out(context, request->text, (struct style){size, PANGO_WEIGHT_BOLD, 1},
                                request->width - 2 * padding);
    cairo_surface_t *surface = NULL;
    int width = even(words.width + 2 * padding, request->width);
    int height = even(words.height + padding, request->height);
    if (words.layout == NULL || words.height > height)
        goto out;
    surface = new_surface(width, height);
    cairo_t *cairo = cairo_create(surface);
    set_colour(cairo, PALETTE_PANEL, PALETTE_PANEL_ALPHA);
    fill_round(cairo, 0, 0, width, height, size * 0.25);
    write_line(cairo, &words, padding, (height - words.height) / 2.0, PALETTE_TEXT);
    cairo_destroy(cairo);
out:
    drop(&words);
    return surface;
}

/* From right to left: the clock, the badge; then the agenda has what is left. */
static cairo_surface_t *draw_header(PangoContext *context, const struct label_request *request)
{
    int width = even(request->width, request->width),
        height = even(request->height, request->height);
    double size = height * 0.5, padding = height * 0.55;
    struct style bold = {size, PANGO_WEIGHT_BOLD, 1};
    struct line clock = lay_out(context, request->detail, bold, width * 0.3);
    struct line badge = lay_out(context, request->badge,
                                (struct style){size * 0.8, PANGO_WEIGHT_BOLD, 1}, width * 0.3);
    double clock_x = width - padding - clock.width;
    double badge_x = clock_x - (clock.layout != NULL ? padding : 0) - size * 0.5 - badge.width;
    double room = badge_x - (badge.layout != NULL ? size * 0.5 + padding : 0) - padding;
    struct line agenda = lay_out(context, request->text, bold, room);
    cairo_surface_t *surface = new_surface(width, height);
    cairo_t *cairo = cairo_create(surface);
    set_colour(cairo, PALETTE_PANEL, request->is_opaque ? 1 : PALETTE_PANEL_ALPHA);
    cairo_paint(cairo);
    write_line(cairo, &agenda, padding, (height - agenda.height) / 2.0, PALETTE_TEXT);
    if (badge.layout != NULL) {
        double plate = MIN(badge.height + size * 0.2, height - 2);
        set_colour(cairo, request->is_marked ? PALETTE_LIVE : PALETTE_IDLE, 1);
        fill_round(cairo, badge_x - size * 0.5, (height - plate) / 2, badge.width + size, plate,
                   size * 0.2);
        write_line(cairo, &badge, badge_x, (height - badge.height) / 2.0, PALETTE_TEXT);
    }
    write_line(cairo, &clock, clock_x, (height - clock.height) / 2.0, PALETTE_TEXT);
    cairo_destroy(cairo);
    drop(&clock);
    drop(&badge);
    drop(&agenda);
    return surface;
}

cairo_surface_t *label_draw(PangoContext *context, const struct label_request *request)
{
    if (request->width < 2 || request->height < 2 || request->frame_height < request->height)
        return NULL;
    switch (request->style) {
    case LABEL_PLACARD:
        return draw_placard(context, request);
    case LABEL_HEADER:
        return draw_header(context, request);
    case LABEL_STRIP:
    case LABEL_NOTICE:
        if (type_size(request) < FONT_SIZE_MIN)
            return NULL;
        return request->style == LABEL_STRIP ? draw_strip(context, request)
                                             : draw_notice(context, request);
    }
    return NULL;
}

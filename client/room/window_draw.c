#include "client/room/window_draw.h"

#include "bridge/video/compose/blit.h"
#include "bridge/video/compose/palette.h"

#include <glib.h>

#define FRAME_PART  90 /* of the height: the frame of a room that is on air */
#define MARGIN_PART 40
#define HEADER_PART 12 /* the meeting's picture has its header above */
#define ON_AIR_RGB  0xc8102e

bool window_page_write(struct window_page *page, const struct window_texts *texts)
{
    const char *const given[PAGE_TEXTS] = {
        [PAGE_TITLE] = texts->title, [PAGE_NAME] = texts->name,     [PAGE_STATE] = texts->state,
        [PAGE_TIME] = texts->time,   [PAGE_NOTICE] = texts->notice, [PAGE_PROMPT] = texts->prompt,
        [PAGE_LOST] = texts->lost,
    };
    bool has_changed = page->is_on_air != texts->is_on_air;
    page->is_on_air = texts->is_on_air;
    for (unsigned i = 0; i < PAGE_TEXTS; i++) {
        if (g_strcmp0(page->texts[i], given[i]) == 0)
            continue;
        g_free(page->texts[i]);
        page->texts[i] = g_strdup(given[i]);
        has_changed = true;
    }
    return has_changed;
}

void window_page_clear(struct window_page *page)
{
    for (unsigned i = 0; i < PAGE_TEXTS; i++)
        g_clear_pointer(&page->texts[i], g_free);
}

static bool has(const struct window_page *page, unsigned text)
{
    return page->texts[text] != NULL && page->texts[text][0] != '\0';
}

/* The meeting's picture, whole, with black where it does not reach. */
static void put_picture(struct picture *to, const struct picture *from)
{
    struct rect all = {0, 0, to->width, to->height};
    struct rect place = rect_fit(all, from->width, from->height);
    blit_fill_around(to, all, place, 0);
    blit_scale(to, place, from);
}

static void put_frame(struct picture *to)
{
    unsigned side = MAX(to->height / FRAME_PART, 2u) & ~1u;
    struct rect all = {0, 0, to->width, to->height};
    blit_fill_around(to, all, rect_shrunk(all, side), ON_AIR_RGB);
}

static void put_placard(struct picture *to, const struct window_page *page, struct labels *labels)
{
    struct label_request request = {
        .style = LABEL_PLACARD,
        .text = has(page, PAGE_TITLE) ? page->texts[PAGE_TITLE] : "Nhịp Cầu",
        .detail = page->texts[PAGE_NAME],
        .width = to->width,
        .height = to->height,
        .frame_height = to->height,
    };
    struct rect all = {0, 0, to->width, to->height};
    const struct label *label = labels_get(labels, &request);
    blit_fill(to, all, 0);
    if (label != NULL)
        blit_label(to, 0, 0, label);
}

/* In the middle, from side to side: under the header of the meeting's picture, or at the foot. */
static void put_strip(struct picture *to, const char *text, const char *detail, bool is_on_top,
                      bool is_marked, struct labels *labels)
{
    unsigned top = to->height / HEADER_PART, margin = to->height / MARGIN_PART;
    struct label_request request = {
        .style = LABEL_STRIP,
        .text = text,
        .detail = detail,
        .width = to->width * 2 / 3,
        .height = to->height / 2,
        .frame_height = to->height,
        .is_marked = is_marked,
    };
    const struct label *label = labels_get(labels, &request);
    if (label == NULL || label->height + top + margin > to->height)
        return;
    unsigned y = is_on_top ? top : to->height - label->height - margin;
    blit_label(to, (to->width - label->width) / 2 & ~1u, y & ~1u, label);
}

static void put_notice(struct picture *to, const char *text, struct labels *labels)
{
    struct label_request request = {
        .style = LABEL_NOTICE,
        .text = text,
        .width = to->width,
        .height = to->height,
        .frame_height = to->height,
    };
    const struct label *label = labels_get(labels, &request);
    if (label != NULL)
        blit_label(to, (to->width - label->width) / 2 & ~1u, (to->height - label->height) / 2 & ~1u,
                   label);
}

void window_draw(struct picture *to, const struct picture *from, const struct window_page *page,
                 struct labels *labels)
{
    if (from != NULL)
        put_picture(to, from);
    else
        put_placard(to, page, labels);
    if (page->is_on_air)
        put_frame(to);
    if (has(page, PAGE_LOST))
        put_notice(to, page->texts[PAGE_LOST], labels);
    if (has(page, PAGE_STATE))
        put_strip(to, page->texts[PAGE_STATE], page->texts[PAGE_TIME], true, page->is_on_air,
                  labels);
    if (has(page, PAGE_PROMPT))
        put_strip(to, page->texts[PAGE_PROMPT], page->texts[PAGE_NOTICE], false, false, labels);
    else if (has(page, PAGE_NOTICE))
        put_strip(to, page->texts[PAGE_NOTICE], NULL, false, false, labels);
}

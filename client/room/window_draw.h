/* What stands in a room's window, drawn: the meeting's picture, and the room's own state upon it.
 *
 * Thread: the window's; a page is filled on the main thread under the window's lock. */
#pragma once

#include "bridge/video/compose/label.h"
#include "client/room/window.h"

enum {
    PAGE_TITLE,
    PAGE_NAME,
    PAGE_STATE,
    PAGE_TIME,
    PAGE_NOTICE,
    PAGE_PROMPT,
    PAGE_LOST,
    PAGE_TEXTS
};

/* The texts, kept. Zero-initialised: empty. */
struct window_page {
    char *texts[PAGE_TEXTS];
    bool is_on_air;
};

/* Whether anything is other than before. */
bool window_page_write(struct window_page *page, const struct window_texts *texts);
void window_page_clear(struct window_page *page);

/* Fills all of `to`. `from`: the meeting's picture; NULL: none has come yet. */
void window_draw(struct picture *to, const struct picture *from, const struct window_page *page,
                 struct labels *labels);

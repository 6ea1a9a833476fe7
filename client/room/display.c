#include "client/room/display.h"

#include "client/room/camera.h"
#include "client/room/texts.h"
#include "common/clock.h"

#include <gst/gst.h>

#define STILL_US 3000000 /* without a frame: the picture is lost, or stands */

struct display {
    const struct options *options;
    struct display_handlers handlers;
    void *arg;
    struct room_pictures pictures;
    struct camera *camera, *slides; /* NULL: none */
    struct window *window;          /* NULL: none */
    char *why;                      /* there is no window; until it has been told */
};

static const char *say(const struct display *display, const char *english)
{
    return texts_say(display->options->is_english, english);
}

/* ---- the window ---- */

static void on_key(const char *key, void *arg)
{
    struct display *display = arg;
    display->handlers.key(key, display->arg);
}

static void on_ended(const char *why, void *arg)
{
    struct display *display = arg;
    if (why == NULL) {
        display->handlers.closed(display->arg);
        return;
    }
    g_free(display->why);
    display->why = g_strdup_printf("%s: %s", say(display, "There is no screen for a window"), why);
}

static void open_window(struct display *display)
{
    static const struct window_handlers handlers = {on_key, on_ended};
    display->pictures.viewer = viewer_new();
    display->window =
        window_new(display->pictures.viewer, display->options->is_full_screen, &handlers, display);
}

/* ---- life ---- */

static bool is_none(const char *source)
{
    return g_strcmp0(source, "none") == 0;
}

struct display *display_new(const struct options *options, struct shard *shard,
                            const struct display_handlers *handlers, void *arg)
{
    bool has_camera = !is_none(options->camera) && (options->has_window || options->camera != NULL);
    bool has_slides = options->slides != NULL && !is_none(options->slides);
    if (!options->has_window && !has_camera && !has_slides)
        return NULL;
    gst_init(NULL, NULL);
    struct display *display = g_new0(struct display, 1);
    display->options = options;
    display->handlers = *handlers;
    display->arg = arg;
    if (has_camera) {
        display->pictures.camera = canvas_new(shard);
        display->camera = camera_new(CAMERA_PERSON, options->camera, display->pictures.camera,
                                     options->is_english);
        camera_shut(display->camera, false);
    }
    if (has_slides) {
        display->pictures.slides = canvas_new(shard);
        canvas_want(display->pictures.slides, G_MAXUINT);
        display->slides = camera_new(CAMERA_SLIDES, options->slides, display->pictures.slides,
                                     options->is_english);
    }
    if (options->has_window)
        open_window(display);
    return display;
}

void display_free(struct display *display)
{
    if (display == NULL)
        return;
    window_free(display->window);
    viewer_free(display->pictures.viewer);
    camera_free(display->camera);
    camera_free(display->slides);
    canvas_free(display->pictures.camera);
    canvas_free(display->pictures.slides);
    g_free(display->why);
    g_free(display);
}

const struct room_pictures *display_pictures(const struct display *display)
{
    return display != NULL ? &display->pictures : NULL;
}

/* ---- its course ---- */

/* The slides come before the camera: they are what is shown. */
void display_follow(struct display *display, uint32_t estimate_bps, int64_t sound_delay_us)
{
    if (display->camera != NULL)
        camera_set_line(display->camera, estimate_bps);
    if (display->slides != NULL)
        camera_set_line(display->slides, estimate_bps);
    if (display->window != NULL)
        window_set_sound_delay(display->window, sound_delay_us);
}

static const char *find_loss(const struct display *display, bool is_connected)
{
    int64_t last_us = viewer_last_us(display->pictures.viewer);
    if (!is_connected)
        return say(display, "No connection: it is being looked for");
    if (last_us != 0 && clock_monotonic_us() - last_us > STILL_US)
        return say(display, "The picture is lost: waiting for it");
    return NULL;
}

void display_write(struct display *display, const struct window_texts *texts, bool is_connected)
{
    if (display->window == NULL)
        return;
    struct window_texts written = *texts;
    written.lost = find_loss(display, is_connected);
    window_write(display->window, &written);
}

const char *display_switch_camera(struct display *display)
{
    if (display == NULL || display->camera == NULL)
        return "There is no camera (--camera)";
    camera_shut(display->camera, !camera_is_shut(display->camera));
    return camera_is_shut(display->camera) ? "The camera is off" : "The camera is on";
}

const char *display_switch_slides(struct display *display)
{
    if (display == NULL || display->slides == NULL)
        return "There is no source of slides (--slides)";
    camera_shut(display->slides, !camera_is_shut(display->slides));
    return camera_is_shut(display->slides) ? "The slides are not shown any more"
                                           : "The slides are being shown. s: stop";
}

static void gather(GString *news, char *text)
{
    if (text != NULL)
        g_string_append_printf(news, "%s%s", news->len > 0 ? " · " : "", text);
    g_free(text);
}

char *display_take_news(struct display *display)
{
    g_autoptr(GString) news = g_string_new(NULL);
    if (display == NULL)
        return NULL;
    if (display->camera != NULL)
        gather(news, camera_take_news(display->camera));
    if (display->slides != NULL)
        gather(news, camera_take_news(display->slides));
    gather(news, g_steal_pointer(&display->why));
    return news->len > 0 ? g_string_free(g_steal_pointer(&news), FALSE) : NULL;
}

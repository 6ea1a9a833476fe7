#include "client/room/camera_source.h"

#include "client/room/device_list.h"

#include <string.h>

/* A camera that can do it gives what is coded at most, as raw pictures or as JPEG; others give what
 * they have. */
#define CAMERA_CAPS                                                                                \
    "video/x-raw,width=1280,height=720,framerate=[20/1,60/1];"                                     \
    "image/jpeg,width=1280,height=720,framerate=[20/1,60/1];"                                      \
    "video/x-raw;image/jpeg"
#define TO_SINK                                                                                    \
    " ! videoconvert ! videoscale add-borders=true ! "                                             \
    "video/x-raw,format=I420,width=%u,height=%u,pixel-aspect-ratio=1/1 ! "                         \
    "appsink name=" CAMERA_SINK " sync=%s max-buffers=2 drop=true"

void camera_tell(GString *news, const char *text)
{
    g_string_append_printf(news, "%s%s", news->len > 0 ? " · " : "", text);
}

static GstElement *parse(const char *front, enum camera_kind kind, bool is_paced, GError **error)
{
    unsigned lines = kind == CAMERA_SLIDES ? 1080 : 720;
    g_autofree char *back =
        g_strdup_printf(TO_SINK, lines * 16 / 9, lines, is_paced ? "true" : "false");
    g_autofree char *all = g_strconcat(front, back, NULL);
    GstElement *pipeline = gst_parse_launch_full(all, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
    return pipeline;
}

/* A picture stands, a film goes on at its pace; which it is, is seen in its name's end. */
static GstElement *open_file(enum camera_kind kind, const char *path, GError **error)
{
    static const char *const stills[] = {".png", ".jpg", ".jpeg"};
    bool is_still = false;
    for (size_t i = 0; i < G_N_ELEMENTS(stills); i++)
        is_still = is_still || g_str_has_suffix(path, stills[i]);
    GstElement *pipeline = parse(
        is_still ? "filesrc name=source ! decodebin ! videoconvert ! imagefreeze is-live=true ! "
                   "video/x-raw,framerate=5/1"
                 : "filesrc name=source ! decodebin",
        kind, !is_still, error);
    if (pipeline == NULL)
        return NULL;
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    g_object_set(source, "location", path, NULL);
    gst_object_unref(source);
    return pipeline;
}

static GstDevice *choose(struct device_list *list, const char *what)
{
    GstDevice *device = NULL;
    if (what == NULL)
        return device_list_default(list, DEVICE_CAMERA);
    device_list_find(list, DEVICE_CAMERA, what, &device, NULL);
    return device;
}

/* The device in front of what a description made. */
static GstElement *open_device(enum camera_kind kind, const char *what, char **name, GError **error)
{
    struct device_list *list = device_list_new(NULL, NULL);
    GstDevice *device = choose(list, what);
    GstElement *pipeline = NULL, *first;
    device_list_free(list);
    if (device == NULL)
        return NULL;
    GstElement *source = gst_device_create_element(device, "camera");
    if (source != NULL)
        pipeline =
            parse("capsfilter name=first caps=\"" CAMERA_CAPS "\" ! decodebin", kind, false, error);
    if (pipeline != NULL) {
        first = gst_bin_get_by_name(GST_BIN(pipeline), "first");
        gst_bin_add(GST_BIN(pipeline), gst_object_ref(source));
        if (!gst_element_link(source, first))
            g_clear_pointer(&pipeline, gst_object_unref);
        gst_object_unref(first);
        *name = device_list_name_of(device);
    }
    g_clear_pointer(&source, gst_object_unref);
    gst_object_unref(device);
    return pipeline;
}

GstElement *camera_source_open(enum camera_kind kind, const char *what, char **name, GError **error)
{
    GstElement *pipeline;
    if (g_strcmp0(what, "test") == 0)
        pipeline = parse("videotestsrc is-live=true pattern=ball ! video/x-raw,framerate=25/1",
                         kind, false, error);
    else if (g_strcmp0(what, "screen") == 0)
        pipeline =
            parse("ximagesrc use-damage=false ! video/x-raw,framerate=5/1", kind, false, error);
    else if (what != NULL && strchr(what, '/') != NULL)
        pipeline = open_file(kind, what, error);
    else
        return open_device(kind, what, name, error);
    if (pipeline != NULL)
        *name = g_strdup(what);
    return pipeline;
}

#include "client/room/device_list.h"

#include "client/room/texts.h"
#include "common/ids.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define SETTLE_MS 300 /* several changes in a row are one: a headset is two devices */

static const char *const classes[] = {"Audio/Source", "Audio/Sink", "Video/Source"};

struct device_list {
    void (*changed)(void *arg);
    void *arg;
    GstDeviceMonitor *monitor;
    guint watch, timer;
};

char *device_list_name_of(GstDevice *device)
{
    char *name = gst_device_get_display_name(device);
    if (name != NULL && text_is_clean(name, false) && name[0] != '\0')
        return name;
    g_free(name);
    return g_strdup("?");
}

/* ---- changes ---- */

static gboolean on_settled(gpointer data)
{
    struct device_list *list = data;
    list->timer = 0;
    list->changed(list->arg);
    return G_SOURCE_REMOVE;
}

static gboolean on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    struct device_list *list = data;
    GstMessageType type = GST_MESSAGE_TYPE(message);
    (void)bus;
    if (list->changed == NULL ||
        (type != GST_MESSAGE_DEVICE_ADDED && type != GST_MESSAGE_DEVICE_REMOVED))
        return G_SOURCE_CONTINUE;
    if (list->timer != 0)
        g_source_remove(list->timer);
    list->timer = g_timeout_add(SETTLE_MS, on_settled, list);
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

/* GStreamer's provider for PulseAudio stumbles over itself when it reports that no server runs
 * (gst-plugins-good 1.22): asked every two seconds, it would fill the log. */
static __thread bool is_asking;

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                  gpointer data)
{
    return is_asking ? G_LOG_WRITER_HANDLED : g_log_writer_default(level, fields, count, data);
}

static void start_monitor(GstDeviceMonitor *monitor)
{
    static bool has_writer;
    if (!has_writer)
        g_log_set_writer_func(write_log, NULL, NULL);
    has_writer = true;
    is_asking = true;
    gst_device_monitor_start(monitor);
    is_asking = false;
}

static GList *ask_monitor(GstDeviceMonitor *monitor)
{
    is_asking = true;
    GList *found = gst_device_monitor_get_devices(monitor);
    is_asking = false;
    return found;
}

static void start(struct device_list *list)
{
    list->monitor = gst_device_monitor_new();
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        gst_device_monitor_add_filter(list->monitor, classes[i], NULL);
    GstBus *bus = gst_device_monitor_get_bus(list->monitor);
    list->watch = gst_bus_add_watch(bus, on_message, list);
    gst_object_unref(bus);
    start_monitor(list->monitor);
}

static void stop(struct device_list *list)
{
    gst_device_monitor_stop(list->monitor);
    g_source_remove(list->watch);
    gst_object_unref(list->monitor);
}

struct device_list *device_list_new(void (*changed)(void *arg), void *arg)
{
    struct device_list *list = g_new0(struct device_list, 1);
    list->changed = changed;
    list->arg = arg;
    start(list);
    return list;
}

void device_list_free(struct device_list *list)
{
    if (list == NULL)
        return;
    if (list->timer != 0)
        g_source_remove(list->timer);
    stop(list);
    g_free(list);
}

void device_list_renew(struct device_list *list)
{
    stop(list);
    start(list);
}

/* ---- looking ---- */

static bool is_monitor(GstDevice *device)
{
    g_autoptr(GstStructure) properties = gst_device_get_properties(device);
    return properties != NULL &&
           g_strcmp0(gst_structure_get_string(properties, "device.class"), "monitor") == 0;
}

static bool is_default(GstDevice *device)
{
    g_autoptr(GstStructure) properties = gst_device_get_properties(device);
    gboolean is_it = FALSE;
    return properties != NULL && gst_structure_get_boolean(properties, "is-default", &is_it) &&
           is_it;
}

/* Of the kind, without outputs' own sound and doubles. */
static GPtrArray *devices_of(struct device_list *list, enum device_kind kind)
{
    GPtrArray *devices = g_ptr_array_new_with_free_func(gst_object_unref);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GList *found = ask_monitor(list->monitor);
    for (GList *each = found; each != NULL; each = each->next) {
        if (!gst_device_has_classes(each->data, classes[kind]) || is_monitor(each->data))
            continue;
        if (g_hash_table_add(names, device_list_name_of(each->data)))
            g_ptr_array_add(devices, gst_object_ref(each->data));
    }
    g_list_free_full(found, gst_object_unref);
    return devices;
}

char **device_list_names(struct device_list *list, enum device_kind kind)
{
    g_autoptr(GPtrArray) devices = devices_of(list, kind);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (unsigned i = 0; i < devices->len; i++)
        g_ptr_array_add(names, device_list_name_of(devices->pdata[i]));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
}

/* As one compares names: whatever the case, and however accents are composed. */
static char *fold(const char *text)
{
    g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    return g_utf8_casefold(normal != NULL ? normal : text, -1);
}

static char *join_names(const GPtrArray *devices)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < devices->len; i++) {
        g_autofree char *name = device_list_name_of(devices->pdata[i]);
        g_string_append_printf(text, "%s\"%s\"", i > 0 ? ", " : "", name);
    }
    return g_string_free(text, FALSE);
}

enum device_match device_list_find(struct device_list *list, enum device_kind kind,
                                   const char *part, GstDevice **device, GError **error)
{
    g_autoptr(GPtrArray) devices = devices_of(list, kind);
    g_autoptr(GPtrArray) matching = g_ptr_array_new();
    g_autofree char *wanted = fold(part);
    *device = NULL;
    for (unsigned i = 0; i < devices->len; i++) {
        g_autofree char *name = device_list_name_of(devices->pdata[i]);
        g_autofree char *folded = fold(name);
        if (strcmp(name, part) == 0) {
            *device = gst_object_ref(devices->pdata[i]);
            return DEVICE_FOUND;
        }
        if (strstr(folded, wanted) != NULL)
            g_ptr_array_add(matching, devices->pdata[i]);
    }
    if (matching->len == 1) {
        *device = gst_object_ref(matching->pdata[0]);
        return DEVICE_FOUND;
    }
    g_autofree char *names = join_names(matching->len > 0 ? matching : devices);
    if (matching->len > 0)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "\"%s\" is part of several devices' names: %s; say more of the one that is "
                    "meant",
                    part, names);
    else
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "there is no device \"%s\"; there %s%s", part,
                    devices->len > 0 ? "are " : "is none", names);
    return matching->len > 0 ? DEVICE_AMBIGUOUS : DEVICE_NOT_FOUND;
}

GstDevice *device_list_default(struct device_list *list, enum device_kind kind)
{
    g_autoptr(GPtrArray) devices = devices_of(list, kind);
    for (unsigned i = 0; i < devices->len; i++) {
        if (is_default(devices->pdata[i]))
            return gst_object_ref(devices->pdata[i]);
    }
    return devices->len > 0 ? gst_object_ref(devices->pdata[0]) : NULL;
}

/* ---- for a person ---- */

static void print_names(struct device_list *list, enum device_kind kind, const char *title)
{
    g_auto(GStrv) names = device_list_names(list, kind);
    printf("%s\n", title);
    for (char **each = names; *each != NULL; each++)
        printf("  %s\n", *each);
}

bool device_list_print(bool is_english, GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return false;
    struct device_list *list = device_list_new(NULL, NULL);
    print_names(list, DEVICE_INPUT, texts_say(is_english, "Microphones (--input)"));
    print_names(list, DEVICE_OUTPUT, texts_say(is_english, "Speakers (--output)"));
    print_names(list, DEVICE_CAMERA, texts_say(is_english, "Cameras (--camera, --slides)"));
    device_list_free(list);
    return true;
}

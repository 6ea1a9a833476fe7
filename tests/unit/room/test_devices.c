/* Devices that come and go, from a provider of the test's own; no sound system is needed. */
#include "client/room/device_list.h"
#include "client/room/devices.h"

#include <string.h>

/* ---- a device ---- */

struct fake_device {
    GstDevice parent;
};
typedef struct fake_device FakeDevice;
typedef GstDeviceClass FakeDeviceClass;
static GType fake_device_get_type(void);
G_DEFINE_TYPE(FakeDevice, fake_device, GST_TYPE_DEVICE)

static GstElement *create_element(GstDevice *device, const char *name)
{
    bool is_input = gst_device_has_classes(device, "Audio/Source");
    GstElement *element = gst_element_factory_make(is_input ? "audiotestsrc" : "fakesink", name);
    if (is_input)
        g_object_set(element, "is-live", TRUE, "volume", 0.1, NULL);
    else
        g_object_set(element, "sync", TRUE, NULL);
    return element;
}

static void fake_device_class_init(FakeDeviceClass *class)
{
    class->create_element = create_element;
}

static void fake_device_init(FakeDevice *device)
{
    (void)device;
}

/* ---- the provider ---- */

typedef GstDeviceProvider FakeProvider;
typedef GstDeviceProviderClass FakeProviderClass;
static GType fake_provider_get_type(void);
G_DEFINE_TYPE(FakeProvider, fake_provider, GST_TYPE_DEVICE_PROVIDER)

static GstDeviceProvider *provider; /* the one that runs; there is one in a process */
static GPtrArray *plugged;          /* of GstDevice */

static gboolean provider_start(GstDeviceProvider *started)
{
    provider = started;
    for (unsigned i = 0; i < plugged->len; i++)
        gst_device_provider_device_add(started, plugged->pdata[i]);
    return TRUE;
}

static void provider_stop(GstDeviceProvider *stopped)
{
    (void)stopped;
    provider = NULL;
}

static void fake_provider_class_init(FakeProviderClass *class)
{
    class->start = provider_start;
    class->stop = provider_stop;
    gst_device_provider_class_set_static_metadata(class, "Test", "Source/Sink/Audio", "Test",
                                                  "Test");
}

static void fake_provider_init(FakeProvider *made)
{
    (void)made;
}

static void plug(const char *name, enum device_kind kind)
{
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple("audio/x-raw");
    GstDevice *device =
        g_object_new(fake_device_get_type(), "display-name", name, "device-class",
                     kind == DEVICE_INPUT ? "Audio/Source" : "Audio/Sink", "caps", caps, NULL);
    g_ptr_array_add(plugged, gst_object_ref_sink(device));
    if (provider != NULL)
        gst_device_provider_device_add(provider, device);
}

static void unplug(const char *name)
{
    for (unsigned i = 0; i < plugged->len; i++) {
        g_autofree char *other = gst_device_get_display_name(plugged->pdata[i]);
        if (strcmp(other, name) != 0)
            continue;
        if (provider != NULL)
            gst_device_provider_device_remove(provider, plugged->pdata[i]);
        g_ptr_array_remove_index(plugged, i);
        return;
    }
    g_assert_not_reached();
}

/* This machine's own devices are no part of it. */
static void use_only_fake_devices(void)
{
    GstRegistry *registry = gst_registry_get();
    GList *factories = gst_registry_get_feature_list(registry, GST_TYPE_DEVICE_PROVIDER_FACTORY);
    for (GList *each = factories; each != NULL; each = each->next)
        gst_registry_remove_feature(registry, each->data);
    gst_plugin_feature_list_free(factories);
    gst_device_provider_register(NULL, "fakeprovider", GST_RANK_PRIMARY, fake_provider_get_type());
    plugged = g_ptr_array_new_with_free_func(gst_object_unref);
}

/* ---- the list ---- */

static void a_part_of_a_name_is_enough(void)
{
    g_autoptr(GError) error = NULL;
    GstDevice *device;
    plug("Micrô USB hội nghị", DEVICE_INPUT);
    plug("Micrô máy tính", DEVICE_INPUT);
    plug("Loa USB hội nghị", DEVICE_OUTPUT);
    struct device_list *list = device_list_new(NULL, NULL);
    g_assert_cmpint(device_list_find(list, DEVICE_INPUT, "usb", &device, &error), ==, DEVICE_FOUND);
    g_autofree char *name = device_list_name_of(device);
    g_assert_cmpstr(name, ==, "Micrô USB hội nghị");
    gst_object_unref(device);
    g_assert_cmpint(device_list_find(list, DEVICE_INPUT, "micrô", &device, &error), ==,
                    DEVICE_AMBIGUOUS);
    g_assert_nonnull(strstr(error->message, "\"Micrô USB hội nghị\", \"Micrô máy tính\""));
    g_clear_error(&error);
    g_assert_cmpint(device_list_find(list, DEVICE_INPUT, "HDMI", &device, &error), ==,
                    DEVICE_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "\"Micrô máy tính\""));
    device_list_free(list);
    g_ptr_array_set_size(plugged, 0);
}

static void a_whole_name_counts_before_a_part(void)
{
    GstDevice *device;
    plug("USB", DEVICE_OUTPUT);
    plug("USB 2", DEVICE_OUTPUT);
    struct device_list *list = device_list_new(NULL, NULL);
    g_assert_cmpint(device_list_find(list, DEVICE_OUTPUT, "USB", &device, NULL), ==, DEVICE_FOUND);
    g_autofree char *name = device_list_name_of(device);
    g_assert_cmpstr(name, ==, "USB");
    gst_object_unref(device);
    device_list_free(list);
    g_ptr_array_set_size(plugged, 0);
}

/* ---- the devices in use ---- */

struct room {
    struct shard *shard;
    struct lines *lines;
    struct line *line;
    struct devices *devices;
};

static const struct cleaner_options no_cleaner;

static struct room room_new(const char *input, const char *output)
{
    struct room room = {.shard = shard_new(0)};
    static struct shard *shards[1];
    g_autoptr(GError) error = NULL;
    struct devices_options options = {
        .input = input, .output = output, .cleaner = no_cleaner, .is_english = true};
    shards[0] = room.shard;
    room.lines = lines_new(shards, 1);
    room.line = line_new(room.lines, 0, false, NULL, NULL);
    room.devices = devices_new(&options, room.line, &error);
    g_assert_no_error(error);
    return room;
}

static void room_free(struct room *room)
{
    devices_free(room->devices);
    line_free(room->line);
    lines_stop(room->lines);
    shard_free(room->shard);
    lines_free(room->lines);
    g_ptr_array_set_size(plugged, 0);
}

static void await_input(const struct room *room, const char *name)
{
    while (g_strcmp0(devices_input_name(room->devices), name) != 0)
        g_main_context_iteration(NULL, TRUE);
}

/* The microphone's own tone comes through. */
static void await_sound(const struct room *room)
{
    while (devices_input_level(room->devices) < -40)
        g_main_context_iteration(NULL, FALSE);
}

static void assert_news(const struct room *room, const char *part)
{
    g_autofree char *news = devices_take_news(room->devices);
    if (news == NULL || strstr(news, part) == NULL)
        g_error("\"%s\" is not in \"%s\"", part, news);
}

static void a_pulled_device_gives_way_and_comes_back(void)
{
    plug("Micrô USB", DEVICE_INPUT);
    plug("Micrô trong máy", DEVICE_INPUT);
    plug("Loa", DEVICE_OUTPUT);
    struct room room = room_new("usb", NULL);
    await_input(&room, "Micrô USB");
    await_sound(&room);
    assert_news(&room, "Microphone: using \"Micrô USB\"");
    unplug("Micrô USB");
    await_input(&room, "Micrô trong máy");
    await_sound(&room);
    assert_news(&room, "\"usb\" is not there, using \"Micrô trong máy\"");
    plug("Micrô USB", DEVICE_INPUT);
    await_input(&room, "Micrô USB");
    await_sound(&room);
    assert_news(&room, "using \"Micrô USB\"");
    room_free(&room);
}

static void without_any_device_it_waits_for_one(void)
{
    struct room room = room_new(NULL, NULL);
    g_assert_null(devices_input_name(room.devices));
    assert_news(&room, "Microphone: there is none, waiting");
    plug("Micrô", DEVICE_INPUT);
    await_input(&room, "Micrô");
    await_sound(&room);
    unplug("Micrô");
    await_input(&room, NULL);
    g_assert_cmpint(devices_input_level(room.devices), ==, -127);
    room_free(&room);
}

static void an_ambiguous_name_is_an_error_at_once(void)
{
    struct room room = room_new("test", "none");
    struct devices_options options = {.input = "micrô", .is_english = true};
    g_autoptr(GError) error = NULL;
    plug("Micrô 1", DEVICE_INPUT);
    plug("Micrô 2", DEVICE_INPUT);
    g_assert_null(devices_new(&options, room.line, &error));
    g_assert_nonnull(strstr(error->message, "Micrô 1"));
    room_free(&room);
}

static void cleaning_is_switched_in_mid_speech(void)
{
    static const struct cleaner_options all = {true, true, true, 0};
    plug("Micrô", DEVICE_INPUT);
    plug("Loa", DEVICE_OUTPUT);
    struct room room = room_new(NULL, NULL);
    await_sound(&room);
    devices_set_cleaner(room.devices, &all);
    while (devices_input_level(room.devices) == -127)
        g_main_context_iteration(NULL, FALSE);
    devices_mute(room.devices, true);
    while (devices_input_level(room.devices) != -127)
        g_main_context_iteration(NULL, FALSE);
    room_free(&room);
}

/* For the suppressions of what libraries leak, whole stacks are needed. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(NULL, NULL);
    use_only_fake_devices();
    g_test_add_func("/devices/a_part_of_a_name_is_enough", a_part_of_a_name_is_enough);
    g_test_add_func("/devices/a_whole_name_counts_before_a_part",
                    a_whole_name_counts_before_a_part);
    g_test_add_func("/devices/a_pulled_device_gives_way_and_comes_back",
                    a_pulled_device_gives_way_and_comes_back);
    g_test_add_func("/devices/without_any_device_it_waits_for_one",
                    without_any_device_it_waits_for_one);
    g_test_add_func("/devices/an_ambiguous_name_is_an_error_at_once",
                    an_ambiguous_name_is_an_error_at_once);
    g_test_add_func("/devices/cleaning_is_switched_in_mid_speech",
                    cleaning_is_switched_in_mid_speech);
    int status = g_test_run();
    g_ptr_array_unref(plugged);
    gst_deinit();
    return status;
}

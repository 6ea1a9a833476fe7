#include "client/room/devices.h"

#include "bridge/audio/level.h"
#include "client/room/device_list.h"
#include "client/room/microphone.h"
#include "client/room/texts.h"
#include "common/queue.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define FRAME_SAMPLES 960
#define FRAME_BYTES   (FRAME_SAMPLES * sizeof(int16_t))
#define RETRY_SECONDS 2                   /* at first */
#define RETRY_MOST    10                  /* once it has lasted */
#define SPEAKER_MOST  (100 * GST_MSECOND) /* that waits for a speaker; the oldest goes */

#define MICROPHONE  "microphone" /* its element's name */
#define TEST_INPUT  "test"
#define NONE_OUTPUT "none"

/* One end: the microphone's or the speaker's. */
struct end {
    enum device_kind kind;
    char *wanted; /* NULL: the system's choice */
    char *name;   /* of the one in use; NULL: none */
    bool is_wanted;
    bool was_told; /* that there is none */
};

struct devices {
    GstElement *pipeline, *source, *sink; /* sink: from the microphone; source: to the speaker */
    GPtrArray *parts;                     /* what else is in the pipeline; borrowed */
    struct line *line;
    struct microphone *microphone; /* the line's */
    struct device_list *list;      /* NULL: neither end is a device */
    struct end input, output;
    struct cleaner_options cleaner;
    bool is_english, has_failed;
    char *fault; /* the last one */
    GString *news;
    guint retry_timer;
    unsigned retries; /* since all was well */
    bool is_gone;
    struct queue *faults; /* from the pipeline's threads */
    atomic_uint build;    /* counts */
    atomic_bool is_muted;
    atomic_int input_level, output_level;
    /* The microphone's thread, another one each time that the pipeline is built: held by it while
     * it is in here. */
    pthread_mutex_t capture;
    int16_t frame[FRAME_SAMPLES];
    size_t filled; /* bytes of `frame` */
};

/* ---- samples ---- */

static void take_frame(struct devices *devices)
{
    bool is_muted = atomic_load(&devices->is_muted);
    atomic_store(&devices->input_level,
                 is_muted ? LEVEL_SILENCE_DBOV : level_dbov(devices->frame, FRAME_SAMPLES));
    if (!is_muted)
        microphone_push(devices->microphone, devices->frame);
}

static void take_samples(struct devices *devices, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t taken = MIN(size, FRAME_BYTES - devices->filled);
        memcpy((uint8_t *)devices->frame + devices->filled, bytes, taken);
        devices->filled += taken;
        bytes += taken;
        size -= taken;
        if (devices->filled < FRAME_BYTES)
            return;
        devices->filled = 0;
        take_frame(devices);
    }
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    struct devices *devices = data;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    GstMapInfo map;
    if (sample == NULL)
        return GST_FLOW_EOS;
    if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        pthread_mutex_lock(&devices->capture);
        take_samples(devices, map.data, map.size);
        pthread_mutex_unlock(&devices->capture);
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

/* The media thread, every 20 ms. While the pipeline is down the source takes nothing. */
static void on_heard(const int16_t samples[FRAME_SAMPLES], void *arg)
{
    struct devices *devices = arg;
    GstBuffer *buffer = gst_buffer_new_memdup(samples, FRAME_BYTES);
    atomic_store(&devices->output_level, level_dbov(samples, FRAME_SAMPLES));
    gst_app_src_push_buffer(GST_APP_SRC(devices->source), buffer);
}

/* ---- news ---- */

static const char *say(const struct devices *devices, const char *english)
{
    return texts_say(devices->is_english, english);
}

static void tell(struct devices *devices, const struct end *end, const char *what)
{
    if (devices->news->len > 0)
        g_string_append(devices->news, " · ");
    g_string_append_printf(devices->news, "%s: %s",
                           say(devices, end->kind == DEVICE_INPUT ? "Microphone" : "Speaker"),
                           what);
}

/* The difference between what was in use and what is. */
static void tell_change(struct devices *devices, const struct end *end, const char *before)
{
    g_autofree char *what = NULL;
    if (end->name == NULL && (before != NULL || !end->was_told))
        what = g_strdup(say(devices, "there is none, waiting for one to be plugged in"));
    else if (end->name == NULL || (g_strcmp0(before, end->name) == 0 && end->is_wanted))
        return;
    else if (!end->is_wanted)
        what = g_strdup_printf(say(devices, "\"%s\" is not there, using \"%s\""), end->wanted,
                               end->name);
    else
        what = g_strdup_printf(say(devices, "using \"%s\""), end->name);
    tell(devices, end, what);
}

/* ---- choosing ---- */

static GstElement *make_tone(void)
{
    GstElement *element = gst_element_factory_make("audiotestsrc", MICROPHONE);
    if (element != NULL)
        g_object_set(element, "is-live", TRUE, "volume", 0.1, NULL);
    return element;
}

static GstElement *make_nothing(void)
{
    GstElement *element = gst_element_factory_make("fakesink", NULL);
    if (element != NULL)
        g_object_set(element, "sync", TRUE, NULL);
    return element;
}

static bool is_artificial(const struct end *end)
{
    return g_strcmp0(end->wanted, end->kind == DEVICE_INPUT ? TEST_INPUT : NONE_OUTPUT) == 0;
}

/* The device that is best now; NULL: none. `is_wanted`: it is what was asked for. */
static GstDevice *choose(struct devices *devices, const struct end *end, bool *is_wanted)
{
    GstDevice *device = NULL;
    *is_wanted = end->wanted == NULL || device_list_find(devices->list, end->kind, end->wanted,
                                                         &device, NULL) == DEVICE_FOUND;
    return device != NULL ? device : device_list_default(devices->list, end->kind);
}

/* Sets the end's name; the element for it, NULL: none. */
static GstElement *make_end(struct devices *devices, struct end *end)
{
    g_autofree char *before = g_steal_pointer(&end->name);
    GstElement *element = NULL;
    if (is_artificial(end)) {
        end->name = g_strdup(end->wanted);
        end->is_wanted = true;
        return end->kind == DEVICE_INPUT ? make_tone() : make_nothing();
    }
    bool was_wanted = end->is_wanted;
    GstDevice *device = choose(devices, end, &end->is_wanted);
    if (device != NULL)
        element = gst_device_create_element(device, end->kind == DEVICE_INPUT ? MICROPHONE : NULL);
    if (element != NULL)
        end->name = device_list_name_of(device);
    g_clear_object(&device);
    if (g_strcmp0(before, end->name) != 0 || was_wanted != end->is_wanted || !end->was_told)
        tell_change(devices, end, before);
    end->was_told = true;
    return element;
}

/* ---- the pipeline ---- */

/* first ! middle ! last, which are the pipeline's from here on. */
static bool add_chain(struct devices *devices, GstElement *first, GstElement *bin, GstElement *last)
{
    GstElement *chain[] = {first, bin, last};
    for (size_t i = 0; i < G_N_ELEMENTS(chain); i++) {
        if (chain[i] == NULL)
            continue;
        gst_bin_add(GST_BIN(devices->pipeline), chain[i]);
        if (chain[i] != devices->source && chain[i] != devices->sink)
            g_ptr_array_add(devices->parts, chain[i]);
    }
    return bin != NULL && gst_element_link_many(first, bin, last, NULL);
}

static GstElement *make_bin(const char *description)
{
    return gst_parse_bin_from_description_full(description, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS,
                                               NULL);
}

static void take_apart(struct devices *devices)
{
    GstElement *ends[] = {devices->source, devices->sink};
    gst_element_set_state(devices->pipeline, GST_STATE_NULL);
    for (unsigned i = 0; i < devices->parts->len; i++)
        gst_bin_remove(GST_BIN(devices->pipeline), devices->parts->pdata[i]);
    g_ptr_array_set_size(devices->parts, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (GST_OBJECT_PARENT(ends[i]) == GST_OBJECT(devices->pipeline))
            gst_bin_remove(GST_BIN(devices->pipeline), ends[i]);
        gst_element_set_state(ends[i], GST_STATE_NULL);
    }
    atomic_store(&devices->input_level, LEVEL_SILENCE_DBOV);
}

/* There is nothing to be cancelled of a tone, or by a speaker that is none. */
static struct cleaner_options cleaner_for(const struct devices *devices)
{
    static const struct cleaner_options nothing;
    struct cleaner_options cleaner = devices->cleaner;
    if (!cleaner_is_available() || is_artificial(&devices->input))
        return nothing;
    cleaner.cancels_echo = cleaner.cancels_echo && devices->input.name != NULL &&
                           devices->output.name != NULL && !is_artificial(&devices->output);
    return cleaner;
}

static gboolean on_retry(gpointer data);

static void retry(struct devices *devices)
{
    if (devices->retry_timer != 0)
        return;
    unsigned seconds = MIN(RETRY_SECONDS + devices->retries / 10, RETRY_MOST);
    devices->retries++;
    devices->retry_timer = g_timeout_add_seconds(seconds, on_retry, devices);
}

static void build(struct devices *devices)
{
    unsigned number = atomic_fetch_add(&devices->build, 1) + 1;
    g_autofree char *probe = g_strdup_printf("speaker-%p-%u", (void *)devices, number);
    take_apart(devices);
    GstElement *microphone = make_end(devices, &devices->input);
    GstElement *speaker = make_end(devices, &devices->output);
    struct cleaner_options cleaner = cleaner_for(devices);
    g_autofree char *inwards = cleaner_describe_microphone(&cleaner, probe);
    g_autofree char *outwards = cleaner_describe_speaker(&cleaner, probe);
    bool is_good = true;
    if (microphone != NULL)
        is_good = add_chain(devices, microphone, make_bin(inwards), devices->sink);
    if (speaker != NULL) {
        GstElement *bin = make_bin(outwards);
        if (bin != NULL)
            cleaner_delay_echo(bin, probe, cleaner.echo_delay_ms);
        is_good = add_chain(devices, devices->source, bin, speaker) && is_good;
    }
    if (microphone != NULL || speaker != NULL)
        is_good = gst_element_set_state(devices->pipeline, GST_STATE_PLAYING) !=
                      GST_STATE_CHANGE_FAILURE &&
                  is_good;
    devices->has_failed = !is_good;
    /* Also for a device that is not there: not every sound system tells when it comes. */
    if (!is_good || microphone == NULL || speaker == NULL || !devices->input.is_wanted ||
        !devices->output.is_wanted)
        retry(devices);
}

/* Whether something better than what is in use has come, or what is in use has gone. */
static bool has_changed(struct devices *devices, const struct end *end)
{
    bool is_wanted;
    if (is_artificial(end))
        return false;
    GstDevice *device = choose(devices, end, &is_wanted);
    g_autofree char *name = device != NULL ? device_list_name_of(device) : NULL;
    g_clear_object(&device);
    return g_strcmp0(name, end->name) != 0;
}

static void reconsider(struct devices *devices)
{
    if (devices->has_failed || has_changed(devices, &devices->input) ||
        has_changed(devices, &devices->output))
        build(devices);
}

static void on_devices_changed(void *arg)
{
    reconsider(arg);
}

static gboolean on_retry(gpointer data)
{
    struct devices *devices = data;
    devices->retry_timer = 0;
    if (devices->list != NULL)
        device_list_renew(devices->list);
    reconsider(devices);
    if (!devices->input.is_wanted || !devices->output.is_wanted || devices->input.name == NULL ||
        devices->output.name == NULL)
        retry(devices);
    if (devices->retry_timer == 0)
        devices->retries = 0;
    return G_SOURCE_REMOVE;
}

/* ---- faults ---- */

struct fault {
    struct devices *devices;
    bool is_of_input;
    unsigned build; /* what the pipeline was then */
    char *message;
};

static void take_fault(void *arg)
{
    struct fault *fault = arg;
    struct devices *devices = fault->devices;
    if (!devices->is_gone && !devices->has_failed && fault->build == devices->build) {
        /* One that fails each time that it is tried says so once. */
        if (g_strcmp0(fault->message, devices->fault) != 0)
            tell(devices, fault->is_of_input ? &devices->input : &devices->output, fault->message);
        g_free(devices->fault);
        devices->fault = g_steal_pointer(&fault->message);
        take_apart(devices);
        g_clear_pointer(&devices->input.name, g_free);
        g_clear_pointer(&devices->output.name, g_free);
        devices->has_failed = true;
        retry(devices);
    }
    g_free(fault->message);
    g_free(fault);
}

static bool is_of_microphone(GstMessage *message)
{
    for (GstObject *each = GST_MESSAGE_SRC(message); each != NULL; each = GST_OBJECT_PARENT(each)) {
        if (g_strcmp0(GST_OBJECT_NAME(each), MICROPHONE) == 0)
            return true;
    }
    return false;
}

/* On whatever thread of GStreamer's has something to say. */
static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    struct devices *devices = data;
    g_autoptr(GError) error = NULL;
    (void)bus;
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) {
        gst_message_unref(message);
        return GST_BUS_DROP;
    }
    gst_message_parse_error(message, &error, NULL);
    struct fault *fault = g_new(struct fault, 1);
    *fault = (struct fault){devices, is_of_microphone(message), atomic_load(&devices->build),
                            g_strdup(error->message)};
    gst_message_unref(message);
    queue_post(devices->faults, take_fault, fault);
    return GST_BUS_DROP;
}

/* ---- life ---- */

static void set_up_apps(struct devices *devices)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(CLEANER_CAPS);
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    devices->sink = gst_object_ref_sink(gst_element_factory_make("appsink", NULL));
    devices->source = gst_object_ref_sink(gst_element_factory_make("appsrc", NULL));
    g_object_set(devices->sink, "caps", caps, "sync", FALSE, "max-buffers", 8, "drop", TRUE, NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(devices->sink), &callbacks, devices, NULL);
    g_object_set(devices->source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE,
                 "do-timestamp", TRUE, "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, "max-time",
                 (guint64)SPEAKER_MOST, NULL);
}

/* A name that could mean several is for the person to mend, now. */
static bool check_name(struct devices *devices, const struct end *end, GError **error)
{
    GstDevice *device = NULL;
    g_autoptr(GError) fault = NULL;
    if (end->wanted == NULL || is_artificial(end) ||
        device_list_find(devices->list, end->kind, end->wanted, &device, &fault) !=
            DEVICE_AMBIGUOUS) {
        g_clear_object(&device);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
}

struct devices *devices_new(const struct devices_options *options, struct line *line,
                            GError **error)
{
    if (!gst_init_check(NULL, NULL, error))
        return NULL;
    struct devices *devices = g_new0(struct devices, 1);
    devices->pipeline = gst_object_ref_sink(gst_pipeline_new("room"));
    devices->parts = g_ptr_array_new();
    devices->news = g_string_new(NULL);
    devices->input = (struct end){.kind = DEVICE_INPUT, .wanted = g_strdup(options->input)};
    devices->output = (struct end){.kind = DEVICE_OUTPUT, .wanted = g_strdup(options->output)};
    devices->cleaner = options->cleaner;
    devices->is_english = options->is_english;
    devices->faults = queue_new();
    queue_attach(devices->faults, NULL);
    pthread_mutex_init(&devices->capture, NULL);
    atomic_init(&devices->is_muted, false);
    atomic_init(&devices->input_level, LEVEL_SILENCE_DBOV);
    atomic_init(&devices->output_level, LEVEL_SILENCE_DBOV);
    set_up_apps(devices);
    if (!is_artificial(&devices->input) || !is_artificial(&devices->output))
        devices->list = device_list_new(on_devices_changed, devices);
    if (!check_name(devices, &devices->input, error) ||
        !check_name(devices, &devices->output, error)) {
        devices_free(devices);
        return NULL;
    }
    GstBus *bus = gst_element_get_bus(devices->pipeline);
    gst_bus_set_sync_handler(bus, on_message, devices, NULL);
    gst_object_unref(bus);
    devices->line = line;
    devices->microphone = line_use_devices(line, on_heard, devices);
    build(devices);
    return devices;
}

void devices_free(struct devices *devices)
{
    if (devices == NULL)
        return;
    if (devices->line != NULL)
        line_drop_devices(devices->line);
    devices->is_gone = true;
    if (devices->retry_timer != 0)
        g_source_remove(devices->retry_timer);
    device_list_free(devices->list);
    take_apart(devices);
    gst_object_unref(devices->pipeline);
    queue_free(devices->faults); /* the pipeline's last words */
    gst_object_unref(devices->sink);
    gst_object_unref(devices->source);
    g_ptr_array_unref(devices->parts);
    g_string_free(devices->news, TRUE);
    g_free(devices->fault);
    g_free(devices->input.wanted);
    g_free(devices->input.name);
    g_free(devices->output.wanted);
    g_free(devices->output.name);
    pthread_mutex_destroy(&devices->capture);
    g_free(devices);
}

void devices_mute(struct devices *devices, bool mutes)
{
    atomic_store(&devices->is_muted, mutes);
}

bool devices_is_muted(const struct devices *devices)
{
    return atomic_load(&devices->is_muted);
}

void devices_set_cleaner(struct devices *devices, const struct cleaner_options *cleaner)
{
    devices->cleaner = *cleaner;
    build(devices);
}

void devices_get_cleaner(const struct devices *devices, struct cleaner_options *cleaner)
{
    *cleaner = devices->cleaner;
}

int devices_input_level(const struct devices *devices)
{
    return atomic_load(&devices->input_level);
}

int devices_output_level(const struct devices *devices)
{
    return atomic_load(&devices->output_level);
}

int64_t devices_output_delay_us(const struct devices *devices)
{
    GstQuery *query = gst_query_new_latency();
    GstClockTime least = 0;
    if (devices->output.name != NULL && gst_element_query(devices->pipeline, query))
        gst_query_parse_latency(query, NULL, &least, NULL);
    gst_query_unref(query);
    return (int64_t)(least / GST_USECOND);
}

const char *devices_input_name(const struct devices *devices)
{
    return devices->input.name;
}

const char *devices_output_name(const struct devices *devices)
{
    return devices->output.name;
}

char *devices_take_news(struct devices *devices)
{
    if (devices->news->len == 0)
        return NULL;
    char *news = g_string_free(devices->news, FALSE);
    devices->news = g_string_new(NULL);
    return news;
}

/* /healthz, /readyz, and /metrics in the Prometheus text format, version 0.0.4. */
#include "signaling/http/alarms.h"
#include "signaling/http/gateway.h"
#include "signaling/http/reply.h"
#include "signaling/http/routes.h"

#include <string.h>

void visit_health(const struct visit *visit)
{
    reply_text(visit->message, SOUP_STATUS_OK, "text/plain; charset=utf-8", "ok\n");
}

void visit_readiness(const struct visit *visit)
{
    const struct media_plane *plane = visit->service->plane;
    bool is_ready = plane != NULL && media_plane_is_ready(plane);
    reply_text(visit->message, is_ready ? SOUP_STATUS_OK : SOUP_STATUS_SERVICE_UNAVAILABLE,
               "text/plain; charset=utf-8", is_ready ? "ready\n" : "the bridge is away\n");
}

static void describe(GString *text, const char *name, const char *type, const char *help)
{
    g_string_append_printf(text, "# HELP nhipcau_%s %s\n# TYPE nhipcau_%s %s\n", name, help, name,
                           type);
}

static void add(GString *text, const char *name, const char *type, const char *help, uint64_t value)
{
    describe(text, name, type, help);
    g_string_append_printf(text, "nhipcau_%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void add_command(const char *method, const char *result, uint64_t count, void *arg)
{
    g_string_append_printf(
        arg, "nhipcau_commands_total{method=\"%s\",result=\"%s\"} %" G_GUINT64_FORMAT "\n", method,
        result, count);
}

/* Counters of a conference, summed over its legs where the bridge has them by leg: rooms are many,
 * and a series for each would be more than the numbers are worth. */
static const struct {
    const char *field, *name, *type, *help;
    enum { OF_CONFERENCE, OF_LEGS, OF_PICTURES } place;
} conference_counters[] = {
    {"ticks", "bridge_ticks_total", "counter", "Audio ticks of 20 ms.", OF_CONFERENCE},
    {"late_ticks", "bridge_late_ticks_total", "counter", "Audio ticks that came late.",
     OF_CONFERENCE},
    {"late_max_us", "bridge_late_max_microseconds", "gauge", "The latest tick so far.",
     OF_CONFERENCE},
    {"encodes", "bridge_encodes_total", "counter", "Frames encoded.", OF_CONFERENCE},
    {"decodes", "bridge_decodes_total", "counter", "Frames decoded.", OF_CONFERENCE},
    {"concealed", "bridge_concealed_total", "counter", "Frames made up for lost packets.",
     OF_CONFERENCE},
    {"stretched", "bridge_stretched_total", "counter", "Times that time was stretched.",
     OF_CONFERENCE},
    {"passed_over", "bridge_passed_over_total", "counter",
     "Frames of speakers that were not among the loudest.", OF_CONFERENCE},
    {"mixed_frames", "bridge_mixed_frames_total", "counter", "Frames mixed.", OF_CONFERENCE},
    {"rtp_received", "bridge_rtp_received_total", "counter", "RTP packets received.", OF_LEGS},
    {"rtp_lost", "bridge_rtp_lost_total", "counter", "RTP packets that rooms sent in vain.",
     OF_LEGS},
    {"rtp_sent", "bridge_rtp_sent_total", "counter", "RTP packets sent.", OF_LEGS},
    {"send_errors", "bridge_send_errors_total", "counter", "Packets that could not be sent.",
     OF_LEGS},
    {"srtp_failures", "bridge_srtp_failures_total", "counter", "Packets that SRTP refused.",
     OF_LEGS},
    {"frames", "bridge_picture_frames_total", "counter", "Composed pictures encoded.", OF_PICTURES},
    {"dropped", "bridge_picture_dropped_total", "counter",
     "Composed pictures that found their encoder lagging.", OF_PICTURES},
    {"key_frames", "bridge_picture_key_frames_total", "counter", "Key frames of them.",
     OF_PICTURES},
    {"late_ticks", "bridge_picture_late_ticks_total", "counter", "Pictures composed too late.",
     OF_PICTURES},
    {"renditions", "bridge_picture_renditions", "gauge", "Renditions encoded just now.",
     OF_PICTURES},
    {"sources", "bridge_picture_sources", "gauge", "Rooms whose pictures are of use.", OF_PICTURES},
};

static json_int_t sum_legs(const json_t *legs, const char *field)
{
    size_t i;
    json_t *leg;
    json_int_t sum = 0;
    json_array_foreach (legs, i, leg)
        sum += json_integer_value(json_object_get(leg, field));
    return sum;
}

static json_int_t read_counter(const json_t *conference, const char *field, int place)
{
    if (place == OF_LEGS)
        return sum_legs(json_object_get(conference, "legs"), field);
    if (place == OF_PICTURES)
        conference = json_object_get(conference, "pictures");
    return json_integer_value(json_object_get(conference, field));
}

/* The bridge counts each tick once; Prometheus wants each bucket to hold those below it. */
static void add_lateness(GString *text, const char *meeting, const json_t *lateness)
{
    static const char name[] = "nhipcau_bridge_tick_lateness_seconds";
    const json_t *buckets = json_object_get(lateness, "buckets");
    json_t *bucket;
    size_t i;
    json_int_t sum = 0;
    json_array_foreach (buckets, i, bucket) {
        const json_t *bound = json_array_get(bucket, 0);
        g_autofree char *le = json_is_integer(bound)
                                  ? g_strdup_printf("%.6f", (double)json_integer_value(bound) / 1e6)
                                  : g_strdup("+Inf");
        sum += json_integer_value(json_array_get(bucket, 1));
        g_string_append_printf(text, "%s_bucket{meeting=\"%s\",le=\"%s\"} %lld\n", name, meeting,
                               le, (long long)sum);
    }
    double seconds = (double)json_integer_value(json_object_get(lateness, "sum_us")) / 1e6;
    g_string_append_printf(text, "%s_sum{meeting=\"%s\"} %.6f\n", name, meeting, seconds);
    g_string_append_printf(text, "%s_count{meeting=\"%s\"} %lld\n", name, meeting, (long long)sum);
}

static void add_bridge(GString *text, const json_t *stats)
{
    const json_t *conferences = json_object_get(stats, "conferences");
    size_t i;
    json_t *conference;
    for (size_t k = 0; k < G_N_ELEMENTS(conference_counters); k++) {
        describe(text, conference_counters[k].name, conference_counters[k].type,
                 conference_counters[k].help);
        json_array_foreach (conferences, i, conference) {
            const char *field = conference_counters[k].field;
            const char *name = json_string_value(json_object_get(conference, "conference"));
            json_int_t value = read_counter(conference, field, conference_counters[k].place);
            if (name != NULL && id_is_slug(name))
                g_string_append_printf(text, "nhipcau_%s{meeting=\"%s\"} %lld\n",
                                       conference_counters[k].name, name, (long long)value);
        }
    }
    describe(text, "bridge_legs", "gauge", "Legs at the bridge.");
    json_array_foreach (conferences, i, conference) {
        const char *name = json_string_value(json_object_get(conference, "conference"));
        if (name != NULL && id_is_slug(name))
            g_string_append_printf(text, "nhipcau_bridge_legs{meeting=\"%s\"} %zu\n", name,
                                   json_array_size(json_object_get(conference, "legs")));
    }
    describe(text, "bridge_tick_lateness_seconds", "histogram",
             "How late the audio ticks of 20 ms began.");
    json_array_foreach (conferences, i, conference) {
        const char *name = json_string_value(json_object_get(conference, "conference"));
        if (name != NULL && id_is_slug(name))
            add_lateness(text, name, json_object_get(conference, "lateness"));
    }
    const char *thread;
    json_t *used;
    describe(text, "bridge_cpu_seconds_total", "counter", "CPU time of the bridge, by thread.");
    json_object_foreach (json_object_get(stats, "cpu_us"), thread, used) {
        if (id_is_slug(thread))
            g_string_append_printf(text, "nhipcau_bridge_cpu_seconds_total{thread=\"%s\"} %.6f\n",
                                   thread, (double)json_integer_value(used) / 1e6);
    }
}

static void add_alarms(GString *text, const struct alarms *alarms)
{
    static const char *const kinds[] = {"unasked", "howl"};
    describe(text, "media_alarms", "gauge", "Rooms whose sound is wrong just now, by kind.");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_string_append_printf(text, "nhipcau_media_alarms{kind=\"%s\"} %u\n", kinds[i],
                               alarms_count(alarms, kinds[i]));
}

void visit_metrics(const struct visit *visit)
{
    struct service *service = visit->service;
    struct gateway_counts sessions = gateway_count(service->gateway);
    struct hub_counts hub = hub_count(service->hub);
    bool is_ready = service->plane != NULL && media_plane_is_ready(service->plane);
    GString *text = g_string_new(NULL);
    add(text, "sessions", "gauge", "WebSockets open.", sessions.sessions);
    add(text, "sessions_attending", "gauge", "Sessions that follow a meeting.",
        attendance_count(service->attendance));
    add(text, "sessions_opened_total", "counter", "WebSockets opened.", sessions.opened);
    add(text, "sessions_lost_total", "counter", "WebSockets that broke or were dropped.",
        sessions.lost);
    add(text, "frames_received_total", "counter", "WebSocket frames received.", sessions.frames);
    add(text, "backlog_bytes", "gauge", "Bytes that wait for slow peers.", sessions.backlog);
    add(text, "meetings", "gauge", "Meetings known.", hub.meetings);
    add(text, "meetings_damaged", "gauge", "Meetings closed for a damaged journal.", hub.damaged);
    add(text, "events_total", "counter", "Events in the journals.", hub.events);
    add(text, "storage_failures_total", "counter", "Commands that could not be stored.",
        hub.storage_failures);
    describe(text, "commands_total", "counter", "Commands by method and result.");
    hub_foreach_command(service->hub, add_command, text);
    add(text, "bridge_up", "gauge", "Whether the bridge is there.", is_ready);
    add_alarms(text, service->alarms);
    if (is_ready && service->bridge_stats != NULL)
        add_bridge(text, service->bridge_stats);
    g_autofree char *all = g_string_free(text, FALSE);
    reply_text(visit->message, SOUP_STATUS_OK, "text/plain; version=0.0.4; charset=utf-8", all);
}

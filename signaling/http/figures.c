#include "signaling/http/figures.h"

#include <string.h>

#define ALL_EVERY 5 /* readings: a wall that was opened meanwhile has everything */

/* A leg's counters at the reading before. */
struct past {
    int64_t at_us;
    json_int_t received, lost, sent, peer_lost, video_bytes;
    json_t *told; /* the last that operators were told; NULL: nothing */
    unsigned reading;
};

struct figures {
    struct attendance *attendance;
    const struct alarms *alarms;
    GHashTable *legs; /* "meeting/leg" -> struct past */
    unsigned reading;
};

static void past_free(void *data)
{
    struct past *past = data;
    json_decref(past->told);
    g_free(past);
}

struct figures *figures_new(struct attendance *attendance, const struct alarms *alarms)
{
    struct figures *figures = g_new0(struct figures, 1);
    figures->attendance = attendance;
    figures->alarms = alarms;
    figures->legs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, past_free);
    return figures;
}

void figures_free(struct figures *figures)
{
    if (figures == NULL)
        return;
    g_hash_table_unref(figures->legs);
    g_free(figures);
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* In per cent, a tenth of which is as fine as one looks; null without a packet. The counters of a
 * new connection begin anew. */
static json_t *share(json_int_t lost, json_int_t all)
{
    if (all <= 0)
        return json_null();
    double per_cent = 100.0 * (double)CLAMP(lost, 0, all) / (double)all;
    return json_real((double)(json_int_t)(per_cent * 10 + 0.5) / 10);
}

static json_t *rate(json_int_t bytes, int64_t us)
{
    return bytes < 0 || us <= 0 ? json_null() : json_integer(bytes * 8000 / us);
}

/* Since `past`, which becomes what is now. */
static json_t *reckon(struct past *past, const json_t *leg, int64_t now_us)
{
    const json_t *video = json_object_get(leg, "video");
    struct past now = {
        .at_us = now_us,
        .received = number(leg, "rtp_received") + number(video, "packets_received"),
        .lost = number(leg, "rtp_lost") + number(video, "lost"),
        .sent = number(leg, "rtp_sent"),
        .peer_lost = number(leg, "peer_lost"),
        .video_bytes = number(video, "bytes_received"),
        .told = past->told,
    };
    json_int_t lost = now.lost - past->lost;
    json_t *figure = json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:o, s:I, s:I}", "site",
        json_string_value(json_object_get(leg, "leg")), "state",
        json_string_value(json_object_get(leg, "state")), "level_dbov", number(leg, "level_dbov"),
        "loss_up", share(lost, now.received - past->received + MAX(lost, 0)), "loss_down",
        share(now.peer_lost - past->peer_lost, now.sent - past->sent), "rtt_ms",
        number(leg, "rtt_us") / 1000, "jitter_ms", number(leg, "jitter_us") / 1000, "kbps_up",
        rate(now.video_bytes - past->video_bytes, now_us - past->at_us), "lines",
        number(video, "height"), "estimate_kbps", number(video, "estimate_bps") / 1000);
    *past = now;
    return figure;
}

/* Adds what is news, or all. */
static void take_leg(struct figures *figures, const char *meeting, const json_t *leg,
                     int64_t now_us, json_t *news)
{
    const char *name = json_string_value(json_object_get(leg, "leg"));
    if (name == NULL)
        return;
    g_autofree char *key = g_strdup_printf("%s/%s", meeting, name);
    struct past *past = g_hash_table_lookup(figures->legs, key);
    bool is_new = past == NULL;
    if (is_new) {
        past = g_new0(struct past, 1);
        past->at_us = now_us;
        g_hash_table_insert(figures->legs, g_steal_pointer(&key), past);
    }
    json_t *figure = reckon(past, leg, now_us);
    past->reading = figures->reading;
    if (is_new || figures->reading % ALL_EVERY == 0 || !json_equal(figure, past->told))
        json_array_append(news, figure);
    json_decref(past->told);
    past->told = figure;
}

static gboolean is_gone(gpointer key, gpointer value, gpointer data)
{
    const struct past *past = value;
    const struct figures *figures = data;
    (void)key;
    return past->reading != figures->reading;
}

void figures_take(struct figures *figures, const json_t *stats, int64_t now_us)
{
    size_t i, k;
    json_t *conference, *leg;
    figures->reading++;
    json_array_foreach (json_object_get(stats, "conferences"), i, conference) {
        const char *meeting = json_string_value(json_object_get(conference, "conference"));
        if (meeting == NULL)
            continue;
        json_t *news = json_array();
        json_array_foreach (json_object_get(conference, "legs"), k, leg)
            take_leg(figures, meeting, leg, now_us, news);
        attendance_notify_operators(figures->attendance, meeting, "media.figures",
                                    json_pack("{s:b, s:o, s:o}", "all",
                                              figures->reading % ALL_EVERY == 0, "legs", news,
                                              "alarms", alarms_describe(figures->alarms, meeting)));
    }
    g_hash_table_foreach_remove(figures->legs, is_gone, figures);
}

#include "bridge/conference.h"

#include "bridge/audio/audio.h"
#include "bridge/member.h"
#include "bridge/record/record.h"
#include "common/log.h"

#include <gio/gio.h>
#include <string.h>

struct declared {
    char *leg, *name;
};

struct conference {
    struct bridge *bridge;
    char *id, *name;
    struct audio *audio;
    GHashTable *members; /* leg -> struct member */
    GPtrArray *declared; /* of struct declared: who may be heard */
    struct recorder *recorder;
    bool is_stopping; /* the recorder is being finished */
    bool is_closed;
    conference_stopped on_stopped;
    void *on_stopped_arg;
    void (*on_closed)(void *arg);
    void *on_closed_arg;
};

static void declared_free(void *data)
{
    struct declared *declared = data;
    g_free(declared->leg);
    g_free(declared->name);
    g_free(declared);
}

struct conference *conference_new(struct bridge *bridge, const char *id, const char *name)
{
    struct conference *conference = g_new0(struct conference, 1);
    struct audio_config audio = {.name = id,
                                 .shards = bridge->shards,
                                 .shard_count = bridge->shard_count,
                                 .bitrate_bps = bridge->bitrate_bps,
                                 .complexity = bridge->complexity};
    conference->bridge = bridge;
    conference->id = g_strdup(id);
    conference->name = g_strdup(name);
    conference->audio = audio_new(&audio);
    conference->members = g_hash_table_new(g_str_hash, g_str_equal);
    conference->declared = g_ptr_array_new_with_free_func(declared_free);
    log_info("conference begins meeting=%s", id);
    return conference;
}

const char *conference_id(const struct conference *conference)
{
    return conference->id;
}

static void conference_free(struct conference *conference)
{
    audio_free(conference->audio);
    g_hash_table_unref(conference->members);
    g_ptr_array_unref(conference->declared);
    if (conference->on_closed != NULL)
        conference->on_closed(conference->on_closed_arg);
    g_free(conference->id);
    g_free(conference->name);
    g_free(conference);
}

/* ---- the floor ---- */

/* Who is declared and here is heard; everybody hears the mix that is his. */
static void refresh_floor(struct conference *conference)
{
    struct audio_speaker speakers[AUDIO_MAX_SPEAKERS];
    unsigned count = conference->declared->len;
    for (unsigned i = 0; i < count; i++) {
        const struct declared *declared = conference->declared->pdata[i];
        struct member *member = g_hash_table_lookup(conference->members, declared->leg);
        speakers[i] = (struct audio_speaker){
            .leg = declared->leg,
            .name = declared->name,
            .inbox = member != NULL ? member_inbox(member) : NULL,
        };
    }
    audio_set_speakers(conference->audio, speakers, count);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        uint32_t stream = audio_listener_stream(conference->audio);
        for (unsigned i = 0; i < count; i++) {
            if (strcmp(speakers[i].leg, member_leg(value)) == 0)
                stream = speakers[i].stream;
        }
        member_listen(value, stream);
    }
}

bool conference_set_floor(struct conference *conference, const json_t *speakers)
{
    size_t index;
    json_t *speaker;
    if (json_array_size(speakers) > AUDIO_MAX_SPEAKERS)
        return false;
    g_ptr_array_set_size(conference->declared, 0);
    json_array_foreach((json_t *)speakers, index, speaker)
    {
        struct declared *declared = g_new0(struct declared, 1);
        declared->leg = g_strdup(json_string_value(json_object_get(speaker, "leg")));
        declared->name = g_strdup(json_string_value(json_object_get(speaker, "name")));
        g_ptr_array_add(conference->declared, declared);
    }
    refresh_floor(conference);
    return true;
}

/* ---- legs ---- */

static void on_member_state(struct member *member, enum leg_state state, void *arg)
{
    struct conference *conference = arg;
    log_info("leg %s meeting=%s leg=%s", leg_state_name(state), conference->id, member_leg(member));
    conference->bridge->notify("leg.state",
                               json_pack("{s:s, s:s, s:s}", "conference", conference->id, "leg",
                                         member_leg(member), "state", leg_state_name(state)),
                               conference->bridge->notify_arg);
}

static void on_member_candidate(struct member *member, const char *candidate, const char *mid,
                                void *arg)
{
    struct conference *conference = arg;
    conference->bridge->notify("leg.candidate",
                               json_pack("{s:s, s:s, s:s, s:s}", "conference", conference->id,
                                         "leg", member_leg(member), "candidate", candidate, "mid",
                                         mid),
                               conference->bridge->notify_arg);
}

static struct member *add_member(struct conference *conference, const char *leg)
{
    struct bridge *bridge = conference->bridge;
    struct member_config config = {
        .conference = conference->id,
        .leg = leg,
        .shard = bridge->shards[bridge->next_shard++ % bridge->shard_count],
        .main_queue = bridge->main_queue,
        .handlers = {on_member_state, on_member_candidate},
        .arg = conference,
    };
    struct member *member = member_new(&config);
    g_hash_table_insert(conference->members, (char *)member_leg(member), member);
    return member;
}

/* The floor is refreshed by the caller: the inbox goes with the member. */
static void drop_member(struct conference *conference, struct member *member)
{
    g_hash_table_remove(conference->members, member_leg(member));
    member_close(member);
}

void conference_offer(struct conference *conference, const char *leg, const char *sdp,
                      conference_answer done, void *arg)
{
    struct sdp_session session;
    g_autoptr(GError) error = NULL;
    bool is_good = sdp_parse(sdp, &session, &error);
    sdp_session_clear(&session);
    if (!is_good) {
        done(NULL, error->message, arg);
        return;
    }
    struct member *member = g_hash_table_lookup(conference->members, leg);
    /* Another certificate is another peer: a page that was loaded anew, another machine. */
    bool is_other = member != NULL && strcmp(member_fingerprint(member), session.fingerprint) != 0;
    bool is_over = member != NULL &&
                   (member_state(member) == LEG_CLOSED || member_state(member) == LEG_FAILED);
    if (is_other || is_over) {
        drop_member(conference, member);
        member = NULL;
    }
    if (member == NULL) {
        member = add_member(conference, leg);
        refresh_floor(conference);
    }
    member_offer(member, sdp, session.fingerprint, done, arg);
}

void conference_candidate(struct conference *conference, const char *leg, const char *candidate,
                          const char *mid)
{
    struct member *member = g_hash_table_lookup(conference->members, leg);
    if (member != NULL)
        member_candidate(member, candidate, mid);
}

void conference_remove_leg(struct conference *conference, const char *leg)
{
    struct member *member = g_hash_table_lookup(conference->members, leg);
    if (member == NULL)
        return;
    drop_member(conference, member);
    refresh_floor(conference);
}

/* ---- recording ---- */

static json_t *recording_place(const struct recorder *recorder)
{
    return json_pack("{s:i, s:s}", "part", (int)recorder_part(recorder), "path",
                     recorder_path(recorder));
}

json_t *conference_start_recording(struct conference *conference, const char *directory,
                                   const char *title, GError **error)
{
    if (conference->recorder != NULL && !conference->is_stopping)
        return recording_place(conference->recorder);
    if (conference->is_stopping) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
                    "the last recording is still being finished");
        return NULL;
    }
    if (recorder_recover(directory, error) == 0 && *error != NULL)
        return NULL;
    conference->recorder = recorder_new(directory, title, error);
    if (conference->recorder == NULL)
        return NULL;
    audio_set_recorder(conference->audio, conference->recorder);
    log_info("recording begins meeting=%s path=%s", conference->id,
             recorder_path(conference->recorder));
    return recording_place(conference->recorder);
}

static void on_recorder_stopped(const struct recorder_result *result, void *arg)
{
    struct conference *conference = arg;
    json_t *place = recording_place(conference->recorder);
    const char *error = result->error != NULL ? result->error->message : NULL;
    json_object_set_new(place, "duration_us", json_integer(result->duration_us));
    conference->recorder = NULL; /* frees itself after this */
    conference->is_stopping = false;
    if (error != NULL)
        log_error("recording: %s meeting=%s", error, conference->id);
    if (conference->on_stopped != NULL)
        conference->on_stopped(place, error, conference->on_stopped_arg);
    conference->on_stopped = NULL;
    json_decref(place);
    if (conference->is_closed) {
        conference->bridge->closing--;
        conference_free(conference);
    }
}

void conference_stop_recording(struct conference *conference, conference_stopped done, void *arg)
{
    if (conference->recorder == NULL || conference->is_stopping) {
        if (done != NULL)
            done(json_null(), NULL, arg);
        return;
    }
    conference->is_stopping = true;
    conference->on_stopped = done;
    conference->on_stopped_arg = arg;
    audio_set_recorder(conference->audio, NULL);
    recorder_stop(conference->recorder, on_recorder_stopped, conference);
}

void conference_close(struct conference *conference, void (*done)(void *arg), void *arg)
{
    GHashTableIter iter;
    gpointer value;
    log_info("conference ends meeting=%s", conference->id);
    conference->is_closed = true;
    conference->on_closed = done;
    conference->on_closed_arg = arg;
    audio_set_speakers(conference->audio, NULL, 0);
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        g_hash_table_iter_remove(&iter);
        member_close(value);
    }
    if (conference->recorder == NULL) {
        conference_free(conference);
        return;
    }
    conference->bridge->closing++;
    if (!conference->is_stopping)
        conference_stop_recording(conference, NULL, NULL);
}

/* ---- descriptions ---- */

static json_t *describe_legs(const struct conference *conference, bool with_counters)
{
    json_t *legs = json_array();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct leg_counters counters;
        json_t *leg = json_pack("{s:s, s:s}", "leg", member_leg(value), "state",
                                leg_state_name(member_state(value)));
        json_array_append_new(legs, leg);
        if (!with_counters)
            continue;
        member_counters(value, &counters);
        json_t *numbers = json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "rtp_received",
            (json_int_t)counters.rtp_received, "rtp_lost", (json_int_t)counters.rtp_lost,
            "rtp_sent", (json_int_t)counters.rtp_sent, "send_errors",
            (json_int_t)counters.send_errors, "srtp_failures", (json_int_t)counters.srtp_failures,
            "jitter_us", (json_int_t)counters.jitter_us, "rtt_us", (json_int_t)counters.rtt_us,
            "peer_lost", (json_int_t)counters.peer_lost, "level_dbov", counters.level_dbov);
        json_object_update_new(leg, numbers);
    }
    return legs;
}

json_t *conference_describe(const struct conference *conference)
{
    json_t *speakers = json_array();
    for (unsigned i = 0; i < conference->declared->len; i++) {
        const struct declared *declared = conference->declared->pdata[i];
        json_array_append_new(speakers, json_string(declared->leg));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "conference", conference->id, "recording",
                     conference->recorder != NULL && !conference->is_stopping, "speakers", speakers,
                     "legs", describe_legs(conference, false));
}

json_t *conference_stats(const struct conference *conference)
{
    struct audio_counters counters;
    audio_counters(conference->audio, &counters);
    return json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o}", "conference",
        conference->id, "ticks", (json_int_t)counters.ticks, "late_ticks",
        (json_int_t)counters.late_ticks, "late_max_us", (json_int_t)counters.late_max_us, "encodes",
        (json_int_t)counters.encodes, "decodes", (json_int_t)counters.decodes, "concealed",
        (json_int_t)counters.concealed, "mixed_frames", (json_int_t)counters.mixed_frames,
        "dropped_frames", (json_int_t)counters.dropped_frames, "audio_cpu_us",
        (json_int_t)counters.cpu_us, "speakers", (int)conference->declared->len, "legs",
        describe_legs(conference, true));
}

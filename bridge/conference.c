#include "bridge/conference.h"

#include "bridge/audio/audio.h"
#include "bridge/member.h"
#include "bridge/pictures.h"
#include "bridge/recording.h"
#include "bridge/sound_watch.h"
#include "common/clock.h"
#include "common/log.h"

#include <string.h>

struct declared {
    char *leg, *name;
};

enum apart { APART_NOT, APART_SILENT, APART_TALKING };

struct conference {
    struct bridge *bridge;
    char *id, *name;
    struct audio *audio;
    struct recording *recording;
    struct pictures *pictures;
    struct sound_watch *watch;
    GHashTable *members; /* leg -> struct member */
    GPtrArray *declared; /* of struct declared: who may be heard */
    GHashTable *apart;   /* leg -> enum apart: who hears nothing of the conference */
    struct audio *aside; /* the sound of those who talk apart; NULL: nobody has yet */
    int64_t epoch_us;    /* of the timeline that both sounds share */
    bool is_closed;
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

static void conference_free(struct conference *conference)
{
    sound_watch_free(conference->watch);
    recording_free(conference->recording);
    audio_free(conference->audio);
    audio_free(conference->aside);
    pictures_free(conference->pictures);
    g_hash_table_unref(conference->apart);
    g_hash_table_unref(conference->members);
    g_ptr_array_unref(conference->declared);
    if (conference->on_closed != NULL)
        conference->on_closed(conference->on_closed_arg);
    g_free(conference->id);
    g_free(conference->name);
    g_free(conference);
}

static void on_recording_idle(void *arg)
{
    struct conference *conference = arg;
    struct bridge *bridge = conference->bridge;
    if (!conference->is_closed)
        return;
    bridge->closing--;
    conference_free(conference);
    bridge->finished(bridge->arg);
}

static struct audio *make_sound(const struct conference *conference)
{
    struct bridge *bridge = conference->bridge;
    struct audio_config audio = {.name = conference->id,
                                 .shards = bridge->shards,
                                 .shard_count = bridge->shard_count,
                                 .bitrate_bps = bridge->bitrate_bps,
                                 .complexity = bridge->complexity,
                                 .tuning = bridge->tuning,
                                 .epoch_us = conference->epoch_us};
    return audio_new(&audio);
}

static enum apart apart_of(const struct conference *conference, const char *leg)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(conference->apart, leg));
}

/* Who is apart sees nothing of the conference either. */
static bool may_see(const struct member *member, void *arg)
{
    const struct conference *conference = arg;
    return apart_of(conference, member_leg(member)) == APART_NOT;
}

static bool is_declared(const struct conference *conference, const char *leg);

static bool may_speak(const struct member *member, void *arg)
{
    const struct conference *conference = arg;
    const char *leg = member_leg(member);
    return is_declared(conference, leg) || apart_of(conference, leg) != APART_NOT;
}

static void tell_sound(const char *leg, const char *state, int level_dbov, void *arg)
{
    const struct conference *conference = arg;
    log_info("sound %s meeting=%s leg=%s level_dbov=%d", state, conference->id, leg, level_dbov);
    conference->bridge->notify("leg.sound",
                               json_pack("{s:s, s:s, s:s, s:i}", "conference", conference->id,
                                         "leg", leg, "state", state, "level_dbov", level_dbov),
                               conference->bridge->arg);
}

static struct sound_watch *make_watch(struct conference *conference)
{
    struct sound_watch_config config = {.members = conference->members,
                                        .audio = conference->audio,
                                        .may_speak = may_speak,
                                        .told = tell_sound,
                                        .arg = conference};
    return sound_watch_new(&config);
}

struct conference *conference_new(struct bridge *bridge, const char *id, const char *name)
{
    struct conference *conference = g_new0(struct conference, 1);
    conference->bridge = bridge;
    conference->id = g_strdup(id);
    conference->name = g_strdup(name);
    conference->epoch_us = clock_monotonic_us();
    conference->audio = make_sound(conference);
    conference->apart = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    conference->members = g_hash_table_new(g_str_hash, g_str_equal);
    conference->pictures = pictures_new(bridge, id, conference->members, may_see, conference);
    conference->recording = recording_new(bridge, conference->audio, conference->pictures, id,
                                          on_recording_idle, conference);
    conference->declared = g_ptr_array_new_with_free_func(declared_free);
    conference->watch = make_watch(conference);
    log_info("conference begins meeting=%s", id);
    return conference;
}

const char *conference_id(const struct conference *conference)
{
    return conference->id;
}

/* ---- the floor ---- */

static bool is_declared(const struct conference *conference, const char *leg)
{
    for (unsigned i = 0; i < conference->declared->len; i++) {
        const struct declared *declared = conference->declared->pdata[i];
        if (strcmp(declared->leg, leg) == 0)
            return true;
    }
    return false;
}

static json_t *describe_measures(const struct line_test_measures *measures)
{
    return json_pack(
        "{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "milliseconds", (int)measures->milliseconds,
        "sound_packets", (json_int_t)measures->sound_packets, "sound_lost",
        (json_int_t)measures->sound_lost, "jitter_us", (json_int_t)measures->jitter_us, "rtt_us",
        (json_int_t)measures->rtt_us, "pings", (json_int_t)measures->pings, "pings_lost",
        (json_int_t)measures->pings_lost, "echo_frames", (json_int_t)measures->echo_frames);
}

static void tell_line_test_ended(struct conference *conference, const char *leg, const char *reason,
                                 const struct line_test_measures *measures)
{
    json_t *params =
        json_pack("{s:s, s:s, s:s}", "conference", conference->id, "leg", leg, "reason", reason);
    if (measures != NULL)
        json_object_set_new(params, "measures", describe_measures(measures));
    conference->bridge->notify("line.ended", params, conference->bridge->arg);
}

/* Who is to be heard is not talking to himself. */
static void end_line_test(struct conference *conference, struct member *member)
{
    if (!member_is_testing(member))
        return;
    member_stop_line_test(member, NULL, NULL);
    tell_line_test_ended(conference, member_leg(member), "floor", NULL);
}

/* Sets whom one sound is made of, and has each of them hear the mix without himself. */
static void set_speakers(struct audio *audio, struct member *const *members,
                         struct audio_speaker *speakers, unsigned count)
{
    audio_set_speakers(audio, speakers, count);
    for (unsigned i = 0; i < count; i++)
        member_listen(members[i], speakers[i].stream);
}

/* Who is declared, here and not apart is heard. */
static void refresh_speakers(struct conference *conference)
{
    struct audio_speaker speakers[AUDIO_MAX_SPEAKERS];
    struct member *members[AUDIO_MAX_SPEAKERS];
    unsigned count = 0;
    for (unsigned i = 0; i < conference->declared->len; i++) {
        const struct declared *declared = conference->declared->pdata[i];
        struct member *member = g_hash_table_lookup(conference->members, declared->leg);
        if (member == NULL || apart_of(conference, declared->leg) != APART_NOT)
            continue;
        end_line_test(conference, member);
        members[count] = member;
        speakers[count++] = (struct audio_speaker){
            .leg = declared->leg, .name = declared->name, .inbox = member_inbox(member)};
    }
    set_speakers(conference->audio, members, speakers, count);
    pictures_set_speakers(conference->pictures, members, count);
}

/* Those who talk apart hear each other. */
static void refresh_aside(struct conference *conference)
{
    struct audio_speaker speakers[AUDIO_MAX_SPEAKERS];
    struct member *members[AUDIO_MAX_SPEAKERS];
    unsigned count = 0;
    GHashTableIter iter;
    gpointer leg, apart;
    g_hash_table_iter_init(&iter, conference->apart);
    while (g_hash_table_iter_next(&iter, &leg, &apart) && count < AUDIO_MAX_SPEAKERS) {
        struct member *member = g_hash_table_lookup(conference->members, leg);
        if (member == NULL || GPOINTER_TO_INT(apart) != APART_TALKING)
            continue;
        end_line_test(conference, member);
        members[count] = member;
        speakers[count++] =
            (struct audio_speaker){.leg = leg, .name = leg, .inbox = member_inbox(member)};
    }
    if (count > 0 && conference->aside == NULL)
        conference->aside = make_sound(conference);
    if (conference->aside != NULL)
        set_speakers(conference->aside, members, speakers, count);
}

/* What a leg that does not speak hears. */
static void listen(struct conference *conference, struct member *member)
{
    const char *leg = member_leg(member);
    enum apart apart = apart_of(conference, leg);
    if (apart == APART_SILENT)
        member_listen(member, 0);
    else if (apart == APART_NOT && !is_declared(conference, leg))
        member_listen(member, audio_listener_stream(conference->audio));
}

static void refresh_floor(struct conference *conference)
{
    GHashTableIter iter;
    gpointer value;
    refresh_speakers(conference);
    refresh_aside(conference);
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        listen(conference, value);
}

static void read_apart(GHashTable *apart, const json_t *groups)
{
    size_t i, j;
    json_t *group, *leg;
    json_array_foreach ((json_t *)groups, i, group) {
        bool talk = json_is_true(json_object_get(group, "talk"));
        json_array_foreach (json_object_get(group, "legs"), j, leg)
            g_hash_table_insert(apart, g_strdup(json_string_value(leg)),
                                GINT_TO_POINTER(talk ? APART_TALKING : APART_SILENT));
    }
}

static bool talks(GHashTable *apart, const char *leg)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(apart, leg)) == APART_TALKING;
}

static bool has_talker_unlike(GHashTable *one, GHashTable *other)
{
    GHashTableIter iter;
    gpointer leg;
    g_hash_table_iter_init(&iter, one);
    while (g_hash_table_iter_next(&iter, &leg, NULL)) {
        if (talks(one, leg) != talks(other, leg))
            return true;
    }
    return false;
}

/* A leg's inbox is read by one sound at a time: whoever goes from one to the other is first in
 * neither. */
static void let_talkers_go(struct conference *conference, GHashTable *apart)
{
    GHashTableIter iter;
    gpointer leg;
    g_hash_table_iter_init(&iter, apart);
    while (g_hash_table_iter_next(&iter, &leg, NULL)) {
        if (apart_of(conference, leg) == APART_NOT)
            g_hash_table_insert(conference->apart, g_strdup(leg), GINT_TO_POINTER(APART_SILENT));
    }
    refresh_speakers(conference);
    audio_settle(conference->audio);
    if (conference->aside != NULL) {
        audio_set_speakers(conference->aside, NULL, 0);
        audio_settle(conference->aside);
    }
}

static void set_apart(struct conference *conference, const json_t *groups)
{
    GHashTable *apart = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    read_apart(apart, groups);
    if (has_talker_unlike(apart, conference->apart) || has_talker_unlike(conference->apart, apart))
        let_talkers_go(conference, apart);
    g_hash_table_unref(conference->apart);
    conference->apart = apart;
}

bool conference_set_floor(struct conference *conference, const json_t *speakers,
                          const json_t *apart)
{
    size_t index;
    json_t *speaker;
    if (json_array_size(speakers) > AUDIO_MAX_SPEAKERS)
        return false;
    set_apart(conference, apart);
    g_ptr_array_set_size(conference->declared, 0);
    json_array_foreach ((json_t *)speakers, index, speaker) {
        struct declared *declared = g_new0(struct declared, 1);
        declared->leg = g_strdup(json_string_value(json_object_get(speaker, "leg")));
        declared->name = g_strdup(json_string_value(json_object_get(speaker, "name")));
        g_ptr_array_add(conference->declared, declared);
    }
    refresh_floor(conference);
    return true;
}

bool conference_set_scene(struct conference *conference, json_t *scene, char why[160])
{
    return pictures_declare(conference->pictures, scene, why);
}

bool conference_preview(struct conference *conference, const char *leg, const char *layout,
                        const json_t *assigned, unsigned page, char why[160])
{
    if (layout != NULL)
        return pictures_preview(conference->pictures, leg, layout, assigned, page, why);
    pictures_end_preview(conference->pictures, leg);
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
                               conference->bridge->arg);
}

static void on_member_candidate(struct member *member, const char *candidate, const char *mid,
                                void *arg)
{
    struct conference *conference = arg;
    conference->bridge->notify("leg.candidate",
                               json_pack("{s:s, s:s, s:s, s:s}", "conference", conference->id,
                                         "leg", member_leg(member), "candidate", candidate, "mid",
                                         mid),
                               conference->bridge->arg);
}

static void on_line_tested(struct member *member, const struct line_test_measures *measures,
                           void *arg)
{
    tell_line_test_ended(arg, member_leg(member), "time", measures);
}

static void on_keyframe_needed(struct member *member, unsigned medium, uint32_t stream, void *arg)
{
    struct conference *conference = arg;
    (void)member;
    (void)medium;
    pictures_keyframe(conference->pictures, stream);
}

static unsigned least_loaded_shard(const struct bridge *bridge)
{
    unsigned least = 0;
    for (unsigned i = 1; i < bridge->shard_count; i++) {
        if (bridge->shard_legs[i] < bridge->shard_legs[least])
            least = i;
    }
    return least;
}

/* A leg has come or gone. Most only listen, and leave the floor as it is. */
static void settle_floor(struct conference *conference, const char *leg)
{
    struct member *member = g_hash_table_lookup(conference->members, leg);
    if (is_declared(conference, leg) || apart_of(conference, leg) == APART_TALKING)
        refresh_floor(conference);
    else if (member != NULL)
        listen(conference, member);
    pictures_end_preview(conference->pictures, leg);
    pictures_settle(conference->pictures, leg);
}

static struct member *add_member(struct conference *conference, const char *leg)
{
    struct bridge *bridge = conference->bridge;
    unsigned shard = least_loaded_shard(bridge);
    struct member_config config = {
        .conference = conference->id,
        .leg = leg,
        .shard = bridge->shards[shard],
        .shard_index = shard,
        .network = bridge->network,
        .main_queue = bridge->main_queue,
        .handlers = {on_member_state, on_member_candidate, on_line_tested, on_keyframe_needed},
        .arg = conference,
    };
    struct member *member = member_new(&config);
    bridge->shard_legs[shard]++;
    g_hash_table_insert(conference->members, (char *)member_leg(member), member);
    return member;
}

/* Its place in `members` and in the floor is the caller's to clear. */
static void close_member(struct conference *conference, struct member *member)
{
    conference->bridge->shard_legs[member_shard(member)]--;
    member_close(member);
}

/* Another peer: a page that was loaded anew, another machine. The same one restarts ICE, unless
 * there is nothing left to be restarted. */
static bool must_replace(const struct member *member, const struct sdp_session *offer)
{
    return member_is_another(member, offer) || member_is_over(member);
}

/* The member that the offer is of; another than before when it must be. */
static struct member *member_for(struct conference *conference, const char *leg,
                                 const struct sdp_session *offer)
{
    struct member *old = g_hash_table_lookup(conference->members, leg);
    if (old != NULL && !must_replace(old, offer))
        return old;
    if (old != NULL)
        g_hash_table_remove(conference->members, leg);
    struct member *member = add_member(conference, leg);
    settle_floor(conference, leg);
    if (old != NULL)
        close_member(conference, old);
    return member;
}

void conference_offer(struct conference *conference, const char *leg, const char *sdp,
                      conference_answer done, void *arg)
{
    struct sdp_session session;
    g_autoptr(GError) error = NULL;
    if (sdp_parse(sdp, SDP_OFFER, &session, &error)) {
        struct member *member = member_for(conference, leg, &session);
        member_offer(member, sdp, &session, done, arg);
        pictures_settle(conference->pictures, leg); /* now that it is known what it takes */
    } else {
        done(NULL, error->message, arg);
    }
    sdp_session_clear(&session);
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
    g_hash_table_remove(conference->members, leg);
    settle_floor(conference, leg);
    close_member(conference, member);
}

bool conference_has_connected_legs(const struct conference *conference)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (member_state(value) == LEG_CONNECTED)
            return true;
    }
    return false;
}

/* ---- line tests ---- */

bool conference_start_line_test(struct conference *conference, const char *leg, uint32_t peer_ssrc,
                                unsigned seconds, unsigned load_kbps_max, uint32_t *ssrc,
                                const char **why)
{
    struct member *member = g_hash_table_lookup(conference->members, leg);
    *why = NULL;
    if (member == NULL || member_state(member) != LEG_CONNECTED)
        *why = "the media is not connected";
    else if (is_declared(conference, leg) || talks(conference->apart, leg))
        *why = "the line is not tested while its room may be heard";
    if (*why != NULL)
        return false;
    log_info("line test begins meeting=%s leg=%s", conference->id, leg);
    *ssrc = member_start_line_test(member, peer_ssrc, seconds, load_kbps_max);
    return true;
}

struct measuring {
    void (*done)(const json_t *measures, void *arg);
    void *arg;
};

static void on_line_measured(const struct line_test_measures *measures, void *arg)
{
    struct measuring *measuring = arg;
    json_t *described = measures != NULL ? describe_measures(measures) : NULL;
    measuring->done(described, measuring->arg);
    json_decref(described);
    g_free(measuring);
}

void conference_stop_line_test(struct conference *conference, const char *leg,
                               void (*done)(const json_t *measures, void *arg), void *arg)
{
    struct member *member = g_hash_table_lookup(conference->members, leg);
    if (member == NULL) {
        done(NULL, arg);
        return;
    }
    struct measuring *measuring = g_new(struct measuring, 1);
    *measuring = (struct measuring){done, arg};
    member_stop_line_test(member, on_line_measured, measuring);
}

unsigned conference_count_line_tests(const struct conference *conference)
{
    unsigned count = 0;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        count += member_is_testing(value);
    return count;
}

/* ---- recording, the end ---- */

struct recording *conference_recording(const struct conference *conference)
{
    return conference->recording;
}

void conference_close(struct conference *conference, void (*done)(void *arg), void *arg)
{
    GHashTableIter iter;
    gpointer value;
    log_info("conference ends meeting=%s", conference->id);
    conference->on_closed = done;
    conference->on_closed_arg = arg;
    g_clear_pointer(&conference->watch, sound_watch_free);
    audio_set_speakers(conference->audio, NULL, 0);
    if (conference->aside != NULL)
        audio_set_speakers(conference->aside, NULL, 0);
    pictures_end(conference->pictures);
    g_hash_table_iter_init(&iter, conference->members);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        g_hash_table_iter_remove(&iter);
        close_member(conference, value);
    }
    if (recording_is_idle(conference->recording)) {
        conference_free(conference);
        return;
    }
    conference->is_closed = true;
    conference->bridge->closing++;
    recording_stop(conference->recording, NULL, NULL);
}

/* ---- descriptions ---- */

static json_t *describe_video(const struct leg_counters *counters)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:I}",
                     "packets_received", (json_int_t)counters->video_packets_received,
                     "bytes_received", (json_int_t)counters->video_bytes_received, "packets_sent",
                     (json_int_t)counters->video_packets_sent, "frames",
                     (json_int_t)counters->video_frames, "lost", (json_int_t)counters->video_lost,
                     "nacks_sent", (json_int_t)counters->video_nacks_sent, "repairs_received",
                     (json_int_t)counters->video_repairs_received, "repairs_sent",
                     (json_int_t)counters->video_repairs_sent, "restarts",
                     (json_int_t)counters->video_restarts, "keyframe_requests",
                     (json_int_t)counters->video_keyframe_requests, "width",
                     (int)counters->video_width, "height", (int)counters->video_height,
                     "estimate_bps", (json_int_t)counters->estimate_bps);
}

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
        json_object_set_new(leg, "wanted", pictures_hint(conference->pictures, value));
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
        json_object_set_new(leg, "video", describe_video(&counters));
    }
    return legs;
}

json_t *conference_describe(const struct conference *conference)
{
    unsigned part = recording_part(conference->recording);
    json_t *speakers = json_array();
    for (unsigned i = 0; i < conference->declared->len; i++) {
        const struct declared *declared = conference->declared->pdata[i];
        json_array_append_new(speakers, json_string(declared->leg));
    }
    return json_pack("{s:s, s:b, s:o, s:o, s:o}", "conference", conference->id, "recording",
                     part != 0, "part", part != 0 ? json_integer(part) : json_null(), "speakers",
                     speakers, "legs", describe_legs(conference, false));
}

/* A histogram as Prometheus has it, but not summed up: {sum_us, buckets: [[up to us, ticks]]}; the
 * last has no bound. */
static json_t *describe_lateness(const struct audio_counters *counters)
{
    json_t *buckets = json_array();
    for (int i = 0; i < AUDIO_LATENESS_BUCKETS; i++) {
        bool is_last = i == AUDIO_LATENESS_BUCKETS - 1;
        json_array_append_new(
            buckets, json_pack("[o, I]", is_last ? json_null() : json_integer(AUDIO_LATENESS_US(i)),
                               (json_int_t)counters->lateness[i]));
    }
    return json_pack("{s:I, s:o}", "sum_us", (json_int_t)counters->lateness_sum_us, "buckets",
                     buckets);
}

json_t *conference_stats(const struct conference *conference)
{
    struct audio_counters counters;
    audio_counters(conference->audio, &counters);
    json_t *stats = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o}", "conference",
        conference->id, "relay_cpu_us", (json_int_t)pictures_cpu_us(conference->pictures), "ticks",
        (json_int_t)counters.ticks, "late_ticks", (json_int_t)counters.late_ticks, "late_max_us",
        (json_int_t)counters.late_max_us, "encodes", (json_int_t)counters.encodes, "decodes",
        (json_int_t)counters.decodes, "concealed", (json_int_t)counters.concealed, "mixed_frames",
        (json_int_t)counters.mixed_frames, "dropped_frames", (json_int_t)counters.dropped_frames,
        "audio_cpu_us", (json_int_t)counters.cpu_us, "speakers", (int)conference->declared->len,
        "legs", describe_legs(conference, true));
    json_object_set_new(stats, "passed_over", json_integer((json_int_t)counters.passed_over));
    json_object_set_new(stats, "stretched", json_integer((json_int_t)counters.stretched));
    json_object_set_new(stats, "lateness", describe_lateness(&counters));
    json_object_set_new(stats, "pictures", pictures_stats(conference->pictures));
    return stats;
}

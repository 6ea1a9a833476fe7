#include "signaling/minutes/fold.h"

#include "common/clock.h"

#include <string.h>

static void part_clear(void *data)
{
    g_free(((struct recorded_part *)data)->path);
}

void minutes_fold_init(struct minutes_fold *fold)
{
    memset(fold, 0, sizeof *fold);
    fold->meeting = json_object();
    fold->chair = json_null();
    fold->delegations = json_array();
    fold->pauses = json_array();
    fold->attendance = json_array();
    fold->rollcalls = json_array();
    fold->agenda = json_array();
    fold->speeches = json_array();
    fold->not_granted = json_array();
    fold->votes = json_array();
    fold->notes = json_array();
    fold->directives = json_array();
    fold->incidents = json_array();
    fold->secretary = json_null();
    fold->opinions = json_array();
    fold->consults = json_array();
    fold->requests = json_object();
    fold->parts = g_array_new(FALSE, FALSE, sizeof(struct recorded_part));
    g_array_set_clear_func(fold->parts, part_clear);
}

void minutes_fold_clear(struct minutes_fold *fold)
{
    json_decref(fold->meeting);
    json_decref(fold->chair);
    json_decref(fold->delegations);
    json_decref(fold->pauses);
    json_decref(fold->attendance);
    json_decref(fold->rollcalls);
    json_decref(fold->agenda);
    json_decref(fold->speeches);
    json_decref(fold->not_granted);
    json_decref(fold->votes);
    json_decref(fold->notes);
    json_decref(fold->directives);
    json_decref(fold->incidents);
    json_decref(fold->secretary);
    json_decref(fold->opinions);
    json_decref(fold->consults);
    json_decref(fold->requests);
    g_array_unref(fold->parts);
}

/* ---- reading events ---- */

const char *minutes_text(const struct event *event, const char *key)
{
    return json_string_value(json_object_get(event->body, key));
}

json_t *minutes_value(const struct event *event, const char *key)
{
    json_t *value = json_object_get(event->body, key);
    return value != NULL ? json_incref(value) : json_null();
}

json_t *minutes_time(int64_t utc_us)
{
    char text[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(utc_us, text);
    return json_string(text);
}

json_t *minutes_unended(const json_t *list, const char *key)
{
    json_t *last = json_array_get(list, json_array_size(list) - 1);
    return json_is_null(json_object_get(last, key)) ? last : NULL;
}

json_t *minutes_find(const json_t *list, const char *key, const char *value)
{
    size_t index;
    json_t *entry;
    if (value == NULL)
        return NULL;
    json_array_foreach ((json_t *)list, index, entry) {
        if (g_strcmp0(json_string_value(json_object_get(entry, key)), value) == 0)
            return entry;
    }
    return NULL;
}

/* ---- the meeting's course ---- */

/* Who chairs and who writes, as far as a change of settings says it. */
static void name_officers(struct minutes_fold *fold, const struct event *event)
{
    json_t *chair = json_object_get(event->body, "chair");
    json_t *secretary = json_object_get(event->body, "secretary");
    if (chair != NULL && json_is_object(fold->chair))
        json_object_set(fold->chair, "person", chair);
    if (secretary != NULL) {
        json_decref(fold->secretary);
        fold->secretary = json_incref(secretary);
    }
}

static void take_created(struct minutes_fold *fold, const struct event *event)
{
    json_object_set_new(fold->meeting, "id", json_string(event->meeting));
    json_object_set_new(fold->meeting, "title", minutes_value(event, "title"));
    json_object_set_new(fold->meeting, "place", minutes_value(event, "place"));
    json_object_set_new(fold->meeting, "organizer", minutes_value(event, "organizer"));
    json_object_set_new(fold->meeting, "opened", json_null());
    json_object_set_new(fold->meeting, "closed", json_null());
    json_object_set_new(fold->meeting, "seconds", json_null());
    minutes_attend(fold, json_object_get(event->body, "sites"));
    minutes_set_agenda(fold, json_object_get(event->body, "agenda"));
    name_officers(fold, event);
}

static void take_updated(struct minutes_fold *fold, const struct event *event)
{
    json_object_update_existing(fold->meeting, event->body);
    name_officers(fold, event);
}

static void take_rehearsed(struct minutes_fold *fold, const struct event *event)
{
    (void)event;
    fold->in_rehearsal = true;
}

static void take_prepared(struct minutes_fold *fold, const struct event *event)
{
    (void)event;
    fold->in_rehearsal = false;
}

/* What went wrong before the opening is no part of the meeting. */
static void take_opened(struct minutes_fold *fold, const struct event *event)
{
    fold->in_rehearsal = false;
    fold->opened_us = event->time_us;
    json_object_set_new(fold->meeting, "opened", minutes_time(event->time_us));
    json_array_clear(fold->speeches);
    json_array_clear(fold->not_granted);
    json_array_clear(fold->incidents);
}

static void end_last(const json_t *list, int64_t time_us)
{
    json_t *entry = minutes_unended(list, "until");
    if (entry != NULL)
        json_object_set_new(entry, "until", minutes_time(time_us));
}

static void take_paused(struct minutes_fold *fold, const struct event *event)
{
    json_array_append_new(fold->pauses,
                          json_pack("{s:o, s:n}", "from", minutes_time(event->time_us), "until"));
}

static void take_resumed(struct minutes_fold *fold, const struct event *event)
{
    end_last(fold->pauses, event->time_us);
}

static void take_closed(struct minutes_fold *fold, const struct event *event)
{
    fold->closed_us = event->time_us;
    json_object_set_new(fold->meeting, "closed", minutes_time(event->time_us));
    if (fold->opened_us != 0)
        json_object_set_new(fold->meeting, "seconds",
                            json_real((double)(event->time_us - fold->opened_us) / 1e6));
    end_last(fold->pauses, event->time_us);
    end_last(fold->delegations, event->time_us);
    minutes_consult_closed(fold, event);
    minutes_end_with_meeting(fold, event);
}

static void take_delegated(struct minutes_fold *fold, const struct event *event)
{
    end_last(fold->delegations, event->time_us);
    json_t *site = minutes_value(event, "site");
    json_t *rule = json_object_get(event->body, "as");
    json_array_append_new(fold->delegations,
                          json_pack("{s:o, s:o, s:o, s:o, s:n}", "site", site, "name",
                                    minutes_name(fold, site), "as",
                                    rule != NULL ? json_incref(rule) : json_string("delegate"),
                                    "from", minutes_time(event->time_us), "until"));
}

static void take_recalled(struct minutes_fold *fold, const struct event *event)
{
    end_last(fold->delegations, event->time_us);
}

static void take_bridge_lost(struct minutes_fold *fold, const struct event *event)
{
    json_array_append_new(fold->incidents,
                          json_pack("{s:s, s:n, s:n, s:o, s:n}", "type", event->type, "site",
                                    "site_name", "time", minutes_time(event->time_us), "until"));
    minutes_recording_stopped(fold, event);
}

static void take_bridge_restored(struct minutes_fold *fold, const struct event *event)
{
    size_t index;
    json_t *incident;
    json_array_foreach (fold->incidents, index, incident) {
        bool is_bridge = json_is_null(json_object_get(incident, "site"));
        if (is_bridge && json_is_null(json_object_get(incident, "until")))
            json_object_set_new(incident, "until", minutes_time(event->time_us));
    }
}

static const struct {
    const char *type;
    minutes_take *take;
} takers[] = {
    {"meeting.created", take_created},
    {"meeting.updated", take_updated},
    {"meeting.rehearsed", take_rehearsed},
    {"meeting.prepared", take_prepared},
    {"meeting.opened", take_opened},
    {"meeting.paused", take_paused},
    {"meeting.resumed", take_resumed},
    {"meeting.closed", take_closed},
    {"chair.delegated", take_delegated},
    {"chair.recalled", take_recalled},
    {"chair.acting", take_delegated},
    {"chair.returned", take_recalled},
    {"consult.opened", minutes_consult_opened},
    {"consult.closed", minutes_consult_closed},
    {"roster.changed", minutes_roster_changed},
    {"opinion.submitted", minutes_opinion},
    {"site.joined", minutes_joined},
    {"site.left", minutes_left},
    {"site.removed", minutes_removed},
    {"rollcall.started", minutes_rollcall_started},
    {"rollcall.answered", minutes_rollcall_answered},
    {"rollcall.closed", minutes_rollcall_closed},
    {"agenda.changed", minutes_agenda_changed},
    {"agenda.advanced", minutes_agenda_advanced},
    {"floor.requested", minutes_requested},
    {"floor.granted", minutes_granted},
    {"floor.extended", minutes_extended},
    {"floor.released", minutes_ended},
    {"floor.revoked", minutes_ended},
    {"floor.denied", minutes_ended},
    {"floor.cancelled", minutes_ended},
    {"vote.opened", minutes_vote_opened},
    {"vote.closed", minutes_vote_closed},
    {"note.added", minutes_note},
    {"directive.issued", minutes_directive_issued},
    {"directive.amended", minutes_directive_amended},
    {"directive.withdrawn", minutes_directive_withdrawn},
    {"recording.started", minutes_recording_started},
    {"recording.stopped", minutes_recording_stopped},
    {"bridge.lost", take_bridge_lost},
    {"bridge.restored", take_bridge_restored},
};

/* Who is there and what the meeting is to be like is true in a rehearsal too. */
static bool counts_in_rehearsal(const char *type)
{
    return g_str_has_prefix(type, "meeting.") || g_str_has_prefix(type, "site.") ||
           g_str_has_prefix(type, "roster.") || strcmp(type, "agenda.changed") == 0;
}

void minutes_fold_event(struct minutes_fold *fold, const struct event *event)
{
    if (fold->events++ == 0)
        g_strlcpy(fold->first_hash, event->hash, sizeof fold->first_hash);
    g_strlcpy(fold->last_hash, event->hash, sizeof fold->last_hash);
    fold->last_us = event->time_us;
    if (fold->in_rehearsal && !counts_in_rehearsal(event->type))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(takers); i++) {
        if (strcmp(event->type, takers[i].type) == 0)
            takers[i].take(fold, event);
    }
}

void minutes_fold_end(struct minutes_fold *fold)
{
    minutes_count_attendance(fold);
    minutes_running_speeches(fold);
}

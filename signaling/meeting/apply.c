#include "signaling/meeting/state.h"

#include <gio/gio.h>
#include <string.h>

static const struct {
    const char *type;
    applier apply;
} appliers[] = {
    {"meeting.created", apply_meeting_created},
    {"meeting.declared", apply_meeting_declared},
    {"meeting.updated", apply_meeting_updated},
    {"meeting.rehearsed", apply_meeting_status},
    {"meeting.prepared", apply_meeting_status},
    {"meeting.opened", apply_meeting_status},
    {"meeting.paused", apply_meeting_status},
    {"meeting.resumed", apply_meeting_status},
    {"meeting.closed", apply_meeting_status},
    {"site.joined", apply_site_joined},
    {"site.left", apply_site_left},
    {"site.admitted", apply_site_admitted},
    {"site.muted", apply_site_muted},
    {"site.unmuted", apply_site_muted},
    {"site.removed", apply_site_removed},
    {"roster.changed", apply_roster_changed},
    {"roster.approved", apply_roster_judged},
    {"roster.refused", apply_roster_judged},
    {"invitation.marked", apply_invitation_marked},
    {"floor.requested", apply_floor_requested},
    {"floor.accepted", apply_floor_placed},
    {"floor.deferred", apply_floor_placed},
    {"floor.reordered", apply_floor_placed},
    {"floor.prepared", apply_floor_prepared},
    {"floor.warned", apply_floor_warned},
    {"floor.granted", apply_floor_granted},
    {"floor.extended", apply_floor_extended},
    {"floor.denied", apply_floor_denied},
    {"floor.cancelled", apply_floor_cancelled},
    {"floor.released", apply_floor_released},
    {"floor.revoked", apply_floor_revoked},
    {"directive.issued", apply_directive_issued},
    {"directive.amended", apply_directive_amended},
    {"directive.withdrawn", apply_directive_withdrawn},
    {"note.added", apply_note_added},
    {"message.sent", apply_message_sent},
    {"opinion.submitted", apply_opinion_submitted},
    {"paper.added", apply_paper_added},
    {"consult.opened", apply_consult_opened},
    {"consult.closed", apply_consult_closed},
    {"vote.opened", apply_vote_opened},
    {"vote.cast", apply_vote_cast},
    {"vote.closed", apply_vote_closed},
    {"rollcall.started", apply_rollcall_started},
    {"rollcall.answered", apply_rollcall_answered},
    {"rollcall.closed", apply_rollcall_closed},
    {"agenda.changed", apply_agenda_changed},
    {"agenda.advanced", apply_agenda_advanced},
    {"layout.changed", apply_layout_changed},
    {"chair.delegated", apply_chair_delegated},
    {"chair.recalled", apply_chair_recalled},
    {"chair.acting", apply_chair_acting},
    {"chair.returned", apply_chair_returned},
    {"queue.delegated", apply_queue_lent},
    {"queue.recalled", apply_queue_lent},
    {"recording.started", apply_media_report},
    {"recording.stopped", apply_media_report},
    {"bridge.lost", apply_media_report},
    {"bridge.restored", apply_media_report},
};

static bool follows(const struct meeting *meeting, const struct event *event, GError **error)
{
    const char *why = NULL;
    if (strcmp(event->meeting, meeting->id) != 0)
        why = "is another meeting's";
    else if (event->seq != meeting->seq + 1)
        why = "does not have the next number";
    else if (strcmp(event->prev, meeting->last_hash) != 0)
        why = "does not carry the hash of the event before";
    else if (!meeting->exists && strcmp(event->type, "meeting.created") != 0)
        why = "comes before the meeting was created";
    if (why != NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "event %" G_GUINT64_FORMAT " (%s) of meeting %s %s", (guint64)event->seq,
                    event->type, meeting->id, why);
    return why == NULL;
}

const char *fold_text(struct fold *fold, const char *name, size_t max_chars, enum json_need need)
{
    return json_fields_raw(&fold->body, name, 4 * max_chars, need);
}

struct site *fold_site(struct fold *fold, const char *name)
{
    const char *id = json_fields_slug(&fold->body, name, JSON_REQUIRED);
    struct site *site = id != NULL ? meeting_find_site(fold->meeting, id) : NULL;
    if (site == NULL)
        json_fields_fail(&fold->body, name, "is not a room of the meeting");
    return site;
}

struct floor_request *fold_request(struct fold *fold, unsigned states)
{
    const char *id = json_fields_slug(&fold->body, "request", JSON_REQUIRED);
    struct floor_request *request = id != NULL ? meeting_find_request(fold->meeting, id) : NULL;
    if (request == NULL) {
        json_fields_fail(&fold->body, "request", "was never made");
    } else if ((states & (1u << request->state)) == 0) {
        g_autofree char *why = g_strconcat("is ", request_state_name(request->state), NULL);
        json_fields_fail(&fold->body, "request", why);
    }
    return fold->body.failed ? NULL : request;
}

const char *fold_new_id(struct fold *fold, const char *name, char kind, unsigned count)
{
    char expected[16];
    const char *id = json_fields_slug(&fold->body, name, JSON_REQUIRED);
    g_snprintf(expected, sizeof expected, "%c%u", kind, count + 1);
    if (id != NULL && strcmp(id, expected) != 0)
        json_fields_fail(&fold->body, name, "is not the next one");
    return id;
}

bool fold_misfit(struct fold *fold, const char *name, const char *why)
{
    json_fields_fail(&fold->body, name, why);
    return false;
}

bool fold_fits(struct fold *fold)
{
    return json_fields_end(&fold->body);
}

static bool apply_event(struct fold *fold)
{
    for (size_t i = 0; i < G_N_ELEMENTS(appliers); i++) {
        if (strcmp(appliers[i].type, fold->event->type) == 0)
            return appliers[i].apply(fold);
    }
    return fold_misfit(fold, "type", "is unknown to this program");
}

bool meeting_apply(struct meeting *meeting, const struct event *event, GError **error)
{
    if (!follows(meeting, event, error))
        return false;
    struct fold fold = {.meeting = meeting, .event = event};
    json_fields_begin(&fold.body, event->body);
    if (!apply_event(&fold)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "event %" G_GUINT64_FORMAT " (%s) of meeting %s does not fit: %s %s",
                    (guint64)event->seq, event->type, meeting->id, fold.body.bad_field,
                    fold.body.why);
        return false;
    }
    meeting->seq = event->seq;
    g_strlcpy(meeting->last_hash, event->hash, sizeof meeting->last_hash);
    return true;
}

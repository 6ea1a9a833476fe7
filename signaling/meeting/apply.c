#include "signaling/meeting/state.h"

#include <gio/gio.h>
#include <string.h>

static const struct {
    const char *type;
    applier apply;
} appliers[] = {
    {"meeting.created", apply_meeting_created},
    {"meeting.updated", apply_meeting_updated},
    {"meeting.rehearsed", apply_meeting_status},
    {"meeting.opened", apply_meeting_status},
    {"meeting.paused", apply_meeting_status},
    {"meeting.resumed", apply_meeting_status},
    {"meeting.closed", apply_meeting_status},
    {"site.joined", apply_site_joined},
    {"site.left", apply_site_left},
    {"site.muted", apply_site_muted},
    {"site.unmuted", apply_site_muted},
    {"site.removed", apply_site_removed},
    {"floor.requested", apply_floor_requested},
    {"floor.accepted", apply_floor_placed},
    {"floor.deferred", apply_floor_placed},
    {"floor.reordered", apply_floor_placed},
    {"floor.granted", apply_floor_granted},
    {"floor.extended", apply_floor_extended},
    {"floor.denied", apply_floor_ended},
    {"floor.cancelled", apply_floor_ended},
    {"floor.released", apply_floor_ended},
    {"floor.revoked", apply_floor_ended},
    {"directive.issued", apply_directive_issued},
    {"directive.amended", apply_directive_amended},
    {"directive.withdrawn", apply_directive_withdrawn},
    {"note.added", apply_note_added},
    {"message.sent", apply_message_sent},
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

bool meeting_apply(struct meeting *meeting, const struct event *event, GError **error)
{
    bool is_applied = false;
    if (!follows(meeting, event, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(appliers); i++) {
        if (strcmp(appliers[i].type, event->type) == 0)
            is_applied = appliers[i].apply(meeting, event);
    }
    if (!is_applied) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "event %" G_GUINT64_FORMAT " (%s) of meeting %s does not fit the state",
                    (guint64)event->seq, event->type, meeting->id);
        return false;
    }
    meeting->seq = event->seq;
    g_strlcpy(meeting->last_hash, event->hash, sizeof meeting->last_hash);
    return true;
}

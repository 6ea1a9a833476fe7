/* The minutes' first cut, a reading of the journal: when, who attended, who spoke from when to when
 * (with the moment in the recording), what was voted on, noted and directed. What the journal does
 * not say is null, never guessed.
 *
 * Positions in the recording are the difference between the times of two events: the floor's grant
 * and recording.started, which signaling writes once the bridge has said that it records. That is
 * some ten to a hundred milliseconds after the file's time 0, so a position lies that much before
 * the speech and never cuts its beginning. The file's own chapters are exact to 20 ms.
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/meeting/meeting.h"

/* `events` of struct event, the whole journal of one meeting, in order; it may end anywhere (a
 * meeting that still runs, or was cut off). Times are RFC 3339 in UTC, `seconds` real numbers.
 *
 *     {meeting: {id, title, place, organizer, opened, closed, seconds},
 *      chair: {site, name (of the room), person: {name, post} | null} | null,
 *      secretary: {name, post} | null,
 *      delegations: [{site, name, as: delegate | co-chair | deputy | secretary, from, until}],
 *      pauses: [{from, until}],
 *      attendance: [{site, name, role, people, answer, why, present, spans: [{joined, left,
 * reason}], seconds}], seconds: connected while the meeting was open; answer, why: of the last roll
 * call rollcalls: [{rollcall, started, closed, counts}], agenda: [{id, title, presenter, seconds,
 * begun: [time]}], speeches: [{request, site, site_name, speaker, title, kind, item, item_title,
 * topic, answers, requested, granted, allowed_seconds, ended, how, why, seconds, recordings}], how:
 * released | revoked | closed (by the meeting's end) | running not_granted: [the same up to
 * `requested`, ended, how, why], how: denied | cancelled | closed votes: [{vote, question, secret,
 * eligible, opened, closed, counts}], opinions: [{opinion, site, site_name, speaker, title, item,
 * item_title, text, time}], consults: [{site_names, accounts, from, until}], notes: [{note, text,
 * time, by, recordings}], directives: [{directive, text, lead, lead_name, support, support_names,
 * due, state, time, by, amended, withdrawn, why, recordings}], incidents: [{type: bridge.lost |
 * holder.lost, site, site_name, time, until}], recordings: [{path, started, stopped}], journal:
 * {events, first, last}}
 *
 * `recordings` of a speech: [{path, start_seconds, end_seconds}], one for each part that it lies
 * in; of a note or directive: where it was made, end_seconds null. Speeches of a rehearsal are no
 * part of the minutes. */
json_t *minutes_to_json(const GPtrArray *events);
/* A page that stands alone (styles inside, no scripts), Vietnamese, in the order of the decree's
 * form 1.9, times in Vietnam (UTC+7). Links into the recording are relative
 * ("recordings/part-001/program.webm#t=12.3,45.6"). Every text is escaped. g_free(). */
char *minutes_to_html(const json_t *minutes);
/* `directives` of the minutes. */
json_t *minutes_directives(const GPtrArray *events);

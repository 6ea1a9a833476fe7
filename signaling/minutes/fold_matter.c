/* What was dealt with: agenda, votes, notes, directives. */
#include "signaling/minutes/fold.h"

/* ---- the agenda ---- */

/* A new agenda keeps when its items were begun. */
void minutes_set_agenda(struct minutes_fold *fold, const json_t *items)
{
    size_t index;
    json_t *item;
    json_t *agenda = json_array();
    json_array_foreach ((json_t *)items, index, item) {
        const json_t *before =
            minutes_find(fold->agenda, "id", json_string_value(json_object_get(item, "id")));
        json_t *begun = json_object_get(before, "begun");
        json_t *copy = json_copy(item);
        json_object_set_new(copy, "begun", begun != NULL ? json_incref(begun) : json_array());
        json_array_append_new(agenda, copy);
    }
    json_decref(fold->agenda);
    fold->agenda = agenda;
}

void minutes_agenda_changed(struct minutes_fold *fold, const struct event *event)
{
    minutes_set_agenda(fold, json_object_get(event->body, "items"));
}

void minutes_agenda_advanced(struct minutes_fold *fold, const struct event *event)
{
    const json_t *item = minutes_find(fold->agenda, "id", minutes_text(event, "item"));
    json_array_append_new(json_object_get(item, "begun"), minutes_time(event->time_us));
}

/* ---- votes ---- */

void minutes_vote_opened(struct minutes_fold *fold, const struct event *event)
{
    json_array_append_new(
        fold->votes,
        json_pack("{s:o, s:o, s:o, s:I, s:o, s:n, s:n}", "vote", minutes_value(event, "vote"),
                  "question", minutes_value(event, "question"), "secret",
                  minutes_value(event, "secret"), "eligible",
                  (json_int_t)json_array_size(json_object_get(event->body, "eligible")), "opened",
                  minutes_time(event->time_us), "closed", "counts"));
}

void minutes_vote_closed(struct minutes_fold *fold, const struct event *event)
{
    json_t *vote = minutes_find(fold->votes, "vote", minutes_text(event, "vote"));
    if (vote == NULL)
        return;
    json_object_set_new(vote, "closed", minutes_time(event->time_us));
    json_object_set_new(vote, "counts", minutes_value(event, "counts"));
}

/* ---- notes ---- */

void minutes_note(struct minutes_fold *fold, const struct event *event)
{
    json_array_append_new(
        fold->notes,
        json_pack("{s:o, s:o, s:o, s:O, s:o}", "note", minutes_value(event, "note"), "text",
                  minutes_value(event, "text"), "time", minutes_time(event->time_us), "by",
                  event->actor, "recordings", minutes_moment(fold, event->time_us)));
}

/* ---- in writing, and apart ---- */

void minutes_opinion(struct minutes_fold *fold, const struct event *event)
{
    const json_t *item = minutes_find(fold->agenda, "id", minutes_text(event, "item"));
    json_t *title = json_object_get(item, "title");
    json_t *opinion = json_copy(event->body);
    json_object_set_new(opinion, "site_name",
                        minutes_name(fold, json_object_get(event->body, "site")));
    json_object_set_new(opinion, "item_title", title != NULL ? json_incref(title) : json_null());
    json_object_set_new(opinion, "time", minutes_time(event->time_us));
    json_array_append_new(fold->opinions, opinion);
}

/* Who and when; nothing else is known of it. */
/* The operator's check of a line is no part of the minutes. */
void minutes_consult_opened(struct minutes_fold *fold, const struct event *event)
{
    if (json_is_true(json_object_get(event->body, "check")))
        return;
    json_t *names = json_array();
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(event->body, "sites"), index, site)
        json_array_append_new(names, minutes_name(fold, site));
    json_array_append_new(fold->consults, json_pack("{s:o, s:o, s:o, s:n}", "site_names", names,
                                                    "accounts", minutes_value(event, "accounts"),
                                                    "from", minutes_time(event->time_us), "until"));
}

void minutes_consult_closed(struct minutes_fold *fold, const struct event *event)
{
    json_t *consult = minutes_unended(fold->consults, "until");
    if (consult != NULL)
        json_object_set_new(consult, "until", minutes_time(event->time_us));
}

/* ---- directives ---- */

static void name_agencies(const struct minutes_fold *fold, json_t *directive)
{
    json_t *names = json_array();
    size_t index;
    json_t *site;
    json_array_foreach (json_object_get(directive, "support"), index, site)
        json_array_append_new(names, minutes_name(fold, site));
    json_object_set_new(directive, "support_names", names);
    json_object_set_new(directive, "lead_name",
                        minutes_name(fold, json_object_get(directive, "lead")));
}

static void copy_changes(const struct minutes_fold *fold, json_t *directive,
                         const struct event *event)
{
    static const char *const keys[] = {"text", "lead", "support", "due"};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        json_t *value = json_object_get(event->body, keys[i]);
        if (value != NULL)
            json_object_set(directive, keys[i], value);
    }
    name_agencies(fold, directive);
}

void minutes_directive_issued(struct minutes_fold *fold, const struct event *event)
{
    json_t *directive =
        json_pack("{s:o, s:n, s:n, s:[], s:n, s:s, s:o, s:O, s:n, s:n, s:n, s:o}", "directive",
                  minutes_value(event, "directive"), "text", "lead", "support", "due", "state",
                  "issued", "time", minutes_time(event->time_us), "by", event->actor, "amended",
                  "withdrawn", "why", "recordings", minutes_moment(fold, event->time_us));
    copy_changes(fold, directive, event);
    json_array_append_new(fold->directives, directive);
}

void minutes_directive_amended(struct minutes_fold *fold, const struct event *event)
{
    json_t *directive =
        minutes_find(fold->directives, "directive", minutes_text(event, "directive"));
    if (directive == NULL)
        return;
    copy_changes(fold, directive, event);
    json_object_set_new(directive, "amended", minutes_time(event->time_us));
}

void minutes_directive_withdrawn(struct minutes_fold *fold, const struct event *event)
{
    json_t *directive =
        minutes_find(fold->directives, "directive", minutes_text(event, "directive"));
    if (directive == NULL)
        return;
    json_object_set_new(directive, "state", json_string("withdrawn"));
    json_object_set_new(directive, "withdrawn", minutes_time(event->time_us));
    json_object_set_new(directive, "why", minutes_value(event, "why"));
}

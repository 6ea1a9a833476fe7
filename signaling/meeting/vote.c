/* Votes: a question, who may vote and until when are fixed before the first ballot; each of them
 * has one ballot, which cannot be taken back; those who gave none count as such.
 *
 * A named vote's ballots stand in the journal. Of a secret vote the journal has only who has voted:
 * the choice leaves the core in decision.ballot, for the caller to count where no voter stands
 * beside it, and comes back at the close as the sums in command.tally. */
#include "signaling/meeting/state.h"

#include <string.h>

static const char *const choices[] = {"for", "against", "other", NULL};

static json_t *find_vote(const struct meeting *meeting, const char *id)
{
    return find_numbered(meeting->votes, 'v', id);
}

static bool is_open(const json_t *vote)
{
    return json_is_null(json_object_get(vote, "counts"));
}

static bool is_secret(const json_t *vote)
{
    return json_is_true(json_object_get(vote, "secret"));
}

const char *meeting_open_vote(const struct meeting *meeting)
{
    const json_t *last = json_array_get(meeting->votes, json_array_size(meeting->votes) - 1);
    return last != NULL && is_open(last) ? json_string_value(json_object_get(last, "vote")) : NULL;
}

bool meeting_vote_is_secret(const struct meeting *meeting, const char *vote)
{
    return is_secret(find_vote(meeting, vote));
}

/* All rooms that take part: not those that only watch or serve. */
static json_t *all_voters(const struct meeting *meeting)
{
    json_t *voters = json_array();
    for (unsigned i = 0; i < meeting->sites->len; i++) {
        const struct site *site = meeting->sites->pdata[i];
        if (site->role == ROLE_CHAIR || site->role == ROLE_SITE)
            json_array_append_new(voters, json_string(site->id));
    }
    return voters;
}

/* Rooms of the meeting, each once, at least one. */
static json_t *read_voters(struct json_fields *fields, const struct meeting *meeting)
{
    json_t *voters = read_slugs(fields, "eligible", SITES_MAX, NULL);
    size_t index;
    json_t *voter;
    json_array_foreach (voters, index, voter) {
        if (meeting_find_site(meeting, json_string_value(voter)) == NULL)
            json_fields_fail(fields, "eligible", "names a room that the meeting does not have");
    }
    if (json_fields_has(fields, "eligible") && json_array_size(voters) == 0)
        json_fields_fail(fields, "eligible", "must name at least one room");
    return voters;
}

bool decide_vote_open(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *question = json_fields_multiline(&fields, "question", QUESTION_MAX, JSON_REQUIRED);
    bool secret = json_fields_boolean(&fields, "secret", false, JSON_OPTIONAL);
    int64_t seconds =
        json_fields_integer(&fields, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_OPTIONAL);
    bool closes_early = json_fields_boolean(&fields, "early", false, JSON_OPTIONAL);
    json_t *voters = read_voters(&fields, meeting);
    if (!json_fields_end(&fields) || meeting->status != MEETING_OPEN ||
        meeting_open_vote(meeting) != NULL) {
        json_decref(voters);
        return fields.failed ? draft_invalid(draft, &fields)
                             : draft_wrong_state(draft, "a vote needs an open meeting and no other "
                                                        "vote");
    }
    if (json_array_size(voters) == 0) {
        json_decref(voters);
        voters = all_voters(meeting);
    }
    g_autofree char *id = next_numbered(meeting->votes, 'v');
    draft_event(draft, "vote.opened",
                json_pack("{s:s, s:s, s:b, s:b, s:o, s:o}", "vote", id, "question", question,
                          "secret", secret, "early", closes_early, "seconds",
                          seconds > 0 ? json_integer(seconds) : json_null(), "eligible", voters));
    json_object_set_new(draft->decision->answer, "vote", json_string(id));
    return true;
}

/* The end of the time for ballots; INT64_MAX when there is none. */
static int64_t deadline_us(const struct meeting *meeting, const json_t *vote)
{
    json_int_t seconds = json_integer_value(json_object_get(vote, "seconds"));
    return seconds > 0 ? meeting->vote_opened_us + seconds * G_USEC_PER_SEC : INT64_MAX;
}

/* The vote, while it is open; NULL and refused otherwise. */
static const json_t *named_vote(struct draft *draft, const char *id)
{
    const json_t *vote = find_vote(draft->meeting, id);
    if (vote == NULL)
        draft_refuse(draft, 1012, "no-such-vote", "there is no vote %s", id);
    else if (!is_open(vote))
        draft_wrong_state(draft, "the vote %s is closed", id);
    else
        return vote;
    return NULL;
}

static bool may_cast(struct draft *draft, const json_t *vote, const char *site)
{
    const json_t *ballot = json_object_get(json_object_get(vote, "ballots"), site);
    if (draft->meeting->status != MEETING_OPEN ||
        draft->command->now_us > deadline_us(draft->meeting, vote))
        return draft_wrong_state(draft, "no ballots are taken now");
    if (ballot == NULL)
        return draft_refuse(draft, 1001, "not-allowed", "the room %s has no vote in this", site);
    return json_is_null(ballot) ||
           draft_refuse(draft, 1008, "exists", "the room %s has voted already", site);
}

bool decide_vote_cast(struct draft *draft)
{
    const char *site = draft->command->actor.site;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "vote", JSON_REQUIRED);
    int choice = json_fields_choice(&fields, "choice", choices, 0, JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const json_t *vote = named_vote(draft, id);
    if (vote == NULL || !may_cast(draft, vote, site))
        return false;
    if (is_secret(vote))
        draft->decision->ballot = json_pack("{s:s, s:s}", "vote", id, "choice", choices[choice]);
    draft_event(draft, "vote.cast",
                json_pack("{s:s, s:s, s:o}", "vote", id, "site", site, "choice",
                          json_text_or_null(is_secret(vote) ? NULL : choices[choice])));
    return true;
}

static json_int_t count_of(const json_t *counts, const char *choice)
{
    return json_integer_value(json_object_get(counts, choice));
}

static unsigned count_cast(const json_t *vote)
{
    unsigned cast = 0;
    const char *site;
    json_t *ballot;
    json_object_foreach (json_object_get(vote, "ballots"), site, ballot)
        cast += !json_is_null(ballot);
    return cast;
}

static json_t *counts_of(json_int_t favour, json_int_t against, json_int_t other, json_int_t none)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "for", favour, "against", against, "other", other,
                     "none", none);
}

/* Of a named vote. */
static json_t *count_ballots(const json_t *vote)
{
    json_int_t counts[G_N_ELEMENTS(choices)] = {0}; /* the last: gave none */
    const char *site;
    json_t *ballot;
    json_object_foreach (json_object_get(vote, "ballots"), site, ballot) {
        size_t i = 0;
        while (choices[i] != NULL && g_strcmp0(json_string_value(ballot), choices[i]) != 0)
            i++;
        counts[i]++;
    }
    return counts_of(counts[0], counts[1], counts[2], counts[3]);
}

/* Do these counts give every voter a place, and those who voted a choice? */
static bool counts_fit(const json_t *vote, const json_t *counts)
{
    json_int_t cast = count_cast(vote), given = 0, none = count_of(counts, "none");
    json_int_t voters = (json_int_t)json_object_size(json_object_get(vote, "ballots"));
    for (size_t i = 0; choices[i] != NULL; i++) {
        json_int_t count = count_of(counts, choices[i]);
        if (count < 0 || count > voters)
            return false;
        given += count;
    }
    return given == cast && none == voters - cast && json_object_size(counts) == 4;
}

static json_t *final_counts(struct draft *draft, const json_t *vote)
{
    const json_t *tally = draft->command->tally;
    if (!is_secret(vote))
        return count_ballots(vote);
    json_int_t voters = (json_int_t)json_object_size(json_object_get(vote, "ballots"));
    return counts_of(count_of(tally, "for"), count_of(tally, "against"), count_of(tally, "other"),
                     voters - count_cast(vote));
}

bool decide_vote_close(struct draft *draft)
{
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "vote", JSON_REQUIRED);
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    const json_t *vote = named_vote(draft, id);
    if (vote == NULL)
        return false;
    json_t *counts = final_counts(draft, vote);
    if (!counts_fit(vote, counts)) {
        json_decref(counts);
        return draft_refuse(draft, -32603, "internal", "the count of the secret ballots is wrong");
    }
    json_object_set(draft->decision->answer, "counts", counts);
    draft_event(draft, "vote.closed", json_pack("{s:s, s:o}", "vote", id, "counts", counts));
    return true;
}

int64_t vote_due_us(const struct meeting *meeting)
{
    const json_t *vote = find_vote(meeting, meeting_open_vote(meeting));
    if (vote == NULL)
        return INT64_MAX;
    bool is_early = json_is_true(json_object_get(vote, "early")) &&
                    count_cast(vote) == json_object_size(json_object_get(vote, "ballots"));
    return is_early ? 0 : deadline_us(meeting, vote);
}

/* {site: null} for each voter. */
static json_t *empty_ballots(const json_t *voters)
{
    json_t *ballots = json_object();
    size_t index;
    json_t *voter;
    json_array_foreach ((json_t *)voters, index, voter)
        json_object_set_new(ballots, json_string_value(voter), json_null());
    return ballots;
}

bool apply_vote_opened(struct fold *fold)
{
    struct meeting *meeting = fold->meeting;
    fold_new_id(fold, "vote", 'v', (unsigned)json_array_size(meeting->votes));
    const char *question = fold_text(fold, "question", QUESTION_MAX, JSON_REQUIRED);
    bool secret = json_fields_boolean(&fold->body, "secret", false, JSON_REQUIRED);
    json_fields_integer(&fold->body, "seconds", SECONDS_LEAST, SECONDS_MOST, 0, JSON_OPTIONAL);
    bool closes_early = json_fields_boolean(&fold->body, "early", false, JSON_OPTIONAL);
    json_t *voters = read_voters(&fold->body, meeting);
    if (!json_fields_has(&fold->body, "eligible") || meeting->status != MEETING_OPEN ||
        meeting_open_vote(meeting) != NULL)
        fold_misfit(fold, "vote", "cannot be opened now");
    bool is_fit = fold_fits(fold);
    if (is_fit) {
        const json_t *body = fold->event->body;
        json_t *seconds = json_object_get(body, "seconds");
        meeting->vote_opened_us = fold->event->time_us;
        json_array_append_new(meeting->votes,
                              json_pack("{s:O, s:s, s:b, s:b, s:o, s:o, s:n, s:o, s:n}", "vote",
                                        json_object_get(body, "vote"), "question", question,
                                        "secret", secret, "early", closes_early, "seconds",
                                        seconds != NULL ? json_incref(seconds) : json_null(),
                                        "ballots", empty_ballots(voters), "counts", "opened",
                                        json_time_or_null(fold->event->time_us), "closed"));
    }
    json_decref(voters);
    return is_fit;
}

static json_t *fold_vote(struct fold *fold)
{
    json_t *vote = find_vote(fold->meeting, json_fields_slug(&fold->body, "vote", JSON_REQUIRED));
    if (vote == NULL || !is_open(vote))
        fold_misfit(fold, "vote", "is not open");
    return fold->body.failed ? NULL : vote;
}

bool apply_vote_cast(struct fold *fold)
{
    json_t *vote = fold_vote(fold);
    const char *site = json_fields_slug(&fold->body, "site", JSON_REQUIRED);
    int choice = json_fields_choice(&fold->body, "choice", choices, -1, JSON_OPTIONAL);
    if (!fold_fits(fold))
        return false;
    json_t *ballots = json_object_get(vote, "ballots");
    json_t *ballot = json_object_get(ballots, site);
    if (ballot == NULL || !json_is_null(ballot))
        return fold_misfit(fold, "site", "has no ballot to give");
    if (is_secret(vote) != (choice < 0))
        return fold_misfit(fold, "choice", "is told of a secret vote or kept of a named one");
    if (fold->meeting->status != MEETING_OPEN ||
        fold->event->time_us > deadline_us(fold->meeting, vote))
        return fold_misfit(fold, "vote", "takes no ballots any more");
    json_object_set_new(ballots, site, choice < 0 ? json_true() : json_string(choices[choice]));
    return true;
}

bool apply_vote_closed(struct fold *fold)
{
    json_t *vote = fold_vote(fold);
    const json_t *counts = json_fields_object(&fold->body, "counts", JSON_REQUIRED);
    if (!fold_fits(fold))
        return false;
    if (!counts_fit(vote, counts))
        return fold_misfit(fold, "counts", "do not add up to the voters");
    if (!is_secret(vote)) {
        json_t *right = count_ballots(vote);
        bool is_right = json_equal(right, counts);
        json_decref(right);
        if (!is_right)
            return fold_misfit(fold, "counts", "are not those of the ballots");
    }
    json_object_set(vote, "counts", (json_t *)counts);
    json_object_set_new(vote, "closed", json_time_or_null(fold->event->time_us));
    return true;
}

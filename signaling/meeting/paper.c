/* Papers of the meeting. The core keeps what there is of each and in which versions; the file
 * itself is the caller's, named by its SHA-256. A new version keeps the old one. */
#include "signaling/meeting/state.h"

#include "common/clock.h"

#include <string.h>

#define PAPERS_MAX        500
#define PAPER_VERSIONS    50
#define PAPER_BYTES_MAX   (64 * 1024 * 1024)
#define LATE_WORKING_DAYS 3

static const char *const types[] = {"pdf", "docx", "xlsx", "pptx", NULL};

static bool is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* Stamps of the law on state secrets; this system may carry no such paper. */
static bool is_stamped_secret(const char *text)
{
    static const char *const stamps[] = {"TỐI MẬT", "TUYỆT MẬT", "(MẬT)", "[MẬT]"};
    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(stamps); i++) {
        if (strstr(text, stamps[i]) != NULL)
            return true;
    }
    return text != NULL && strcmp(text, "MẬT") == 0;
}

/* Mondays to Fridays from one moment to another, in Vietnam (UTC+7); public holidays are not known
 * here. */
static int64_t weekdays_between(int64_t from_us, int64_t to_us)
{
    const int64_t day_us = 24 * 3600 * (int64_t)G_USEC_PER_SEC;
    const int64_t offset_us = 7 * 3600 * (int64_t)G_USEC_PER_SEC;
    int64_t first = (from_us + offset_us) / day_us, last = (to_us + offset_us) / day_us, count = 0;
    for (int64_t day = first; day < last && count <= LATE_WORKING_DAYS; day++)
        count += (day + 3) % 7 < 5; /* 1970-01-01 was a Thursday */
    return count;
}

static json_t *find_paper(const struct meeting *meeting, const char *id)
{
    return find_numbered(meeting->papers, 'p', id);
}

static json_t *versions_of(const json_t *paper)
{
    return json_object_get(paper, "versions");
}

static bool may_add(struct draft *draft, const char *id, const char *item)
{
    const struct meeting *meeting = draft->meeting;
    const json_t *paper = find_paper(meeting, id);
    if (meeting->status == MEETING_CLOSED)
        return draft_wrong_state(draft, "the meeting is closed");
    if (id != NULL && paper == NULL)
        return draft_refuse(draft, 1017, "no-such-paper", "there is no paper %s", id);
    if (item != NULL && !agenda_has(meeting, item))
        return draft_refuse(draft, 1013, "no-such-item", "the agenda has no item %s", item);
    if (json_array_size(meeting->papers) >= PAPERS_MAX ||
        json_array_size(versions_of(paper)) >= PAPER_VERSIONS)
        return draft_refuse(draft, 1007, "too-many",
                            "a meeting has at most %d papers of %d "
                            "versions",
                            PAPERS_MAX, PAPER_VERSIONS);
    return true;
}

static void warn_if_late(struct draft *draft)
{
    const char *starts = setting_text(draft->meeting, "starts");
    int64_t starts_us;
    if (starts != NULL && clock_parse_rfc3339(starts, &starts_us) &&
        weekdays_between(draft->command->now_us, starts_us) < LATE_WORKING_DAYS)
        json_object_set_new(draft->decision->answer, "warnings", json_pack("[s]", "late"));
}

bool decide_paper_add(struct draft *draft)
{
    const struct meeting *meeting = draft->meeting;
    struct json_fields fields;
    json_fields_begin(&fields, draft->command->params);
    const char *id = json_fields_slug(&fields, "paper", JSON_OPTIONAL);
    const char *title = json_fields_text(&fields, "title", MEETING_TITLE_MAX, JSON_REQUIRED);
    const char *name = json_fields_text(&fields, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    const char *item = json_fields_slug(&fields, "item", JSON_OPTIONAL);
    int type = json_fields_choice(&fields, "type", types, 0, JSON_REQUIRED);
    int64_t bytes = json_fields_integer(&fields, "bytes", 1, PAPER_BYTES_MAX, 0, JSON_REQUIRED);
    const char *sha256 = json_fields_raw(&fields, "sha256", 64, JSON_REQUIRED);
    if (sha256 != NULL && !is_sha256(sha256))
        json_fields_fail(&fields, "sha256", "must be 64 hexadecimal digits");
    if (is_stamped_secret(title) || is_stamped_secret(name))
        json_fields_fail(&fields, "title",
                         "is stamped as a state secret, which this system may "
                         "not carry");
    if (!json_fields_end(&fields))
        return draft_invalid(draft, &fields);
    if (!may_add(draft, id, item))
        return false;
    g_autofree char *own = id != NULL ? g_strdup(id) : next_numbered(meeting->papers, 'p');
    json_int_t version = (json_int_t)json_array_size(versions_of(find_paper(meeting, id))) + 1;
    draft_event(draft, "paper.added",
                json_pack("{s:s, s:I, s:s, s:o, s:s, s:s, s:I, s:s}", "paper", own, "version",
                          version, "title", title, "item", json_text_or_null(item), "name", name,
                          "type", types[type], "bytes", (json_int_t)bytes, "sha256", sha256));
    json_object_set_new(draft->decision->answer, "paper", json_string(own));
    json_object_set_new(draft->decision->answer, "version", json_integer(version));
    warn_if_late(draft);
    return true;
}

/* The paper that an event adds to, or a new one. */
static json_t *fold_paper(struct fold *fold, const char *id)
{
    struct meeting *meeting = fold->meeting;
    g_autofree char *next = next_numbered(meeting->papers, 'p');
    json_t *paper = find_paper(meeting, id);
    if (paper == NULL && g_strcmp0(id, next) != 0)
        fold_misfit(fold, "paper", "is neither known nor the next one");
    return paper;
}

bool apply_paper_added(struct fold *fold)
{
    struct json_fields *body = &fold->body;
    const char *id = json_fields_slug(body, "paper", JSON_REQUIRED);
    int64_t version = json_fields_integer(body, "version", 1, PAPER_VERSIONS, 1, JSON_REQUIRED);
    fold_text(fold, "title", MEETING_TITLE_MAX, JSON_REQUIRED);
    json_fields_slug(body, "item", JSON_OPTIONAL);
    fold_text(fold, "name", NAME_MAX_CHARS, JSON_REQUIRED);
    json_fields_choice(body, "type", types, 0, JSON_REQUIRED);
    json_fields_integer(body, "bytes", 1, PAPER_BYTES_MAX, 0, JSON_REQUIRED);
    json_fields_raw(body, "sha256", 64, JSON_REQUIRED);
    json_t *paper = fold_paper(fold, id);
    if (!fold_fits(fold))
        return false;
    if (version != (int64_t)json_array_size(versions_of(paper)) + 1)
        return fold_misfit(fold, "version", "is not the next one");
    if (paper == NULL) {
        paper = json_pack("{s:s, s:[]}", "paper", id, "versions");
        json_array_append_new(fold->meeting->papers, paper);
    }
    json_t *entry = json_copy(fold->event->body);
    json_object_del(entry, "paper");
    json_object_set_new(entry, "time", json_time_or_null(fold->event->time_us));
    json_object_set(entry, "by", fold->event->actor);
    json_array_append_new(versions_of(paper), entry);
    return true;
}

/* Borrowed by the caller until the meeting changes. */
const json_t *meeting_paper(const struct meeting *meeting, const char *paper, unsigned version)
{
    return version == 0 ? NULL
                        : json_array_get(versions_of(find_paper(meeting, paper)), version - 1);
}

/* Proving a journal: that its chain of hashes holds and that it folds into a meeting.
 *
 * Thread: any, one at a time. */
#pragma once

#include "signaling/meeting/meeting.h"

/* One event after the other, in order, of one meeting. */
struct journal_check;

struct journal_check *journal_check_new(void);
void journal_check_free(struct journal_check *check);
/* False with `error` for the first event that is wrong; the check is then over. */
bool journal_check_event(struct journal_check *check, const struct event *event, GError **error);
uint64_t journal_check_count(const struct journal_check *check);
/* The hash of the last event; 64 zeros before the first. */
const char *journal_check_hash(const struct journal_check *check);

/* A journal.jsonl. The error names the line. */
bool journal_verify_file(const char *path, uint64_t *events, char last_hash[HASH_HEX_SIZE],
                         GError **error);

/* What the program does beside serving: checking journals, adding accounts. Each writes to standard
 * output, or its fault to standard error, and returns the exit status: 0, 1 (it failed, the journal
 * is damaged), 2 (wrong arguments).
 *
 * Thread: main. */
#pragma once

#include "signaling/config.h"

/* One meeting's journal.jsonl; names the first line that is wrong. */
int command_verify_file(const char *path);
/* The meetings of a database, or the one that is named; names the first event that is wrong. */
int command_verify_database(const char *path, const char *meeting);

/* The permission table: a line a method, tabs between: the method, roles that may command it, roles
 * that may for their own room only. */
int command_permissions(void);

/* Makes the account, or gives it a new secret: a line of standard input, or one that is made up and
 * printed when standard input is a terminal or empty. `site` may be NULL. */
int command_add_account(const struct config *config, const char *name, const char *role,
                        const char *site);

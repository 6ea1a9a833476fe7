/* Checks secrets on a thread of its own, one after another: argon2id is made to be slow, and a
 * meeting must not wait for somebody's sign-in.
 *
 * Thread: main, on its default GMainContext; answers come there. */
#pragma once

#include "signaling/auth/secret.h"

#include <glib.h>

struct checker;

struct checker *checker_new(const struct secret_cost *cost);
/* Waits for the check that runs; those still waiting are answered with false. */
void checker_free(struct checker *checker);

typedef void (*checker_answer)(bool matches, void *arg);

/* `encoded` NULL (no such account) takes as long as a real one, and does not match. False, and no
 * answer, when too many checks wait already. */
bool checker_check(struct checker *checker, const char *encoded, const char *secret,
                   checker_answer done, void *arg);

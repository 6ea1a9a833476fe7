/* Accounts' secrets, kept as argon2id (RFC 9106) in its encoded form, and keys, kept as SHA-256.
 *
 * The standard cost, 64 MiB and 3 passes in one lane, is RFC 9106's second recommendation with one
 * lane, because one thread checks (auth/checker.h). A key is 32 random bytes: nobody finds it by
 * trying, so a plain hash is enough.
 *
 * Thread: any. */
#pragma once

#include <stdbool.h>

#define SECRET_MAX   1024 /* bytes */
#define KEY_HEX_SIZE 65

struct secret_cost {
    unsigned memory_kib;
    unsigned passes;
};

/* Free with g_free(). NULL when there is not enough memory. */
char *secret_hash(const char *secret, const struct secret_cost *cost);
/* Takes the time that `encoded` asks for. */
bool secret_matches(const char *encoded, const char *secret);

/* SHA-256 of a key's text, in lower-case hex. */
void key_hash(const char *key, char hex[KEY_HEX_SIZE]);

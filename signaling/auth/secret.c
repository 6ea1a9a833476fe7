#include "signaling/auth/secret.h"

#include <argon2.h>
#include <glib.h>
#include <openssl/rand.h>
#include <string.h>

#define SALT_SIZE 16
#define HASH_SIZE 32
#define LANES     1

char *secret_hash(const char *secret, const struct secret_cost *cost)
{
    uint8_t salt[SALT_SIZE];
    if (RAND_bytes(salt, sizeof salt) != 1)
        return NULL;
    size_t size =
        argon2_encodedlen(cost->passes, cost->memory_kib, LANES, SALT_SIZE, HASH_SIZE, Argon2_id);
    g_autofree char *encoded = g_malloc(size);
    if (argon2id_hash_encoded(cost->passes, cost->memory_kib, LANES, secret, strlen(secret), salt,
                              sizeof salt, HASH_SIZE, encoded, size) != ARGON2_OK)
        return NULL;
    return g_steal_pointer(&encoded);
}

bool secret_matches(const char *encoded, const char *secret)
{
    return argon2id_verify(encoded, secret, strlen(secret)) == ARGON2_OK;
}

void key_hash(const char *key, char hex[KEY_HEX_SIZE])
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    g_strlcpy(hex, digest, KEY_HEX_SIZE);
}

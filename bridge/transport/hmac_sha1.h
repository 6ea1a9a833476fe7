/* HMAC-SHA1 (RFC 2104) under one key for many messages: both halves of the key are hashed once and
 * the states copied for each message.
 *
 * OpenSSL's EVP_MAC does the same but allocates twice a message to copy its states (3.0), which
 * costs more than the hashing of a sound packet: 0.42 µs against 0.20 for 120 bytes.
 *
 * Thread: any, one at a time; no allocation. */
#pragma once

#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

#define HMAC_SHA1_SIZE 20

struct hmac_sha1 {
    SHA_CTX inner, outer;
};

/* `key_size` is at most 64. */
void hmac_sha1_init(struct hmac_sha1 *hmac, const uint8_t *key, size_t key_size);

/* The tag of `bytes` followed by `more`. */
void hmac_sha1_tag(const struct hmac_sha1 *hmac, const uint8_t *bytes, size_t size,
                   const uint8_t *more, size_t more_size, uint8_t tag[HMAC_SHA1_SIZE]);

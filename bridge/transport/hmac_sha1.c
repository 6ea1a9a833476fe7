/* The SHA1_ functions are deprecated in OpenSSL 3 in favour of EVP; why not here: see the header.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "bridge/transport/hmac_sha1.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>

static void start(SHA_CTX *state, const uint8_t *key, size_t key_size, uint8_t filler)
{
    uint8_t block[SHA_CBLOCK];
    memset(block, filler, sizeof block);
    for (size_t i = 0; i < key_size; i++)
        block[i] ^= key[i];
    SHA1_Init(state);
    SHA1_Update(state, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

void hmac_sha1_init(struct hmac_sha1 *hmac, const uint8_t *key, size_t key_size)
{
    assert(key_size <= SHA_CBLOCK);
    start(&hmac->inner, key, key_size, 0x36);
    start(&hmac->outer, key, key_size, 0x5c);
}

void hmac_sha1_tag(const struct hmac_sha1 *hmac, const uint8_t *bytes, size_t size,
                   const uint8_t *more, size_t more_size, uint8_t tag[HMAC_SHA1_SIZE])
{
    SHA_CTX state = hmac->inner;
    SHA1_Update(&state, bytes, size);
    SHA1_Update(&state, more, more_size);
    SHA1_Final(tag, &state);
    state = hmac->outer;
    SHA1_Update(&state, tag, HMAC_SHA1_SIZE);
    SHA1_Final(tag, &state);
}

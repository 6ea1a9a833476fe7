#include "bridge/transport/srtp_out.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/hmac_sha1.h"
#include "bridge/transport/rtp.h"

#include <gio/gio.h>
#include <openssl/evp.h>
#include <string.h>

#define BLOCK_SIZE    16
#define GCM_IV_SIZE   12
#define GCM_TAG_SIZE  16
#define HMAC_TAG_SIZE 10

/* One sending SSRC and its packet index (RFC 3711 section 3.3.1). */
struct stream {
    uint32_t ssrc;
    uint32_t roll_over;
    uint16_t sequence_number; /* the last one sent */
    bool has_sent;
};

struct srtp_out {
    enum srtp_suite suite;
    uint8_t salt[SRTP_SALT_MAX];
    EVP_CIPHER_CTX *cipher;
    struct hmac_sha1 hmac; /* AES-CM only */
    struct stream streams[SRTP_OUTBOUND_SSRCS_MAX];
    unsigned stream_count;
};

bool srtp_derive(const struct srtp_keys *master, size_t salt_size, enum srtp_label label,
                 uint8_t *out, size_t size)
{
    /* Zeros encrypted in counter mode are the PRF's stream. The IV is (key_id xor salt) * 2^16,
     * with the label in the eighth of key_id's fourteen bytes. */
    uint8_t iv[BLOCK_SIZE] = {0}, stream[96] = {0};
    int length = 0;
    g_assert(size <= sizeof stream && salt_size <= SRTP_SALT_MAX);
    memcpy(iv, master->salt, salt_size);
    iv[7] ^= (uint8_t)label;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool is_good = cipher != NULL &&
                   EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, master->key, iv) == 1 &&
                   EVP_EncryptUpdate(cipher, stream, &length, stream, (int)size) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (is_good)
        memcpy(out, stream, size);
    OPENSSL_cleanse(stream, sizeof stream);
    return is_good;
}

static bool refuse(GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "OpenSSL refused the SRTP keys");
    return false;
}

struct srtp_out *srtp_out_new(enum srtp_suite suite, const struct srtp_keys *master, GError **error)
{
    struct srtp_session_keys keys = {0};
    struct srtp_out *out = NULL;
    size_t salt_size = srtp_salt_size(suite);
    if (srtp_derive(master, salt_size, SRTP_LABEL_CIPHER, keys.cipher, sizeof keys.cipher) &&
        srtp_derive(master, salt_size, SRTP_LABEL_AUTHENTICATION, keys.authentication,
                    sizeof keys.authentication) &&
        srtp_derive(master, salt_size, SRTP_LABEL_SALT, keys.salt, salt_size))
        out = srtp_out_new_from_session_keys(suite, &keys, error);
    else
        refuse(error);
    OPENSSL_cleanse(&keys, sizeof keys);
    return out;
}

struct srtp_out *srtp_out_new_from_session_keys(enum srtp_suite suite,
                                                const struct srtp_session_keys *keys,
                                                GError **error)
{
    const EVP_CIPHER *cipher =
        suite == SRTP_SUITE_AEAD_AES_128_GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
    struct srtp_out *out = g_new0(struct srtp_out, 1);
    out->suite = suite;
    memcpy(out->salt, keys->salt, srtp_salt_size(suite));
    hmac_sha1_init(&out->hmac, keys->authentication, sizeof keys->authentication);
    out->cipher = EVP_CIPHER_CTX_new();
    if (out->cipher == NULL ||
        EVP_EncryptInit_ex(out->cipher, cipher, NULL, keys->cipher, NULL) != 1) {
        srtp_out_free(out);
        refuse(error);
        return NULL;
    }
    return out;
}

void srtp_out_free(struct srtp_out *out)
{
    if (out == NULL)
        return;
    EVP_CIPHER_CTX_free(out->cipher);
    OPENSSL_cleanse(out, sizeof *out);
    g_free(out);
}

/* NULL when there are too many. */
static struct stream *find_stream(struct srtp_out *out, uint32_t ssrc)
{
    for (unsigned i = 0; i < out->stream_count; i++) {
        if (out->streams[i].ssrc == ssrc)
            return &out->streams[i];
    }
    if (out->stream_count == SRTP_OUTBOUND_SSRCS_MAX)
        return NULL;
    struct stream *stream = &out->streams[out->stream_count++];
    *stream = (struct stream){.ssrc = ssrc};
    return stream;
}

/* Moves the stream's index on to a sequence number; it never goes back. */
static enum srtp_result advance(struct stream *stream, uint16_t sequence_number)
{
    if (stream->has_sent) {
        if (rtp_sequence_distance(stream->sequence_number, sequence_number) <= 0)
            return SRTP_REPLAYED;
        if (sequence_number < stream->sequence_number) {
            if (stream->roll_over == UINT32_MAX)
                return SRTP_KEYS_EXPIRED;
            stream->roll_over++;
        }
    }
    stream->has_sent = true;
    stream->sequence_number = sequence_number;
    return SRTP_OK;
}

/* RFC 7714 section 8.1: 00 00 | SSRC | ROC | SEQ, xor the salt. The header is the associated data.
 */
static bool protect_gcm(struct srtp_out *out, const struct stream *stream, uint8_t *bytes,
                        size_t *size, size_t header)
{
    uint8_t iv[GCM_IV_SIZE] = {0};
    int length;
    write_u32(iv + 2, stream->ssrc);
    write_u32(iv + 6, stream->roll_over);
    write_u16(iv + 10, stream->sequence_number);
    for (size_t i = 0; i < sizeof iv; i++)
        iv[i] ^= out->salt[i];
    if (EVP_EncryptInit_ex(out->cipher, NULL, NULL, NULL, iv) != 1 ||
        EVP_EncryptUpdate(out->cipher, NULL, &length, bytes, (int)header) != 1 ||
        EVP_EncryptUpdate(out->cipher, bytes + header, &length, bytes + header,
                          (int)(*size - header)) != 1 ||
        EVP_EncryptFinal_ex(out->cipher, bytes + *size, &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(out->cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, bytes + *size) != 1)
        return false;
    *size += GCM_TAG_SIZE;
    return true;
}

/* RFC 3711 section 4.1.1: (salt * 2^16) xor (SSRC * 2^64) xor (index * 2^16); section 4.2: the tag
 * is over the packet and the ROC. */
static bool protect_cm(struct srtp_out *out, const struct stream *stream, uint8_t *bytes,
                       size_t *size, size_t header)
{
    uint8_t iv[BLOCK_SIZE] = {0}, roll_over[4], tag[HMAC_SHA1_SIZE];
    int length;
    write_u32(iv + 4, stream->ssrc);
    write_u32(iv + 8, stream->roll_over);
    write_u16(iv + 12, stream->sequence_number);
    for (size_t i = 0; i < SRTP_SALT_MAX; i++)
        iv[i] ^= out->salt[i];
    if (EVP_EncryptInit_ex(out->cipher, NULL, NULL, NULL, iv) != 1 ||
        EVP_EncryptUpdate(out->cipher, bytes + header, &length, bytes + header,
                          (int)(*size - header)) != 1)
        return false;
    write_u32(roll_over, stream->roll_over);
    hmac_sha1_tag(&out->hmac, bytes, *size, roll_over, sizeof roll_over, tag);
    memcpy(bytes + *size, tag, HMAC_TAG_SIZE);
    *size += HMAC_TAG_SIZE;
    return true;
}

enum srtp_result srtp_out_protect(struct srtp_out *out, uint8_t *bytes, size_t *size,
                                  size_t capacity)
{
    bool is_gcm = out->suite == SRTP_SUITE_AEAD_AES_128_GCM;
    struct rtp_packet packet;
    if (*size > RTP_PACKET_MAX || !rtp_parse(&packet, bytes, *size))
        return SRTP_MALFORMED;
    if (capacity < *size + (is_gcm ? GCM_TAG_SIZE : HMAC_TAG_SIZE))
        return SRTP_NO_ROOM;
    struct stream *stream = find_stream(out, packet.ssrc);
    if (stream == NULL)
        return SRTP_TOO_MANY_SSRCS;
    enum srtp_result result = advance(stream, packet.sequence_number);
    if (result != SRTP_OK)
        return result;
    size_t header = (size_t)(packet.payload - bytes);
    bool is_done = is_gcm ? protect_gcm(out, stream, bytes, size, header)
                          : protect_cm(out, stream, bytes, size, header);
    return is_done ? SRTP_OK : SRTP_FAILED;
}

#include "bridge/transport/srtp_out.h"

#include "bridge/transport/bytes.h"
#include "bridge/transport/rtp.h"

#include <gio/gio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#define GCM_TAG_SIZE  16
#define HMAC_KEY_SIZE 20
#define HMAC_TAG_SIZE 10

/* One sending SSRC: its roll-over counter (RFC 3711 section 3.3.1). */
struct stream {
    uint32_t ssrc;
    uint32_t roll_over;
    uint16_t last_sequence;
};

struct srtp_out {
    enum srtp_suite suite;
    uint8_t salt[SRTP_SALT_MAX];
    EVP_CIPHER_CTX *cipher;
    EVP_MAC *mac;
    EVP_MAC_CTX *hmac; /* AES-CM only */
    struct stream streams[SRTP_OUT_SSRCS];
    unsigned stream_count;
};

static bool start_hmac(struct srtp_out *out, const uint8_t *key)
{
    char digest[] = "SHA1";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    out->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    out->hmac = out->mac != NULL ? EVP_MAC_CTX_new(out->mac) : NULL;
    return out->hmac != NULL && EVP_MAC_init(out->hmac, key, HMAC_KEY_SIZE, params) == 1;
}

struct srtp_out *srtp_out_new(enum srtp_suite suite, const struct srtp_keys *master, GError **error)
{
    uint8_t key[SRTP_KEY_SIZE], hmac_key[HMAC_KEY_SIZE];
    size_t salt_size = srtp_salt_size(suite);
    bool is_gcm = suite == SRTP_SUITE_AEAD_AES_128_GCM;
    struct srtp_out *out = g_new0(struct srtp_out, 1);
    out->suite = suite;
    out->cipher = EVP_CIPHER_CTX_new();
    bool is_good = srtp_derive(master, salt_size, 0, key, sizeof key) &&
                   srtp_derive(master, salt_size, 1, hmac_key, sizeof hmac_key) &&
                   srtp_derive(master, salt_size, 2, out->salt, salt_size) &&
                   EVP_EncryptInit_ex(out->cipher, is_gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr(),
                                      NULL, key, NULL) == 1 &&
                   (is_gcm || start_hmac(out, hmac_key));
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(hmac_key, sizeof hmac_key);
    if (is_good)
        return out;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "OpenSSL refused the SRTP keys");
    srtp_out_free(out);
    return NULL;
}

void srtp_out_free(struct srtp_out *out)
{
    if (out == NULL)
        return;
    EVP_CIPHER_CTX_free(out->cipher);
    EVP_MAC_CTX_free(out->hmac);
    EVP_MAC_free(out->mac);
    OPENSSL_cleanse(out->salt, sizeof out->salt);
    g_free(out);
}

/* The stream with its counter brought up to this sequence number; NULL when there are too many. */
static struct stream *follow_stream(struct srtp_out *out, uint32_t ssrc, uint16_t sequence)
{
    for (unsigned i = 0; i < out->stream_count; i++) {
        struct stream *stream = &out->streams[i];
        if (stream->ssrc != ssrc)
            continue;
        if (sequence < stream->last_sequence)
            stream->roll_over++;
        stream->last_sequence = sequence;
        return stream;
    }
    if (out->stream_count == SRTP_OUT_SSRCS)
        return NULL;
    struct stream *stream = &out->streams[out->stream_count++];
    *stream = (struct stream){.ssrc = ssrc, .last_sequence = sequence};
    return stream;
}

/* RFC 7714 section 8.1: 00 00 | SSRC | ROC | SEQ, xor the salt. */
static bool protect_gcm(struct srtp_out *out, const struct stream *stream, uint8_t *bytes,
                        size_t *size, size_t header)
{
    uint8_t iv[12] = {0};
    int length;
    write_u32(iv + 2, stream->ssrc);
    write_u32(iv + 6, stream->roll_over);
    write_u16(iv + 10, stream->last_sequence);
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

/* RFC 3711 section 4.1.1: (salt << 16) xor (SSRC << 64) xor (index << 16); tag over packet | ROC.
 */
static bool protect_cm(struct srtp_out *out, const struct stream *stream, uint8_t *bytes,
                       size_t *size, size_t header)
{
    uint8_t iv[16] = {0}, number[6], roll_over[4], tag[20];
    size_t tag_size = 0;
    int length;
    memcpy(iv, out->salt, 14);
    write_u32(number, stream->ssrc);
    for (size_t i = 0; i < 4; i++)
        iv[4 + i] ^= number[i];
    write_u32(number, stream->roll_over);
    write_u16(number + 4, stream->last_sequence);
    for (size_t i = 0; i < sizeof number; i++)
        iv[8 + i] ^= number[i];
    write_u32(roll_over, stream->roll_over);
    if (EVP_EncryptInit_ex(out->cipher, NULL, NULL, NULL, iv) != 1 ||
        EVP_EncryptUpdate(out->cipher, bytes + header, &length, bytes + header,
                          (int)(*size - header)) != 1 ||
        EVP_MAC_init(out->hmac, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(out->hmac, bytes, *size) != 1 ||
        EVP_MAC_update(out->hmac, roll_over, sizeof roll_over) != 1 ||
        EVP_MAC_final(out->hmac, tag, &tag_size, sizeof tag) != 1)
        return false;
    memcpy(bytes + *size, tag, HMAC_TAG_SIZE);
    *size += HMAC_TAG_SIZE;
    return true;
}

enum srtp_result srtp_out_protect(struct srtp_out *out, uint8_t *bytes, size_t *size)
{
    struct rtp_packet packet;
    if (*size > RTP_PACKET_MAX || !rtp_parse(&packet, bytes, *size))
        return SRTP_MALFORMED;
    struct stream *stream = follow_stream(out, packet.ssrc, packet.sequence_number);
    if (stream == NULL)
        return SRTP_MALFORMED;
    size_t header = (size_t)(packet.payload - bytes);
    bool is_done = out->suite == SRTP_SUITE_AEAD_AES_128_GCM
                       ? protect_gcm(out, stream, bytes, size, header)
                       : protect_cm(out, stream, bytes, size, header);
    return is_done ? SRTP_OK : SRTP_MALFORMED;
}

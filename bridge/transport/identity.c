#include "bridge/transport/identity.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>

#define VALID_SECONDS   (365L * 24 * 3600)
#define CERTIFICATE_MAX 8192

static struct {
    SSL_CTX *context;
    char fingerprint[SDP_FINGERPRINT_SIZE];
} identity;

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    unsigned char serial[8];
    RAND_bytes(serial, sizeof serial);
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"nhipcau", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

/* Lives as long as the process; freed at exit so that a leak check stays meaningful. */
static void drop_identity(void)
{
    SSL_CTX_free(identity.context);
    identity.context = NULL;
}

static void make_identity(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    SSL_CTX *context = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    /* Bounds what a handshake can make this side hold; a browser's certificate has 300 bytes. */
    SSL_CTX_set_max_cert_list(context, CERTIFICATE_MAX);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    bool is_good =
        SSL_CTX_use_certificate(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey(context, key) == 1 &&
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
        /* Returns 0 when all is well. */
        SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0 &&
        identity_fingerprint_of(certificate, identity.fingerprint);
    if (!is_good)
        g_error("OpenSSL could not make a certificate for DTLS");
    identity.context = context;
    X509_free(certificate);
    EVP_PKEY_free(key);
    atexit(drop_identity);
}

static void ensure_identity(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_identity);
}

const char *identity_fingerprint(void)
{
    ensure_identity();
    return identity.fingerprint;
}

SSL_CTX *identity_context(void)
{
    ensure_identity();
    return identity.context;
}

bool identity_fingerprint_of(const X509 *certificate, char text[SDP_FINGERPRINT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1)
        return false;
    for (unsigned i = 0; i < size; i++)
        g_snprintf(text + 3 * i, 4, i + 1 < size ? "%02X:" : "%02X", digest[i]);
    return true;
}

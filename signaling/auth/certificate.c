#include "signaling/auth/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#define YEARS 10

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

static bool fail(GError **error, const char *what)
{
    g_set_error(error, G_TLS_ERROR, G_TLS_ERROR_MISC, "%s: %s", what,
                ERR_error_string(ERR_get_error(), NULL));
    return false;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool is_added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_random_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] &= 0x7f; /* RFC 5280 section 4.1.2.2: positive */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return is_set;
}

static char *own_names(void)
{
    GString *names = g_string_new("DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1");
    const char *host = g_get_host_name();
    /* A name that is not a host name would make OpenSSL refuse the whole list. */
    if (g_strcmp0(host, "localhost") != 0 &&
        g_regex_match_simple("^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", host, 0, 0))
        g_string_append_printf(names, ",DNS:%s", host);
    return g_string_free(names, FALSE);
}

static X509 *make_certificate(EVP_PKEY *key)
{
    g_autoptr(X509) certificate = X509_new();
    if (certificate == NULL || X509_set_version(certificate, 2) != 1 ||
        !set_random_serial(certificate))
        return NULL;
    X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), YEARS * 365L * 24 * 3600);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Nhip Cau", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    g_autofree char *names = own_names();
    if (!add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(certificate, NID_key_usage, "critical,digitalSignature") ||
        !add_extension(certificate, NID_ext_key_usage, "serverAuth") ||
        !add_extension(certificate, NID_subject_key_identifier, "hash") ||
        !add_extension(certificate, NID_subject_alt_name, names) ||
        X509_sign(certificate, key, EVP_sha256()) == 0)
        return NULL;
    return g_steal_pointer(&certificate);
}

/* Whole or not at all: written beside and renamed. */
static bool write_file(const char *path, BIO *content, mode_t mode, GError **error)
{
    char *bytes;
    long size = BIO_get_mem_data(content, &bytes);
    return g_file_set_contents_full(path, bytes, size,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                    (int)mode, error);
}

bool certificate_ensure(const char *certificate_path, const char *key_path, GError **error)
{
    if (access(certificate_path, F_OK) == 0 && access(key_path, F_OK) == 0)
        return true;
    g_autoptr(EVP_PKEY) key = EVP_EC_gen("P-256");
    if (key == NULL)
        return fail(error, "cannot make a key");
    g_autoptr(X509) certificate = make_certificate(key);
    if (certificate == NULL)
        return fail(error, "cannot make a certificate");
    g_autoptr(BIO) key_pem = BIO_new(BIO_s_secmem());
    g_autoptr(BIO) certificate_pem = BIO_new(BIO_s_mem());
    if (PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_X509(certificate_pem, certificate) != 1)
        return fail(error, "cannot write a certificate");
    return write_file(key_path, key_pem, 0600, error) &&
           write_file(certificate_path, certificate_pem, 0644, error);
}

char *certificate_fingerprint(GTlsCertificate *certificate)
{
    g_autoptr(GByteArray) der = NULL;
    g_object_get(certificate, "certificate", &der, NULL);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(der->data, der->len, digest, &size, EVP_sha256(), NULL) != 1)
        return g_strdup("?");
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < size; i++)
        g_string_append_printf(text, "%s%02X", i > 0 ? ":" : "", digest[i]);
    return g_string_free(text, FALSE);
}

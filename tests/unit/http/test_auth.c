#include "signaling/auth/certificate.h"
#include "signaling/auth/checker.h"
#include "signaling/auth/identity.h"
#include "signaling/auth/limiter.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct secret_cost cheap = {64, 1};

#define SECOND ((int64_t)G_USEC_PER_SEC)

/* Secrets. */

static void test_a_secret_matches_only_itself(void)
{
    g_autofree char *hash = secret_hash("bí mật", &cheap);
    g_autofree char *again = secret_hash("bí mật", &cheap);
    g_assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=64,t=1,p=1$"));
    g_assert_cmpstr(hash, !=, again);
    g_assert_true(secret_matches(hash, "bí mật"));
    g_assert_false(secret_matches(hash, "bí mật "));
    g_assert_false(secret_matches("not a hash", "bí mật"));
}

struct outcome {
    unsigned count;
    bool matches[8];
};

static void keep(bool matches, void *arg)
{
    struct outcome *outcome = arg;
    outcome->matches[outcome->count++] = matches;
}

static void test_checks_are_answered_in_order(void)
{
    g_autofree char *hash = secret_hash("đúng", &cheap);
    struct checker *checker = checker_new(&cheap);
    struct outcome outcome = {0};
    g_assert_true(checker_check(checker, hash, "đúng", keep, &outcome));
    g_assert_true(checker_check(checker, hash, "sai", keep, &outcome));
    g_assert_true(checker_check(checker, NULL, "", keep, &outcome));
    while (outcome.count < 3)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(outcome.matches[0]);
    g_assert_false(outcome.matches[1]);
    g_assert_false(outcome.matches[2]);
    checker_free(checker);
}

static void count(bool matches, void *arg)
{
    (void)matches;
    ++*(unsigned *)arg;
}

static void test_waiting_checks_are_bounded_and_all_answered(void)
{
    struct checker *checker = checker_new(&cheap);
    unsigned asked = 0, answered = 0;
    while (checker_check(checker, NULL, "x", count, &answered))
        asked++;
    g_assert_cmpuint(asked, ==, 64);
    checker_free(checker);
    g_assert_cmpuint(answered, ==, asked);
}

/* Limits. */

static void test_a_bucket_refills_with_time(void)
{
    struct limiter *limiter = limiter_new(60, 2);
    unsigned wait;
    g_assert_true(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
    g_assert_true(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
    g_assert_false(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
    g_assert_cmpuint(wait, ==, 1);
    g_assert_true(limiter_take(limiter, "192.0.2.2", SECOND, &wait));
    g_assert_true(limiter_take(limiter, "192.0.2.1", 2 * SECOND, &wait));
    g_assert_false(limiter_take(limiter, "192.0.2.1", 2 * SECOND, &wait));
    limiter_free(limiter);
}

static void test_a_refund_counts_but_not_beyond_the_burst(void)
{
    struct limiter *limiter = limiter_new(1, 1);
    unsigned wait;
    for (unsigned i = 0; i < 5; i++) {
        g_assert_true(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
        limiter_refund(limiter, "192.0.2.1");
        limiter_refund(limiter, "192.0.2.1");
    }
    g_assert_true(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
    g_assert_false(limiter_take(limiter, "192.0.2.1", SECOND, &wait));
    g_assert_cmpuint(wait, ==, 60);
    limiter_free(limiter);
}

static void test_one_network_of_ip6_is_one_address(void)
{
    struct limiter *limiter = limiter_new(1, 1);
    unsigned wait;
    g_assert_true(limiter_take(limiter, "2001:db8::1", SECOND, &wait));
    g_assert_false(limiter_take(limiter, "2001:db8::ffff:2", SECOND, &wait));
    g_assert_true(limiter_take(limiter, "2001:db8:0:1::1", SECOND, &wait));
    limiter_free(limiter);
}

static void test_the_number_of_addresses_is_bounded(void)
{
    struct limiter *limiter = limiter_new(1, 1);
    unsigned wait, refused = 0;
    for (unsigned i = 0; i < LIMITER_ADDRESSES_MAX + 100; i++) {
        g_autofree char *address = g_strdup_printf("10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        refused += limiter_take(limiter, address, SECOND, &wait) ? 0 : 1;
    }
    /* Those beyond share one bucket. */
    g_assert_cmpuint(refused, ==, 99);
    /* An hour later all are full again and forgotten. */
    g_assert_true(limiter_take(limiter, "192.0.2.1", 3600 * SECOND, &wait));
    g_assert_true(limiter_take(limiter, "192.0.2.2", 3600 * SECOND, &wait));
    limiter_free(limiter);
}

/* Identities. */

struct fixture {
    char *folder, *path;
    struct store *store;
};

static void set_up(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    fixture->folder = g_dir_make_tmp("auth-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->folder, "auth.db", NULL);
    fixture->store = store_open(fixture->path, NULL);
    g_assert_nonnull(fixture->store);
}

static void tear_down(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    store_close(fixture->store);
    GDir *folder = g_dir_open(fixture->folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        g_unlink(path);
    }
    g_dir_close(folder);
    g_rmdir(fixture->folder);
    g_free(fixture->folder);
    g_free(fixture->path);
}

static char *make_link(struct fixture *fixture, const char *site, enum role role)
{
    struct link link = {.site = site, .role = role};
    g_assert_true(identity_make_links(fixture->store, "hop", &link, 1, NULL));
    return link.key;
}

static void test_a_token_is_good_until_it_expires(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct identity wanted = {
        .role = ROLE_SITE, .site = (char *)"hue", .meeting = (char *)"hop", .expires_us = 1000};
    g_autofree char *token = identity_issue_token(fixture->store, &wanted, NULL);
    struct identity *found = identity_of_token(fixture->store, token, 999, NULL);
    g_assert_nonnull(found);
    g_assert_cmpint(found->role, ==, ROLE_SITE);
    g_assert_cmpstr(found->site, ==, "hue");
    g_assert_cmpstr(found->meeting, ==, "hop");
    g_assert_null(found->account);
    identity_free(found);
    g_assert_null(identity_of_token(fixture->store, token, 1000, NULL));
    g_assert_null(identity_of_token(fixture->store, "x", 0, NULL));
}

static void test_a_link_is_no_token_nor_a_token_a_link(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct identity wanted = {.role = ROLE_CHAIR, .account = (char *)"a", .expires_us = INT64_MAX};
    g_autofree char *token = identity_issue_token(fixture->store, &wanted, NULL);
    g_autofree char *link = make_link(fixture, "hue", ROLE_SITE);
    g_assert_null(identity_of_token(fixture->store, link, 0, NULL));
    g_assert_null(identity_of_link(fixture->store, token, NULL));
}

static void test_a_link_without_a_room_is_an_account(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_autofree char *link = make_link(fixture, NULL, ROLE_SECRETARY);
    char hash[KEY_HEX_SIZE];
    key_hash(link, hash);
    g_autofree char *account = g_strdup_printf("link-%.8s", hash);
    struct identity *found = identity_of_link(fixture->store, link, NULL);
    g_assert_cmpstr(found->account, ==, account);
    g_assert_cmpint(found->role, ==, ROLE_SECRETARY);
    g_assert_null(found->site);
    identity_free(found);
}

static void test_the_store_never_sees_a_key(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    g_autofree char *link = make_link(fixture, "hue", ROLE_SITE);
    GDir *folder = g_dir_open(fixture->folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        g_autofree char *content = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(path, &content, &size, NULL));
        g_assert_null(memmem(content, size, link, strlen(link)));
    }
    g_dir_close(folder);
}

/* The certificate. */

static void test_a_certificate_is_made_once(void)
{
    g_autofree char *folder = g_dir_make_tmp("tls-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "cert.pem", NULL);
    g_autofree char *key = g_build_filename(folder, "key.pem", NULL);
    GStatBuf status;
    g_assert_true(certificate_ensure(path, key, NULL));
    g_assert_cmpint(g_stat(key, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_autoptr(GTlsCertificate) certificate = g_tls_certificate_new_from_files(path, key, NULL);
    g_assert_nonnull(certificate);
    g_autoptr(GSocketConnectable) name = g_network_address_new("localhost", 1);
    g_assert_cmpint(g_tls_certificate_verify(certificate, name, certificate), ==, 0);
    g_autoptr(GSocketConnectable) other = g_network_address_new("example.vn", 1);
    g_assert_cmpint(g_tls_certificate_verify(certificate, other, certificate), !=, 0);
    g_autofree char *fingerprint = certificate_fingerprint(certificate);
    g_assert_cmpuint(strlen(fingerprint), ==, 32 * 3 - 1);
    g_assert_true(certificate_ensure(path, key, NULL));
    g_autoptr(GTlsCertificate) again = g_tls_certificate_new_from_files(path, key, NULL);
    g_assert_true(g_tls_certificate_is_same(certificate, again));
    g_unlink(path);
    g_unlink(key);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/secret/a_secret_matches_only_itself", test_a_secret_matches_only_itself);
    g_test_add_func("/checker/checks_are_answered_in_order", test_checks_are_answered_in_order);
    g_test_add_func("/checker/waiting_checks_are_bounded_and_all_answered",
                    test_waiting_checks_are_bounded_and_all_answered);
    g_test_add_func("/limiter/a_bucket_refills_with_time", test_a_bucket_refills_with_time);
    g_test_add_func("/limiter/a_refund_counts_but_not_beyond_the_burst",
                    test_a_refund_counts_but_not_beyond_the_burst);
    g_test_add_func("/limiter/one_network_of_ip6_is_one_address",
                    test_one_network_of_ip6_is_one_address);
    g_test_add_func("/limiter/the_number_of_addresses_is_bounded",
                    test_the_number_of_addresses_is_bounded);
    g_test_add("/identity/a_token_is_good_until_it_expires", struct fixture, NULL, set_up,
               test_a_token_is_good_until_it_expires, tear_down);
    g_test_add("/identity/a_link_is_no_token_nor_a_token_a_link", struct fixture, NULL, set_up,
               test_a_link_is_no_token_nor_a_token_a_link, tear_down);
    g_test_add("/identity/a_link_without_a_room_is_an_account", struct fixture, NULL, set_up,
               test_a_link_without_a_room_is_an_account, tear_down);
    g_test_add("/identity/the_store_never_sees_a_key", struct fixture, NULL, set_up,
               test_the_store_never_sees_a_key, tear_down);
    g_test_add_func("/certificate/a_certificate_is_made_once", test_a_certificate_is_made_once);
    return g_test_run();
}

#include "signaling/store/store.h"
#include "tests/unit/store/folder.h"

#include <sqlite3.h>

struct place {
    struct folder folder;
    struct store *store;
};

static struct place place_new(void)
{
    struct place place = {.folder = folder_new()};
    place.store = store_open(place.folder.file, NULL);
    g_assert_nonnull(place.store);
    return place;
}

static void place_remove(struct place *place)
{
    store_close(place->store);
    folder_remove(&place->folder);
}

#define place_auto __attribute__((cleanup(place_remove))) struct place

static void an_account_is_kept_with_role_and_room(void)
{
    place_auto place = place_new();
    struct account chair = {"chu-toa", "$argon2id$1", ROLE_CHAIR, "van-phong"};
    struct account secretary = {"thu-ky", "$argon2id$2", ROLE_SECRETARY, NULL};
    g_assert_true(store_put_account(place.store, &chair, NULL));
    g_assert_true(store_put_account(place.store, &secretary, NULL));
    struct account *found = store_get_account(place.store, "chu-toa", NULL);
    g_assert_cmpstr(found->secret_hash, ==, "$argon2id$1");
    g_assert_cmpint(found->role, ==, ROLE_CHAIR);
    g_assert_cmpstr(found->site, ==, "van-phong");
    account_free(found);
    found = store_get_account(place.store, "thu-ky", NULL);
    g_assert_null(found->site);
    account_free(found);
}

static void an_account_put_again_is_replaced(void)
{
    place_auto place = place_new();
    struct account first = {"thu-ky", "$argon2id$1", ROLE_CHAIR, "van-phong"};
    struct account second = {"thu-ky", "$argon2id$2", ROLE_SECRETARY, NULL};
    store_put_account(place.store, &first, NULL);
    store_put_account(place.store, &second, NULL);
    struct account *found = store_get_account(place.store, "thu-ky", NULL);
    g_assert_cmpstr(found->secret_hash, ==, "$argon2id$2");
    g_assert_cmpint(found->role, ==, ROLE_SECRETARY);
    g_assert_null(found->site);
    account_free(found);
}

static void nobody_is_found_without_an_error(void)
{
    place_auto place = place_new();
    g_autoptr(GError) error = NULL;
    g_assert_null(store_get_account(place.store, "' OR 1=1 --", &error));
    g_assert_no_error(error);
    g_assert_null(store_get_grant(place.store, "00", "link", &error));
    g_assert_no_error(error);
}

static void a_role_that_this_program_does_not_know_is_an_error(void)
{
    place_auto place = place_new();
    struct account account = {"thu-ky", "$argon2id$1", ROLE_SECRETARY, NULL};
    sqlite3 *database;
    g_autoptr(GError) error = NULL;
    store_put_account(place.store, &account, NULL);
    g_assert_cmpint(sqlite3_open(place.folder.file, &database), ==, SQLITE_OK);
    sqlite3_exec(database, "UPDATE account SET role = 'king'", NULL, NULL, NULL);
    sqlite3_close(database);
    g_assert_null(store_get_account(place.store, "thu-ky", &error));
    g_assert_nonnull(error);
}

static void a_grant_is_found_by_its_key_and_kind(void)
{
    place_auto place = place_new();
    struct grant link = {"aa", "link", NULL, ROLE_SITE, "da-nang", "hop", 0};
    g_assert_true(store_put_grant(place.store, &link, NULL));
    struct grant *found = store_get_grant(place.store, "aa", "link", NULL);
    g_assert_cmpstr(found->site, ==, "da-nang");
    g_assert_cmpstr(found->meeting, ==, "hop");
    g_assert_cmpint(found->role, ==, ROLE_SITE);
    g_assert_null(found->account);
    grant_free(found);
    g_assert_null(store_get_grant(place.store, "aa", "token", NULL));
    g_assert_true(store_delete_grant(place.store, "aa", NULL));
    g_assert_null(store_get_grant(place.store, "aa", "link", NULL));
}

static void the_sweep_drops_what_has_expired_only(void)
{
    place_auto place = place_new();
    struct grant grants[] = {
        {"aa", "token", "thu-ky", ROLE_SECRETARY, NULL, NULL, 100},
        {"bb", "token", "thu-ky", ROLE_SECRETARY, NULL, NULL, 101},
        {"cc", "link", NULL, ROLE_SITE, "hue", "hop", 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(grants); i++)
        store_put_grant(place.store, &grants[i], NULL);
    g_assert_cmpint(store_sweep_grants(place.store, 100, NULL), ==, 1);
    g_assert_null(store_get_grant(place.store, "aa", "token", NULL));
    struct grant *later = store_get_grant(place.store, "bb", "token", NULL);
    struct grant *forever = store_get_grant(place.store, "cc", "link", NULL);
    g_assert_cmpint(later->expires_us, ==, 101);
    g_assert_nonnull(forever);
    grant_free(later);
    grant_free(forever);
}

#define TEST(name) g_test_add_func("/access/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(an_account_is_kept_with_role_and_room);
    TEST(an_account_put_again_is_replaced);
    TEST(nobody_is_found_without_an_error);
    TEST(a_role_that_this_program_does_not_know_is_an_error);
    TEST(a_grant_is_found_by_its_key_and_kind);
    TEST(the_sweep_drops_what_has_expired_only);
    return g_test_run();
}

/* The embedded store: one SQLite file, WAL, every append one transaction synced to disk. */
#include "signaling/store/store.h"

#include "common/clock.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x4e434231 /* "NCB1", in the file's header: whose database it is */

/* Each brings the tables from its index to the next version. */
static const char *const migrations[] = {
    "CREATE TABLE event ("
    "  meeting TEXT NOT NULL, seq INTEGER NOT NULL, time_us INTEGER NOT NULL,"
    "  actor TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,"
    "  prev TEXT NOT NULL, hash TEXT NOT NULL,"
    "  PRIMARY KEY (meeting, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE account ("
    "  name TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, role TEXT NOT NULL, site TEXT) STRICT;"
    "CREATE TABLE access ("
    "  key_hash TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT, role TEXT NOT NULL,"
    "  site TEXT, meeting TEXT, expires_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX access_expires ON access (expires_us) WHERE expires_us > 0;",
    /* How often each choice of a secret vote was made; who made it stands nowhere here. */
    "CREATE TABLE ballot ("
    "  meeting TEXT NOT NULL, vote TEXT NOT NULL, choice TEXT NOT NULL, count INTEGER NOT NULL,"
    "  PRIMARY KEY (meeting, vote, choice)) STRICT, WITHOUT ROWID;",
    /* What a rehearsal found of each room; not of the official record. */
    "CREATE TABLE readiness ("
    "  meeting TEXT NOT NULL, site TEXT NOT NULL, item TEXT NOT NULL, value TEXT NOT NULL,"
    "  by TEXT NOT NULL, time_us INTEGER NOT NULL,"
    "  PRIMARY KEY (meeting, site, item)) STRICT, WITHOUT ROWID;",
    /* By which link or account a token came, so that it goes with it. */
    "ALTER TABLE access ADD COLUMN made_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE access ADD COLUMN parent TEXT;"
    "CREATE INDEX access_parent ON access (parent) WHERE parent IS NOT NULL;",
};

#define SCHEMA_VERSION ((int)G_N_ELEMENTS(migrations))

enum statement {
    APPEND_EVENT,
    LAST_EVENT,
    READ_EVENTS,
    LIST_MEETINGS,
    COUNT_BALLOT,
    READ_TALLY,
    PUT_ACCOUNT,
    GET_ACCOUNT,
    PUT_GRANT,
    GET_GRANT,
    DELETE_GRANT,
    LIST_GRANTS,
    LIST_ACCOUNTS,
    DELETE_ACCOUNT,
    SWEEP_GRANTS,
    PUT_READINESS,
    READ_READINESS,
    STATEMENTS
};

#define GRANT_COLUMNS "key_hash, kind, account, role, site, meeting, expires_us, made_us, parent"

static const char *const statement_texts[STATEMENTS] = {
    [APPEND_EVENT] = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [LAST_EVENT] = "SELECT seq, hash FROM event WHERE meeting = ? ORDER BY seq DESC LIMIT 1",
    [READ_EVENTS] = "SELECT meeting, seq, time_us, actor, type, body, prev, hash FROM event"
                    " WHERE meeting = ? AND seq > ? ORDER BY seq",
    /* By any event: a meeting whose first one is lost is damaged, not absent. */
    [LIST_MEETINGS] = "SELECT meeting FROM event GROUP BY meeting"
                      " ORDER BY min(time_us), meeting",
    [COUNT_BALLOT] = "INSERT INTO ballot VALUES (?, ?, ?, 1)"
                     " ON CONFLICT DO UPDATE SET count = count + 1",
    [READ_TALLY] = "SELECT choice, count FROM ballot WHERE meeting = ? AND vote = ?",
    [PUT_ACCOUNT] = "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?)",
    [GET_ACCOUNT] = "SELECT name, secret_hash, role, site FROM account WHERE name = ?",
    [PUT_GRANT] = "INSERT OR REPLACE INTO access VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [GET_GRANT] = "SELECT " GRANT_COLUMNS " FROM access WHERE key_hash = ? AND kind = ?",
    [DELETE_GRANT] = "DELETE FROM access WHERE key_hash = ?1 OR parent = ?1",
    [LIST_GRANTS] = "SELECT " GRANT_COLUMNS " FROM access WHERE kind = ?1"
                    " AND (?2 IS NULL OR meeting = ?2) ORDER BY made_us, key_hash",
    [LIST_ACCOUNTS] = "SELECT name, secret_hash, role, site FROM account ORDER BY name",
    [DELETE_ACCOUNT] = "DELETE FROM account WHERE name = ?",
    [PUT_READINESS] = "INSERT OR REPLACE INTO readiness VALUES (?, ?, ?, ?, ?, ?)",
    [READ_READINESS] = "SELECT site, item, value, by, time_us FROM readiness WHERE meeting = ?",
    [SWEEP_GRANTS] = "DELETE FROM access WHERE expires_us > 0 AND expires_us <= ?",
};

struct store {
    sqlite3 *database;
    char *path;
    sqlite3_stmt *statements[STATEMENTS];
};

/* What the person who can act is to know of SQLite's last error. */
static bool fail(struct store *store, GError **error)
{
    GIOErrorEnum code = G_IO_ERROR_FAILED;
    const char *advice = "";
    switch (sqlite3_errcode(store->database)) {
    case SQLITE_FULL:
        code = G_IO_ERROR_NO_SPACE;
        advice = ": make room on the disk";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        code = G_IO_ERROR_BUSY;
        advice = ": another program is using it";
        break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        code = G_IO_ERROR_INVALID_DATA;
        advice = ": restore it from a backup";
        break;
    default:
        break;
    }
    g_set_error(error, G_IO_ERROR, code, "%s: %s%s", store->path, sqlite3_errmsg(store->database),
                advice);
    return false;
}

static bool execute(struct store *store, const char *sql, GError **error)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK || fail(store, error);
}

/* The one number that a query gives. */
static bool read_number(struct store *store, const char *sql, int64_t *number, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool is_read = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                   sqlite3_step(statement) == SQLITE_ROW;
    if (is_read)
        *number = sqlite3_column_int64(statement, 0);
    else
        fail(store, error);
    sqlite3_finalize(statement);
    return is_read;
}

/* Looks whose file it is before anything is written to it. `version` 0: an empty one. */
static bool read_version(struct store *store, int64_t *version, GError **error)
{
    int64_t application, tables;
    if (!read_number(store, "PRAGMA application_id", &application, error) ||
        !read_number(store, "PRAGMA user_version", version, error) ||
        !read_number(store, "SELECT count(*) FROM sqlite_schema", &tables, error))
        return false;
    bool is_empty = application == 0 && *version == 0 && tables == 0;
    if (is_empty || (application == APPLICATION_ID && *version >= 1 && *version <= SCHEMA_VERSION))
        return true;
    if (application != APPLICATION_ID)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "%s: is another program's database", store->path);
    else
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "%s: made by a newer version of this program (%" G_GINT64_FORMAT
                    ", this one knows %d)",
                    store->path, (gint64)*version, SCHEMA_VERSION);
    return false;
}

/* Runs in a transaction, so that of two programs that open the file at once only one migrates. */
static bool migrate(struct store *store, GError **error)
{
    int64_t version;
    if (!read_version(store, &version, error))
        return false;
    while (version < SCHEMA_VERSION) {
        if (!execute(store, migrations[version++], error))
            return false;
    }
    g_autofree char *mark =
        g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                        APPLICATION_ID, SCHEMA_VERSION);
    return execute(store, mark, error);
}

/* Every append is synced; what is overwritten is gone from the file. */
static bool prepare_file(struct store *store, GError **error)
{
    int64_t version;
    return read_version(store, &version, error) &&
           execute(store, "PRAGMA journal_mode = WAL", error) &&
           execute(store, "PRAGMA synchronous = FULL", error) &&
           execute(store, "PRAGMA secure_delete = ON", error) &&
           (version == SCHEMA_VERSION ||
            (execute(store, "BEGIN IMMEDIATE", error) && migrate(store, error)));
}

static bool prepare_all(struct store *store, GError **error)
{
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->database, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return fail(store, error);
    }
    return true;
}

/* Nobody else is to read it. SQLite makes the files beside it with the same mode. An existing file
 * is not opened here: closing it would drop the locks of every connection to it in this process. */
static void keep_private(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0)
        chmod(path, 0600);
}

struct store *store_open(const char *path, GError **error)
{
    struct store *store = g_new0(struct store, 1);
    store->path = g_strdup(path);
    keep_private(path);
    if (sqlite3_open_v2(path, &store->database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(store->database, 5000) != SQLITE_OK) {
        fail(store, error);
    } else if (prepare_file(store, error) && prepare_all(store, error)) {
        return store;
    }
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->database);
    g_free(store->path);
    g_free(store);
}

/* A statement ready to be bound; give it back with sqlite3_reset(). */
static sqlite3_stmt *take(struct store *store, enum statement which)
{
    sqlite3_stmt *statement = store->statements[which];
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    if (text != NULL)
        sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

static char *column_text(sqlite3_stmt *statement, int index)
{
    return g_strdup((const char *)sqlite3_column_text(statement, index));
}

/* Runs a statement that gives no rows. */
static bool run(struct store *store, sqlite3_stmt *statement, GError **error)
{
    bool is_done = sqlite3_step(statement) == SQLITE_DONE || fail(store, error);
    sqlite3_reset(statement);
    return is_done;
}

static bool last_event(struct store *store, const char *meeting, uint64_t *seq,
                       char hash[HASH_HEX_SIZE], GError **error)
{
    sqlite3_stmt *statement = take(store, LAST_EVENT);
    bind_text(statement, 1, meeting);
    *seq = 0;
    memset(hash, '0', HASH_HEX_SIZE - 1);
    hash[HASH_HEX_SIZE - 1] = '\0';
    int status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        *seq = (uint64_t)sqlite3_column_int64(statement, 0);
        g_strlcpy(hash, (const char *)sqlite3_column_text(statement, 1), HASH_HEX_SIZE);
    }
    bool is_good = status == SQLITE_ROW || status == SQLITE_DONE || fail(store, error);
    sqlite3_reset(statement);
    return is_good;
}

static bool insert_event(struct store *store, const struct event *event, GError **error)
{
    sqlite3_stmt *statement = take(store, APPEND_EVENT);
    char *actor = json_canonical(event->actor);
    char *body = json_canonical(event->body);
    bind_text(statement, 1, event->meeting);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)event->seq);
    sqlite3_bind_int64(statement, 3, event->time_us);
    bind_text(statement, 4, actor);
    bind_text(statement, 5, event->type);
    bind_text(statement, 6, body);
    bind_text(statement, 7, event->prev);
    bind_text(statement, 8, event->hash);
    free(actor);
    free(body);
    return run(store, statement, error);
}

static bool insert_all(struct store *store, const GPtrArray *events, GError **error)
{
    const struct event *first = events->pdata[0];
    uint64_t seq;
    char hash[HASH_HEX_SIZE];
    if (!last_event(store, first->meeting, &seq, hash, error))
        return false;
    for (unsigned i = 0; i < events->len; i++) {
        const struct event *event = events->pdata[i];
        if (strcmp(event->meeting, first->meeting) != 0 || event->seq != seq + 1 ||
            strcmp(event->prev, hash) != 0) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                        "%s: event %" G_GUINT64_FORMAT
                        " of meeting %s does not follow %" G_GUINT64_FORMAT,
                        store->path, (guint64)event->seq, event->meeting, (guint64)seq);
            return false;
        }
        if (!insert_event(store, event, error))
            return false;
        seq = event->seq;
        g_strlcpy(hash, event->hash, sizeof hash);
    }
    return true;
}

/* Ends a transaction, which has gone well so far or not. */
static bool commit(struct store *store, bool is_good, GError **error)
{
    if (is_good && execute(store, "COMMIT", error))
        return true;
    /* A full disk may have rolled back already; then there is nothing to undo. */
    if (!sqlite3_get_autocommit(store->database))
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

static bool count_ballot(struct store *store, const char *meeting, const json_t *ballot,
                         GError **error)
{
    sqlite3_stmt *statement = take(store, COUNT_BALLOT);
    bind_text(statement, 1, meeting);
    bind_text(statement, 2, json_string_value(json_object_get(ballot, "vote")));
    bind_text(statement, 3, json_string_value(json_object_get(ballot, "choice")));
    return run(store, statement, error);
}

bool store_append_with_ballot(struct store *store, const GPtrArray *events, const json_t *ballot,
                              GError **error)
{
    if (events->len == 0)
        return true;
    const struct event *first = events->pdata[0];
    if (!execute(store, "BEGIN IMMEDIATE", error))
        return false;
    bool is_good = insert_all(store, events, error) &&
                   (ballot == NULL || count_ballot(store, first->meeting, ballot, error));
    return commit(store, is_good, error);
}

bool store_append(struct store *store, const GPtrArray *events, GError **error)
{
    return store_append_with_ballot(store, events, NULL, error);
}

json_t *store_tally(struct store *store, const char *meeting, const char *vote, GError **error)
{
    sqlite3_stmt *statement = take(store, READ_TALLY);
    json_t *tally = json_object();
    int status;
    bind_text(statement, 1, meeting);
    bind_text(statement, 2, vote);
    while ((status = sqlite3_step(statement)) == SQLITE_ROW)
        json_object_set_new(tally, (const char *)sqlite3_column_text(statement, 0),
                            json_integer(sqlite3_column_int64(statement, 1)));
    if (status != SQLITE_DONE) {
        fail(store, error);
        json_decref(tally);
        tally = NULL;
    }
    sqlite3_reset(statement);
    return tally;
}

void store_forget_order(struct store *store)
{
    sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static struct event *read_event(struct store *store, sqlite3_stmt *statement, GError **error)
{
    struct event *event = g_new0(struct event, 1);
    event->meeting = column_text(statement, 0);
    event->seq = (uint64_t)sqlite3_column_int64(statement, 1);
    event->time_us = sqlite3_column_int64(statement, 2);
    event->actor = json_loads((const char *)sqlite3_column_text(statement, 3), 0, NULL);
    event->type = column_text(statement, 4);
    event->body = json_loads((const char *)sqlite3_column_text(statement, 5), 0, NULL);
    g_strlcpy(event->prev, (const char *)sqlite3_column_text(statement, 6), HASH_HEX_SIZE);
    g_strlcpy(event->hash, (const char *)sqlite3_column_text(statement, 7), HASH_HEX_SIZE);
    if (json_is_object(event->actor) && json_is_object(event->body))
        return event;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                "%s: event %" G_GUINT64_FORMAT " of meeting %s is not JSON", store->path,
                (guint64)event->seq, event->meeting);
    event_free(event);
    return NULL;
}

bool store_read(struct store *store, const char *meeting, uint64_t since, store_visit visit,
                void *arg, GError **error)
{
    sqlite3_stmt *statement = take(store, READ_EVENTS);
    bool is_good = true, goes_on = true;
    int status = SQLITE_DONE;
    bind_text(statement, 1, meeting);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)MIN(since, (uint64_t)INT64_MAX));
    while (goes_on && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        struct event *event = read_event(store, statement, error);
        is_good = event != NULL;
        goes_on = is_good && visit(event, arg);
        event_free(event);
    }
    if (goes_on && status != SQLITE_DONE)
        is_good = fail(store, error);
    sqlite3_reset(statement);
    return is_good;
}

char **store_meetings(struct store *store, GError **error)
{
    sqlite3_stmt *statement = take(store, LIST_MEETINGS);
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW)
        g_ptr_array_add(ids, column_text(statement, 0));
    if (status != SQLITE_DONE)
        fail(store, error);
    sqlite3_reset(statement);
    if (status != SQLITE_DONE)
        return NULL;
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_steal(ids, NULL);
}

void account_free(struct account *account)
{
    if (account == NULL)
        return;
    g_free(account->name);
    g_free(account->secret_hash);
    g_free(account->site);
    g_free(account);
}

bool store_put_account(struct store *store, const struct account *account, GError **error)
{
    sqlite3_stmt *statement = take(store, PUT_ACCOUNT);
    bind_text(statement, 1, account->name);
    bind_text(statement, 2, account->secret_hash);
    bind_text(statement, 3, role_name(account->role));
    bind_text(statement, 4, account->site);
    return run(store, statement, error);
}

/* One row or none. False when neither: an error, or a role that this program does not know. */
static bool one_row(struct store *store, sqlite3_stmt *statement, int role_column, bool *is_found,
                    enum role *role, GError **error)
{
    int status = sqlite3_step(statement);
    *is_found = status == SQLITE_ROW;
    if (status == SQLITE_DONE)
        return true;
    if (status != SQLITE_ROW)
        return fail(store, error);
    const char *name = (const char *)sqlite3_column_text(statement, role_column);
    if (role_parse(name, role))
        return true;
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: unknown role %s", store->path,
                name);
    return false;
}

static struct account *read_account(sqlite3_stmt *statement, enum role role)
{
    struct account *account = g_new0(struct account, 1);
    account->name = column_text(statement, 0);
    account->secret_hash = column_text(statement, 1);
    account->role = role;
    account->site = column_text(statement, 3);
    return account;
}

struct account *store_get_account(struct store *store, const char *name, GError **error)
{
    sqlite3_stmt *statement = take(store, GET_ACCOUNT);
    struct account *account = NULL;
    bool is_found;
    enum role role;
    bind_text(statement, 1, name);
    if (one_row(store, statement, 2, &is_found, &role, error) && is_found)
        account = read_account(statement, role);
    sqlite3_reset(statement);
    return account;
}

void grant_free(struct grant *grant)
{
    if (grant == NULL)
        return;
    g_free(grant->key_hash);
    g_free(grant->kind);
    g_free(grant->account);
    g_free(grant->site);
    g_free(grant->meeting);
    g_free(grant->parent);
    g_free(grant);
}

bool store_put_grant(struct store *store, const struct grant *grant, GError **error)
{
    sqlite3_stmt *statement = take(store, PUT_GRANT);
    bind_text(statement, 1, grant->key_hash);
    bind_text(statement, 2, grant->kind);
    bind_text(statement, 3, grant->account);
    bind_text(statement, 4, role_name(grant->role));
    bind_text(statement, 5, grant->site);
    bind_text(statement, 6, grant->meeting);
    sqlite3_bind_int64(statement, 7, grant->expires_us);
    sqlite3_bind_int64(statement, 8, grant->made_us);
    bind_text(statement, 9, grant->parent);
    return run(store, statement, error);
}

bool store_put_grants(struct store *store, const struct grant *grants, size_t count, GError **error)
{
    if (!execute(store, "BEGIN IMMEDIATE", error))
        return false;
    bool is_good = true;
    for (size_t i = 0; is_good && i < count; i++)
        is_good = store_put_grant(store, &grants[i], error);
    return commit(store, is_good, error);
}

static struct grant *read_grant(sqlite3_stmt *statement, enum role role)
{
    struct grant *grant = g_new0(struct grant, 1);
    grant->key_hash = column_text(statement, 0);
    grant->kind = column_text(statement, 1);
    grant->account = column_text(statement, 2);
    grant->role = role;
    grant->site = column_text(statement, 4);
    grant->meeting = column_text(statement, 5);
    grant->expires_us = sqlite3_column_int64(statement, 6);
    grant->made_us = sqlite3_column_int64(statement, 7);
    grant->parent = column_text(statement, 8);
    return grant;
}

struct grant *store_get_grant(struct store *store, const char *key_hash, const char *kind,
                              GError **error)
{
    sqlite3_stmt *statement = take(store, GET_GRANT);
    struct grant *grant = NULL;
    bool is_found;
    enum role role;
    bind_text(statement, 1, key_hash);
    bind_text(statement, 2, kind);
    if (one_row(store, statement, 3, &is_found, &role, error) && is_found)
        grant = read_grant(statement, role);
    sqlite3_reset(statement);
    return grant;
}

static void free_grant(void *grant)
{
    grant_free(grant);
}

GPtrArray *store_list_grants(struct store *store, const char *kind, const char *meeting,
                             GError **error)
{
    sqlite3_stmt *statement = take(store, LIST_GRANTS);
    GPtrArray *grants = g_ptr_array_new_with_free_func(free_grant);
    bool is_found = true, is_good = true;
    enum role role;
    bind_text(statement, 1, kind);
    bind_text(statement, 2, meeting);
    while (is_good && is_found) {
        is_good = one_row(store, statement, 3, &is_found, &role, error);
        if (is_good && is_found)
            g_ptr_array_add(grants, read_grant(statement, role));
    }
    sqlite3_reset(statement);
    if (!is_good)
        g_clear_pointer(&grants, g_ptr_array_unref);
    return grants;
}

static void free_account(void *account)
{
    account_free(account);
}

GPtrArray *store_list_accounts(struct store *store, GError **error)
{
    sqlite3_stmt *statement = take(store, LIST_ACCOUNTS);
    GPtrArray *accounts = g_ptr_array_new_with_free_func(free_account);
    bool is_found = true, is_good = true;
    enum role role;
    while (is_good && is_found) {
        is_good = one_row(store, statement, 2, &is_found, &role, error);
        if (is_good && is_found)
            g_ptr_array_add(accounts, read_account(statement, role));
    }
    sqlite3_reset(statement);
    if (!is_good)
        g_clear_pointer(&accounts, g_ptr_array_unref);
    return accounts;
}

bool store_delete_account(struct store *store, const char *name, GError **error)
{
    sqlite3_stmt *statement = take(store, DELETE_ACCOUNT);
    g_autofree char *parent = g_strconcat("account:", name, NULL);
    bind_text(statement, 1, name);
    return run(store, statement, error) && store_delete_grant(store, parent, error);
}

bool store_delete_grant(struct store *store, const char *key_hash, GError **error)
{
    sqlite3_stmt *statement = take(store, DELETE_GRANT);
    bind_text(statement, 1, key_hash);
    return run(store, statement, error);
}

int store_sweep_grants(struct store *store, int64_t now_us, GError **error)
{
    sqlite3_stmt *statement = take(store, SWEEP_GRANTS);
    sqlite3_bind_int64(statement, 1, now_us);
    return run(store, statement, error) ? sqlite3_changes(store->database) : -1;
}

bool store_put_readiness(struct store *store, const char *meeting, const char *site,
                         const char *item, const json_t *value, const json_t *by, int64_t now_us,
                         GError **error)
{
    sqlite3_stmt *statement = take(store, PUT_READINESS);
    char *value_text = json_canonical(value), *by_text = json_canonical(by);
    bind_text(statement, 1, meeting);
    bind_text(statement, 2, site);
    bind_text(statement, 3, item);
    bind_text(statement, 4, value_text);
    bind_text(statement, 5, by_text);
    sqlite3_bind_int64(statement, 6, now_us);
    free(value_text);
    free(by_text);
    return run(store, statement, error);
}

/* False for a row that is not what was written. */
static bool add_finding(json_t *sites, sqlite3_stmt *statement)
{
    char time[CLOCK_RFC3339_SIZE];
    const char *site = (const char *)sqlite3_column_text(statement, 0);
    json_t *value = json_loads((const char *)sqlite3_column_text(statement, 2), 0, NULL);
    json_t *by = json_loads((const char *)sqlite3_column_text(statement, 3), 0, NULL);
    if (!json_is_object(value) || !json_is_object(by)) {
        json_decref(value);
        json_decref(by);
        return false;
    }
    clock_format_rfc3339(sqlite3_column_int64(statement, 4), time);
    json_object_set_new(value, "by", by);
    json_object_set_new(value, "time", json_string(time));
    if (json_object_get(sites, site) == NULL)
        json_object_set_new(sites, site, json_object());
    json_object_set_new(json_object_get(sites, site),
                        (const char *)sqlite3_column_text(statement, 1), value);
    return true;
}

json_t *store_read_readiness(struct store *store, const char *meeting, GError **error)
{
    sqlite3_stmt *statement = take(store, READ_READINESS);
    json_t *sites = json_object();
    int status;
    bool is_good = true;
    bind_text(statement, 1, meeting);
    while (is_good && (status = sqlite3_step(statement)) == SQLITE_ROW)
        is_good = add_finding(sites, statement);
    if (!is_good)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "%s: a room's readiness in meeting %s is not JSON", store->path, meeting);
    else if (status != SQLITE_DONE)
        is_good = fail(store, error);
    sqlite3_reset(statement);
    if (!is_good)
        json_decref(sites);
    return is_good ? sites : NULL;
}

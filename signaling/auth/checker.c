#include "signaling/auth/checker.h"

#include "common/queue.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define WAITING_MAX 64

struct checker {
    pthread_t thread;
    struct queue *work;    /* to the thread */
    struct queue *answers; /* back to main */
    struct secret_cost cost;
    char *nobody;     /* the thread's: the hash of a secret that nobody has */
    unsigned waiting; /* main's */
    atomic_bool is_ending;
    bool is_over; /* the thread's */
};

struct check {
    struct checker *checker;
    char *encoded; /* NULL: no such account */
    char *secret;
    bool matches;
    checker_answer done;
    void *arg;
};

static void answer(void *arg)
{
    struct check *check = arg;
    check->checker->waiting--;
    check->done(check->matches, check->arg);
    OPENSSL_cleanse(check->secret, strlen(check->secret));
    g_free(check->secret);
    g_free(check->encoded);
    g_free(check);
}

static void run_check(void *arg)
{
    struct check *check = arg;
    struct checker *checker = check->checker;
    bool is_account = check->encoded != NULL;
    const char *encoded = is_account ? check->encoded : checker->nobody;
    if (!atomic_load(&checker->is_ending) && encoded != NULL)
        check->matches = secret_matches(encoded, check->secret) && is_account;
    queue_post(checker->answers, answer, check);
}

static void end_thread(void *arg)
{
    struct checker *checker = arg;
    checker->is_over = true;
}

static void *run_thread(void *arg)
{
    struct checker *checker = arg;
    struct pollfd ready = {.fd = queue_fd(checker->work), .events = POLLIN};
    checker->nobody = secret_hash("", &checker->cost);
    while (!checker->is_over) {
        poll(&ready, 1, -1);
        queue_run(checker->work);
    }
    return NULL;
}

struct checker *checker_new(const struct secret_cost *cost)
{
    struct checker *checker = g_new0(struct checker, 1);
    checker->cost = *cost;
    checker->work = queue_new();
    checker->answers = queue_new();
    queue_attach(checker->answers, NULL);
    if (pthread_create(&checker->thread, NULL, run_thread, checker) != 0)
        g_error("no thread for checking secrets");
    return checker;
}

void checker_free(struct checker *checker)
{
    if (checker == NULL)
        return;
    atomic_store(&checker->is_ending, true);
    queue_post(checker->work, end_thread, checker);
    pthread_join(checker->thread, NULL);
    queue_free(checker->work);
    queue_free(checker->answers);
    g_free(checker->nobody);
    g_free(checker);
}

bool checker_check(struct checker *checker, const char *encoded, const char *secret,
                   checker_answer done, void *arg)
{
    if (checker->waiting >= WAITING_MAX)
        return false;
    struct check *check = g_new0(struct check, 1);
    check->checker = checker;
    check->encoded = g_strdup(encoded);
    check->secret = g_strdup(secret);
    check->done = done;
    check->arg = arg;
    checker->waiting++;
    queue_post(checker->work, run_check, check);
    return true;
}

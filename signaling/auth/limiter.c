#include "signaling/auth/limiter.h"

#include <arpa/inet.h>
#include <glib.h>
#include <math.h>

#define USEC_PER_SEC 1e6

struct limiter {
    double per_second;
    double burst;
    GHashTable *buckets; /* address -> struct bucket */
};

static void bucket_refill(struct bucket *bucket, double per_second, double burst, int64_t now_us)
{
    if (bucket->updated_us == 0)
        bucket->tokens = burst;
    else
        bucket->tokens += (double)(now_us - bucket->updated_us) / USEC_PER_SEC * per_second;
    bucket->tokens = MIN(bucket->tokens, burst);
    bucket->updated_us = now_us;
}

bool bucket_take(struct bucket *bucket, double per_second, double burst, int64_t now_us)
{
    bucket_refill(bucket, per_second, burst, now_us);
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}

struct limiter *limiter_new(double per_minute, double burst)
{
    struct limiter *limiter = g_new0(struct limiter, 1);
    limiter->per_second = per_minute / 60;
    limiter->burst = burst;
    limiter->buckets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    if (limiter == NULL)
        return;
    g_hash_table_unref(limiter->buckets);
    g_free(limiter);
}

static char *address_key(const char *address)
{
    struct in6_addr ip;
    if (address == NULL || inet_pton(AF_INET6, address, &ip) != 1 || IN6_IS_ADDR_V4MAPPED(&ip))
        return g_strdup(address != NULL ? address : "");
    const uint8_t *b = ip.s6_addr;
    return g_strdup_printf("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", b[0], b[1], b[2], b[3], b[4],
                           b[5], b[6], b[7]);
}

/* Forgets those that are full again: they say nothing. */
static void sweep(struct limiter *limiter, int64_t now_us)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, limiter->buckets);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        bucket_refill(value, limiter->per_second, limiter->burst, now_us);
        if (((struct bucket *)value)->tokens >= limiter->burst)
            g_hash_table_iter_remove(&iter);
    }
}

static struct bucket *find_bucket(struct limiter *limiter, const char *address, int64_t now_us)
{
    g_autofree char *key = address_key(address);
    struct bucket *bucket = g_hash_table_lookup(limiter->buckets, key);
    if (bucket != NULL)
        return bucket;
    if (g_hash_table_size(limiter->buckets) >= LIMITER_ADDRESSES_MAX)
        sweep(limiter, now_us);
    if (g_hash_table_size(limiter->buckets) >= LIMITER_ADDRESSES_MAX) {
        g_free(key);
        key = g_strdup("others");
        bucket = g_hash_table_lookup(limiter->buckets, key);
        if (bucket != NULL)
            return bucket;
    }
    bucket = g_new0(struct bucket, 1);
    g_hash_table_insert(limiter->buckets, g_steal_pointer(&key), bucket);
    return bucket;
}

bool limiter_take(struct limiter *limiter, const char *address, int64_t now_us, unsigned *wait_s)
{
    struct bucket *bucket = find_bucket(limiter, address, now_us);
    if (bucket_take(bucket, limiter->per_second, limiter->burst, now_us))
        return true;
    *wait_s = (unsigned)MAX(1, ceil((1 - bucket->tokens) / limiter->per_second));
    return false;
}

void limiter_refund(struct limiter *limiter, const char *address)
{
    g_autofree char *key = address_key(address);
    struct bucket *bucket = g_hash_table_lookup(limiter->buckets, key);
    if (bucket != NULL)
        bucket->tokens = MIN(bucket->tokens + 1, limiter->burst);
}

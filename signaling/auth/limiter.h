/* How often something may happen, by address: a token bucket each (RFC 2697's idea). IPv6 addresses
 * count by their /64, which one host may choose from freely.
 *
 * Thread: main. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_ADDRESSES_MAX 65536 /* beyond these all others share one bucket */

/* A single bucket: a session's frames. Full at first use; `updated_us` 0. */
struct bucket {
    double tokens;
    int64_t updated_us;
};
bool bucket_take(struct bucket *bucket, double per_second, double burst, int64_t now_us);

struct limiter;

struct limiter *limiter_new(double per_minute, double burst);
void limiter_free(struct limiter *limiter);

/* True: one was taken. False: the bucket is empty, and has one again in `*wait_s` seconds (>= 1).
 * `now_us` is monotonic. */
bool limiter_take(struct limiter *limiter, const char *address, int64_t now_us, unsigned *wait_s);
/* Gives back what limiter_take() took: it turned out not to count. */
void limiter_refund(struct limiter *limiter, const char *address);

/* Names of things: UUIDv7 (RFC 9562) for what is made, slugs for what people name, random keys for
 * what must not be guessed.
 *
 * Thread: any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ID_UUID_SIZE 37 /* "01939b7e-…" with its end */
#define ID_SLUG_MAX  64 /* bytes, without the end */

/* A new UUIDv7: ordered by time to the millisecond, random below. */
void id_uuid(char text[ID_UUID_SIZE]);

/* 1 to 64 of a-z, 0-9 and '-', not at either end: "da-nang", "bo-tai-chinh", a UUID. */
bool id_is_slug(const char *text);

/* A key of `bytes` (16 to 64) bytes from the system's random source, in URL-safe base64 without
 * padding. Free with g_free(). */
char *id_random_key(size_t bytes);

/* UTF-8, in NFC, without control characters (but for '\n' and '\t' when `multiline`) and without
 * the bidirectional overrides U+202A..U+202E and U+2066..U+2069, which can make a text read as
 * another. */
bool text_is_clean(const char *text, bool multiline);

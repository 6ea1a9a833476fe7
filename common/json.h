/* Reading a JSON object that came from outside, field by field, against limits: wrong types, texts
 * over their limit, unclean texts and unknown fields are refused with the field's name.
 *
 *     struct json_fields fields;
 *     json_fields_begin(&fields, params);
 *     const char *site = json_fields_slug(&fields, "site", JSON_REQUIRED);
 *     const char *why = json_fields_text(&fields, "why", 500, JSON_OPTIONAL);
 *     if (!json_fields_end(&fields))
 *         refuse(fields.bad_field, fields.why);
 *
 * After the first fault every getter answers NULL or its default, so that one check at the end is
 * enough. Texts belong to the object that is read.
 *
 * Thread: any, one at a time. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_FIELDS_MAX 32

enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

struct json_fields {
    const json_t *object;
    const char *known[JSON_FIELDS_MAX]; /* names asked for; literals */
    unsigned known_count;
    bool failed;
    char bad_field[64]; /* set when `failed` */
    char why[160];
};

/* `object` NULL or null reads as {}. */
void json_fields_begin(struct json_fields *fields, const json_t *object);

/* A clean single-line text (text_is_clean()) of 1 to `max_chars` characters. */
const char *json_fields_text(struct json_fields *fields, const char *name, size_t max_chars,
                             enum json_need need);
/* The same, with line breaks allowed. */
const char *json_fields_multiline(struct json_fields *fields, const char *name, size_t max_chars,
                                  enum json_need need);
const char *json_fields_slug(struct json_fields *fields, const char *name, enum json_need need);
/* Valid UTF-8 of at most `max_bytes`, not looked at otherwise: SDP, candidates, secrets. */
const char *json_fields_raw(struct json_fields *fields, const char *name, size_t max_bytes,
                            enum json_need need);
/* One of a NULL-ended list; the index, or `absent` when it is not there (or on a fault). */
int json_fields_choice(struct json_fields *fields, const char *name, const char *const *choices,
                       int absent, enum json_need need);
int64_t json_fields_integer(struct json_fields *fields, const char *name, int64_t least,
                            int64_t most, int64_t absent, enum json_need need);
/* Whole or not. */
double json_fields_number(struct json_fields *fields, const char *name, double least, double most,
                          double absent, enum json_need need);
bool json_fields_boolean(struct json_fields *fields, const char *name, bool absent,
                         enum json_need need);
/* Borrowed; NULL when absent or null. */
const json_t *json_fields_array(struct json_fields *fields, const char *name, size_t max_items,
                                enum json_need need);
const json_t *json_fields_object(struct json_fields *fields, const char *name, enum json_need need);
bool json_fields_has(const struct json_fields *fields, const char *name);

/* Records a fault of the caller's own finding; the first one stays. */
void json_fields_fail(struct json_fields *fields, const char *name, const char *why);

/* Refuses fields that nobody asked for. True if all was well. */
bool json_fields_end(struct json_fields *fields);

/* The one form that is hashed and stored: keys sorted, no spaces, UTF-8. Free with free(). */
char *json_canonical(const json_t *value);

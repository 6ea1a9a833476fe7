/* Answers over HTTP: JSON, errors of the protocol, and the headers that every answer carries.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/rpc.h"

#include <libsoup/soup.h>

#define REPLY_BODY_MAX ((size_t)1024 * 1024) /* of a request: a meeting of all communes fits */

/* Headers for every answer: no sniffing, no referrer, no framing, HTTPS only. */
void reply_secure(SoupServerMessage *message);

/* Stolen: `value`. */
void reply_json(SoupServerMessage *message, unsigned status, json_t *value);
void reply_text(SoupServerMessage *message, unsigned status, const char *type, const char *text);
/* {"error": {"reason", "message", "field"?}}, with the status that fits the reason. */
void reply_refusal(SoupServerMessage *message, const struct refusal *refusal);
void reply_error(SoupServerMessage *message, enum error_code code, const char *reason,
                 const char *text);

/* 429 with Retry-After. */
void reply_wait(SoupServerMessage *message, unsigned seconds);

/* The request's body, which must be application/json and an object: a page of another site cannot
 * send that type unasked. NULL: answered. json_decref() it. */
json_t *reply_read_body(SoupServerMessage *message);

/* Reading a description, between sdp.c (the session and its transport) and sdp_media.c (m-lines).
 */
#pragma once

#include "bridge/transport/sdp.h"

#include <gst/sdp/gstsdpmessage.h>

/* Both set "invalid sdp: …" and return false. */
bool sdp_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* With the line's name: "invalid sdp: m=audio: …", "m=video (mid 2): …". */
bool sdp_refuse_media(GError **error, const struct sdp_media *media, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* RFC 8866 section 9: what a token is made of. */
bool sdp_is_token(const char *text, size_t most);

/* What the m-line itself says, and the attributes by which a line gets its medium. */
bool sdp_read_line(const GstSDPMedia *from, struct sdp_media *media, GStringChunk *texts,
                   GError **error);
/* All attributes that describe the medium. */
bool sdp_read_attributes(const GstSDPMedia *from, struct sdp_media *media, GStringChunk *texts,
                         GError **error);
/* The attribute named after a direction; `otherwise` when there is none. */
struct sdp_direction sdp_read_direction(const GstSDPMedia *from, struct sdp_direction otherwise);

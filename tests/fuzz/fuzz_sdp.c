#include "tests/fuzz/fuzz.h"

#include "bridge/transport/sdp.h"

#include <string.h>

static const struct sdp_local local = {
    .ice_ufrag = "ours",
    .ice_pwd = "OurOwnPasswordIsLong12",
    .fingerprint = "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:"
                   "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF",
    .cname = "cname",
    .media = {{{true, true}, 1}, {{true, true}, 2}, {{false, true}, 0}},
};

/* Whatever was offered: the answer is one, line for line, with our transport in it. */
static void check_answer(const struct sdp_session *offer)
{
    struct sdp_session answer;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = sdp_write_answer(offer, &local);
    if (!sdp_parse(text, SDP_ANSWER, &answer, &error))
        g_error("%s in our own answer:\n%s", error->message, text);
    g_assert(answer.media_count == offer->media_count);
    g_assert(answer.transport == offer->transport);
    g_assert(strcmp(answer.ice_ufrag, local.ice_ufrag) == 0);
    g_assert(strcmp(answer.fingerprint, local.fingerprint) == 0);
    for (unsigned i = 0; i < answer.media_count; i++) {
        g_assert(strcmp(answer.media[i].mid, offer->media[i].mid) == 0);
        g_assert((answer.media[i].medium == SDP_MEDIUM_NONE) ==
                 (offer->media[i].medium == SDP_MEDIUM_NONE));
    }
    sdp_session_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    for (int type = SDP_OFFER; type <= SDP_ANSWER; type++) {
        struct sdp_session session;
        g_autoptr(GError) error = NULL;
        bool is_good = sdp_parse(text, (enum sdp_type)type, &session, &error);
        g_assert(is_good == (error == NULL));
        if (is_good && type == SDP_OFFER)
            check_answer(&session);
        sdp_session_clear(&session);
    }
    return 0;
}

/* The first byte chooses: bit 0 the suite, bit 1 RTCP, bit 2 whether the rest is a packet from the
 * line, without the keys, or one to be protected and read by the other side. */
#include "tests/fuzz/fuzz.h"

#include "bridge/transport/rtp.h"
#include "bridge/transport/srtp.h"

#include <string.h>

static const struct srtp_keys key_a = {"key of one side", "salt of side a"};
static const struct srtp_keys key_b = {"key of another ", "salt of side b"};

typedef enum srtp_result (*unprotect_function)(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                               size_t *size);
typedef enum srtp_result (*protect_function)(struct srtp_endpoint *endpoint, uint8_t *bytes,
                                             size_t *size, size_t capacity);

static struct srtp_endpoint *make_endpoint(enum srtp_suite suite, bool is_a)
{
    struct srtp_endpoint *endpoint =
        srtp_endpoint_new(suite, is_a ? &key_a : &key_b, is_a ? &key_b : &key_a, NULL);
    g_assert(endpoint != NULL);
    return endpoint;
}

/* Made once: nothing that does not authenticate may leave a trace. */
static void receive_from_the_line(enum srtp_suite suite, unprotect_function unprotect,
                                  uint8_t *bytes, size_t size)
{
    static struct srtp_endpoint *endpoints[2];
    if (endpoints[suite] == NULL)
        endpoints[suite] = make_endpoint(suite, true);
    g_assert(unprotect(endpoints[suite], bytes, &size) != SRTP_OK);
}

static void send_and_receive(enum srtp_suite suite, protect_function protect,
                             unprotect_function unprotect, uint8_t *bytes, size_t size)
{
    uint8_t sent[RTP_PACKET_MAX + SRTP_OVERHEAD_MAX];
    size_t sent_size = size;
    struct srtp_endpoint *a = make_endpoint(suite, true), *b = make_endpoint(suite, false);
    memcpy(sent, bytes, size);
    if (protect(a, bytes, &size, RTP_PACKET_MAX + SRTP_OVERHEAD_MAX) == SRTP_OK &&
        size <= RTP_PACKET_MAX) {
        g_assert(unprotect(b, bytes, &size) == SRTP_OK);
        g_assert(size == sent_size && memcmp(sent, bytes, size) == 0);
    }
    srtp_endpoint_free(a);
    srtp_endpoint_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    _Alignas(4) uint8_t packet[RTP_PACKET_MAX + SRTP_OVERHEAD_MAX];
    if (size < 1 || size - 1 > RTP_PACKET_MAX)
        return 0;
    memcpy(packet, bytes + 1, size - 1);
    enum srtp_suite suite =
        (bytes[0] & 1) != 0 ? SRTP_SUITE_AES128_CM_SHA1_80 : SRTP_SUITE_AEAD_AES_128_GCM;
    bool is_rtcp = (bytes[0] & 2) != 0;
    unprotect_function unprotect =
        is_rtcp ? srtp_endpoint_unprotect_rtcp : srtp_endpoint_unprotect_rtp;
    protect_function protect = is_rtcp ? srtp_endpoint_protect_rtcp : srtp_endpoint_protect_rtp;
    if ((bytes[0] & 4) != 0)
        send_and_receive(suite, protect, unprotect, packet, size - 1);
    else
        receive_from_the_line(suite, unprotect, packet, size - 1);
    return 0;
}

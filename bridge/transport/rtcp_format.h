/* Numbers of the RTCP wire format, for the reader and the writer. */
#pragma once

#define RTCP_VERSION          2
#define RTCP_PADDING_BIT      0x20
#define RTCP_COUNT_MASK       0x1f
#define RTCP_HEADER_SIZE      4
#define RTCP_SENDER_INFO_SIZE 20
#define RTCP_BLOCK_SIZE       24
#define RTCP_FEEDBACK_SIZE    12 /* header, sender's and media source's SSRC */

#define RTCP_TYPE_FIRST 192 /* RFC 5761 section 4 */
#define RTCP_TYPE_SR    200
#define RTCP_TYPE_RR    201
#define RTCP_TYPE_SDES  202
#define RTCP_TYPE_BYE   203
#define RTCP_TYPE_RTPFB 205
#define RTCP_TYPE_PSFB  206
#define RTCP_TYPE_LAST  223

#define RTCP_ITEM_CNAME 1

#define RTCP_FORMAT_NACK         1
#define RTCP_FORMAT_TRANSPORT_CC 15
#define RTCP_FORMAT_PLI          1
#define RTCP_FORMAT_FIR          4
#define RTCP_FORMAT_REMB         15

#include "bridge/video/wire/vp8_payload.h"

#define X_BIT     0x80 /* first byte */
#define S_BIT     0x10
#define PARTITION 0x07
#define I_BIT     0x80 /* of the extension */
#define L_BIT     0x40
#define T_BIT     0x20
#define K_BIT     0x10
#define M_BIT     0x80 /* of the picture id: two bytes */

bool vp8_read_descriptor(const uint8_t *payload, size_t size, struct vp8_descriptor *descriptor)
{
    size_t offset = 1;
    *descriptor = (struct vp8_descriptor){0};
    if (size < 2)
        return false;
    descriptor->starts_frame = (payload[0] & S_BIT) != 0 && (payload[0] & PARTITION) == 0;
    if ((payload[0] & X_BIT) != 0) {
        uint8_t extension = payload[offset++];
        if ((extension & I_BIT) != 0) {
            if (offset + 2 > size)
                return false;
            descriptor->has_picture_id = true;
            descriptor->picture_id = payload[offset] & 0x7f;
            if ((payload[offset++] & M_BIT) != 0)
                descriptor->picture_id =
                    (uint16_t)(descriptor->picture_id << 8 | payload[offset++]);
        }
        if ((extension & L_BIT) != 0)
            offset++;
        if ((extension & (T_BIT | K_BIT)) != 0)
            offset++;
    }
    if (offset >= size)
        return false;
    descriptor->size = offset;
    descriptor->is_key = descriptor->starts_frame && (payload[offset] & 1) == 0;
    return true;
}

void vp8_set_picture_id(uint8_t bytes[VP8_DESCRIPTOR_SIZE], uint16_t picture_id)
{
    bytes[2] = (uint8_t)(M_BIT | (picture_id >> 8 & 0x7f));
    bytes[3] = (uint8_t)picture_id;
}

void vp8_write_descriptor(uint8_t bytes[VP8_DESCRIPTOR_SIZE], bool starts_frame,
                          uint16_t picture_id)
{
    bytes[0] = (uint8_t)(X_BIT | (starts_frame ? S_BIT : 0));
    bytes[1] = I_BIT;
    vp8_set_picture_id(bytes, picture_id);
}

#include "bridge/transport/probe.h"

#include "bridge/transport/bytes.h"

#include <string.h>

#define MAGIC 0x4e435031 /* "NCP1" */

static uint64_t read_u64(const uint8_t *bytes)
{
    return (uint64_t)read_u32(bytes) << 32 | read_u32(bytes + 4);
}

static void write_u64(uint8_t *bytes, uint64_t value)
{
    write_u32(bytes, (uint32_t)(value >> 32));
    write_u32(bytes + 4, (uint32_t)value);
}

void probe_write(const struct probe *probe, uint8_t bytes[PROBE_SIZE])
{
    memset(bytes, 0, PROBE_SIZE);
    write_u32(bytes, MAGIC);
    bytes[4] = (uint8_t)probe->kind;
    bytes[5] = probe->step;
    write_u32(bytes + 8, probe->number);
    write_u64(bytes + 12, probe->sent_us);
    write_u32(bytes + 20, probe->ping_number);
    write_u64(bytes + 24, probe->ping_arrived_us);
    write_u32(bytes + 32, probe->pings);
    write_u32(bytes + 36, probe->load_packets);
    write_u32(bytes + 40, probe->load_bytes);
    write_u32(bytes + 44, probe->kbps);
    write_u32(bytes + 48, probe->milliseconds);
}

bool probe_parse(struct probe *probe, const uint8_t *bytes, size_t size)
{
    if (size < PROBE_SIZE || read_u32(bytes) != MAGIC || bytes[4] < PROBE_PING ||
        bytes[4] > PROBE_ASK)
        return false;
    *probe = (struct probe){
        .kind = bytes[4],
        .step = bytes[5],
        .number = read_u32(bytes + 8),
        .sent_us = read_u64(bytes + 12),
        .ping_number = read_u32(bytes + 20),
        .ping_arrived_us = read_u64(bytes + 24),
        .pings = read_u32(bytes + 32),
        .load_packets = read_u32(bytes + 36),
        .load_bytes = read_u32(bytes + 40),
        .kbps = read_u32(bytes + 44),
        .milliseconds = read_u32(bytes + 48),
    };
    return true;
}

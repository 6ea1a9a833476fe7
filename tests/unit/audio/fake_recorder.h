/* Stands in for the recorder: keeps what the tick tells it, as text, without allocating. */
#pragma once

#include "bridge/record/record.h"

struct recorder {
    char story[8192];         /* "begin da-nang (Đà Nẵng)@0 end da-nang@960 " */
    unsigned program;         /* frames */
    int64_t program_time;     /* of the last */
    unsigned speaker_packets; /* of everyone */
    int64_t packet_time;      /* of the last */
};

struct recorder *fake_recorder_new(void);
void fake_recorder_free(struct recorder *recorder);

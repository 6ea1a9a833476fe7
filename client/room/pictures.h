/* What a room has to do with pictures. Each part belongs to the room and outlives its session; NULL
 * where there is none.
 *
 * Thread: main. */
#pragma once

#include "client/room/canvas.h"
#include "client/room/viewer.h"

struct room_pictures {
    struct canvas *camera; /* what it sends of itself */
    struct canvas *slides; /* what it sends as slides */
    struct viewer *viewer; /* where the meeting's picture goes */
};

/* One line of the headless rooms' standard input, read against limits.
 *
 * Thread: main. */
#pragma once

#include "client/room/tones.h"

#include <jansson.h>
#include <stdbool.h>

enum command_kind {
    COMMAND_CALL,
    COMMAND_TONE,
    COMMAND_PLAY,
    COMMAND_PICTURE,
    COMMAND_SILENCE,
    COMMAND_LISTEN,
    COMMAND_REPORT,
    COMMAND_RESET,
    COMMAND_LEAVE,
    COMMAND_QUIT
};

struct command {
    enum command_kind kind;
    const char *room; /* slug or "*"; NULL: by number */
    int room_index;
    const char *call, *id, *play;
    const char *picture; /* NULL: none from now on */
    const json_t *params;
    int tone;
    double level;
    bool repeats;
    int hz[TONES_MAX];
    unsigned hz_count;
    json_t *line; /* holds the texts above */
};

#define COMMAND_WHY_SIZE 160

/* False with a sentence for a person. Clear what was read. */
bool command_parse(const char *text, struct command *command, char why[COMMAND_WHY_SIZE]);
void command_clear(struct command *command);

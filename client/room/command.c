#include "client/room/command.h"

#include "common/json.h"

#include <glib.h>
#include <string.h>

/* The word by which a line is known, and what it asks. */
static const struct {
    const char *word;
    enum command_kind kind;
} words[] = {
    {"call", COMMAND_CALL},       {"tone", COMMAND_TONE},     {"play", COMMAND_PLAY},
    {"silence", COMMAND_SILENCE}, {"listen", COMMAND_LISTEN}, {"report", COMMAND_REPORT},
    {"reset", COMMAND_RESET},     {"leave", COMMAND_LEAVE},   {"quit", COMMAND_QUIT},
    {"picture", COMMAND_PICTURE},
};

static bool find_kind(const json_t *line, enum command_kind *kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (json_object_get(line, words[i].word) != NULL) {
            *kind = words[i].kind;
            return true;
        }
    }
    return false;
}

static void read_room(struct json_fields *fields, struct command *command, const json_t *line)
{
    command->room_index = -1;
    if (json_is_integer(json_object_get(line, "room")))
        command->room_index =
            (int)json_fields_integer(fields, "room", 0, 100000, -1, JSON_REQUIRED);
    else
        command->room = json_fields_raw(
            fields, "room", 128, command->kind == COMMAND_QUIT ? JSON_OPTIONAL : JSON_REQUIRED);
}

static void read_tones(struct json_fields *fields, struct command *command)
{
    const json_t *list = json_fields_array(fields, "listen", TONES_MAX, JSON_REQUIRED);
    size_t index;
    json_t *hz;
    json_array_foreach ((json_t *)list, index, hz) {
        if (!json_is_integer(hz) || json_integer_value(hz) < 50 || json_integer_value(hz) > 20000)
            json_fields_fail(fields, "listen", "must be whole numbers from 50 to 20000");
        command->hz[command->hz_count++] = (int)json_integer_value(hz);
    }
}

static void read_level(struct json_fields *fields, struct command *command, const json_t *line)
{
    const json_t *level = json_object_get(line, "level");
    command->level = level != NULL ? json_number_value(level) : -20;
    fields->known[fields->known_count++] = "level";
    if (level != NULL && (!json_is_number(level) || command->level > 0 || command->level < -90))
        json_fields_fail(fields, "level", "must be a number from -90 to 0");
}

static void read_rest(struct json_fields *fields, struct command *command, const json_t *line)
{
    switch (command->kind) {
    case COMMAND_CALL:
        command->call = json_fields_raw(fields, "call", 64, JSON_REQUIRED);
        command->params = json_fields_object(fields, "params", JSON_OPTIONAL);
        break;
    case COMMAND_TONE:
        command->tone = (int)json_fields_integer(fields, "tone", 50, 20000, 0, JSON_REQUIRED);
        read_level(fields, command, line);
        break;
    case COMMAND_PLAY:
        command->play = json_fields_raw(fields, "play", 4000, JSON_REQUIRED);
        command->repeats = json_fields_boolean(fields, "loop", false, JSON_OPTIONAL);
        break;
    case COMMAND_LISTEN:
        read_tones(fields, command);
        break;
    case COMMAND_PICTURE:
        command->picture = json_fields_raw(fields, "picture", 4000, JSON_OPTIONAL);
        break;
    case COMMAND_SILENCE:
        json_fields_boolean(fields, "silence", false, JSON_REQUIRED);
        break;
    case COMMAND_REPORT:
        json_fields_boolean(fields, "report", false, JSON_REQUIRED);
        break;
    case COMMAND_RESET:
        json_fields_boolean(fields, "reset", false, JSON_REQUIRED);
        break;
    case COMMAND_LEAVE:
        json_fields_boolean(fields, "leave", false, JSON_REQUIRED);
        break;
    case COMMAND_QUIT:
        json_fields_boolean(fields, "quit", false, JSON_REQUIRED);
        break;
    }
    command->id = json_fields_raw(fields, "id", 128, JSON_OPTIONAL);
}

bool command_parse(const char *text, struct command *command, char why[COMMAND_WHY_SIZE])
{
    json_error_t fault;
    struct json_fields fields;
    memset(command, 0, sizeof *command);
    command->line = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(command->line)) {
        g_snprintf(why, COMMAND_WHY_SIZE, "not a JSON object: %s", fault.text);
        command_clear(command);
        return false;
    }
    if (!find_kind(command->line, &command->kind)) {
        g_strlcpy(why,
                  "no known word: call, tone, play, picture, silence, listen, report, reset, "
                  "leave, quit",
                  COMMAND_WHY_SIZE);
        command_clear(command);
        return false;
    }
    json_fields_begin(&fields, command->line);
    read_room(&fields, command, command->line);
    read_rest(&fields, command, command->line);
    if (json_fields_end(&fields))
        return true;
    g_snprintf(why, COMMAND_WHY_SIZE, "%s %s", fields.bad_field, fields.why);
    command_clear(command);
    return false;
}

void command_clear(struct command *command)
{
    g_clear_pointer(&command->line, json_decref);
}

#include "client/room/output.h"

#include <stdio.h>
#include <stdlib.h>

void output_line(const char *type, json_t *body)
{
    json_t *line = json_pack("{s:s}", "type", type);
    if (body != NULL)
        json_object_update_new(line, body);
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    puts(text);
    fflush(stdout);
    free(text);
}

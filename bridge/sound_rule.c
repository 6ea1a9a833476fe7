#include "bridge/sound_watch.h"

#define LOUD_DBOV    (-40)
#define LOUD_ENOUGH  6  /* looks: over a second */
#define LOUD_AT_MOST 15 /* looks: three seconds of quiet undo it */

static bool is_unasked(struct sound_seen *seen, const struct sound_look *look)
{
    if (look->may_speak)
        seen->loud = 0;
    else if (look->level_dbov > LOUD_DBOV)
        seen->loud = MIN(seen->loud + 1, LOUD_AT_MOST);
    else
        seen->loud -= seen->loud > 0;
    return seen->loud >= LOUD_ENOUGH || (seen->state == SOUND_UNASKED && seen->loud > 0);
}

enum sound_state sound_see(struct sound_seen *seen, const struct sound_look *look)
{
    bool unasked = is_unasked(seen, look);
    seen->state = look->may_speak && look->is_howling ? SOUND_HOWL
                  : unasked                           ? SOUND_UNASKED
                                                      : SOUND_OK;
    return seen->state;
}

/* The composer: draws a scene out of its sources' newest pictures, with names, placards and the
 * header, into frames of one size. It waits for nobody and knows no clock: the caller's tick calls
 * it, and a transition is counted in frames.
 *
 *     scene_plan() -> scene ---+
 *     source -> newest picture +-> composer_render() -> picture, to the encoders
 *     agenda, clock, state ----+
 *
 * Nothing is drawn twice: a tile whose source has no new picture is copied from the frame before,
 * and a frame in which nothing changed is the same picture again.
 *
 * Thread: one owner. The frames may go anywhere.
 * Memory: frames come from a small pool and return to it when the last reader lets go; nothing is
 * allocated for a frame that shows the scene of the frame before. */
#pragma once

#include "bridge/video/compose/picture.h"
#include "bridge/video/compose/scene.h"

enum compose_state {
    COMPOSE_NONE,   /* no picture: a placard with the name */
    COMPOSE_LIVE,   /* its newest picture */
    COMPOSE_FROZEN, /* nothing new for too long: its last picture, dimmed, with the notice */
};

struct compose_source {
    enum compose_state state;
    struct picture *picture; /* borrowed for the call; NULL is COMPOSE_NONE */
    const char *notice;      /* what is written on a frozen picture or below the placard's name:
                                "Mất tín hiệu hình"; NULL: nothing */
};

/* What is to be seen of a source now: one of the scene's, or, during a crossfade, of the scene
 * before. False: it has left, or was never there; nothing of it is shown from this frame on. */
typedef bool (*compose_lookup)(scene_id source, bool is_content, struct compose_source *found,
                               void *arg);

/* Texts as they are written; NULL or "": nothing. A header without any is not drawn. */
struct compose_header {
    const char *agenda; /* the item that is dealt with */
    const char *clock;
    const char *state; /* "ĐANG HỌP", "NGHỈ GIẢI LAO" */
    bool is_live;      /* the state's badge is marked */
};

struct composer;

/* Even sides from 64 to PICTURE_SIDE_MAX. `fade_frames` is the length of a crossfade (five are
 * 200 ms at 25 frames a second); 0: none. */
struct composer *composer_new(unsigned width, unsigned height, unsigned fade_frames);
void composer_free(struct composer *composer); /* frames that are out live on */

/* The next frame, with a reference for the caller. `header` NULL: none. */
struct picture *composer_render(struct composer *composer, const struct scene *scene,
                                compose_lookup lookup, void *arg,
                                const struct compose_header *header);

/* What was done so far, for tests and metrics. */
struct composer_counters {
    uint64_t frames;
    uint64_t unchanged; /* of them: the frame before again */
    uint64_t tiles_scaled, tiles_copied, tiles_kept;
    uint64_t pictures_made; /* frames allocated */
    uint64_t labels_drawn;
};
void composer_counters(const struct composer *composer, struct composer_counters *counters);

/* A conference's pictures: whose camera and whose slides its members see, and how. What signaling
 * has declared (bridge/scenery.h) is composed into one view for the audience and one for each who
 * holds the floor or looks at something for himself; a view is encoded once per rendition while
 * somebody receives it. Where a view is
 * one picture from edge to edge, it goes as it comes to those who can take it (pass-through).
 * Slides go as they come, as a stream of their own.
 *
 * Before anything is declared nothing is composed: the last who got the floor is seen by all
 * others, he himself sees the first.
 *
 * Thread: the main thread.
 * Memory: belongs to the conference. */
#pragma once

#include "bridge/bridge.h"
#include "bridge/member.h"

struct pictures;

/* `members` is the conference's table, leg -> struct member; borrowed. Not everybody in it may see
 * the meeting. */
struct pictures *pictures_new(struct bridge *bridge, const char *conference, GHashTable *members,
                              bool (*may_see)(const struct member *member, void *arg), void *arg);
/* Nobody is seen any more: the members may go. */
void pictures_end(struct pictures *pictures);
void pictures_free(struct pictures *pictures);

/* Who may be heard, in the floor's order. Whoever is not among them may go after this. */
void pictures_set_speakers(struct pictures *pictures, struct member *const *speakers,
                           unsigned count);
/* conference.scene; false with `why`. */
bool pictures_declare(struct pictures *pictures, json_t *scene, char why[160]);
/* A member looks at a layout for himself, until he ends it or goes; false with `why`. */
bool pictures_preview(struct pictures *pictures, const char *leg, const char *layout,
                      const json_t *assigned, unsigned page, char why[160]);
void pictures_end_preview(struct pictures *pictures, const char *leg);
/* A member of that name has come, gone, or been replaced: what was of the old one is let go. */
void pictures_settle(struct pictures *pictures, const char *leg);
/* What a member sees may have changed: it is kept apart, or has described itself anew. */
void pictures_show(struct pictures *pictures, struct member *member);
/* member_handlers.keyframe. */
void pictures_keyframe(struct pictures *pictures, uint32_t stream);

/* The audience's view goes to `tap` as well (on an encoder's thread, frames borrowed); NULL ends
 * it. Only once there are pictures: until somebody in the conference has video there are none. */
void pictures_set_tap(struct pictures *pictures, void (*tap)(struct coded_frame *frame, void *arg),
                      void *arg);
/* The same for the slides as they come, on the relay's thread. */
void pictures_set_content_tap(struct pictures *pictures,
                              void (*tap)(struct coded_frame *frame, void *arg), void *arg);

/* Of what use a member's pictures are, as in media.hint: an object, or null. */
json_t *pictures_hint(const struct pictures *pictures, const struct member *member);

json_t *pictures_stats(const struct pictures *pictures); /* `pictures` of bridge.stats */
/* CPU time of the relay's thread. */
int64_t pictures_cpu_us(const struct pictures *pictures);

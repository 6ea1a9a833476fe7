/* A conference's pictures: whose camera and whose slides its members see. For now the last who got
 * the floor is seen by all others, full screen and as he comes (pass-through); he himself sees the
 * first of those who have it, and slides come from whoever began to show some last.
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
void pictures_free(struct pictures *pictures);

/* Who may be seen: the members with the floor, in its order. Whoever is not among them may go
 * after this. */
void pictures_set_speakers(struct pictures *pictures, struct member *const *speakers,
                           unsigned count);
/* One who is not among them has come. */
void pictures_show(struct pictures *pictures, struct member *member);
/* member_handlers.keyframe. */
void pictures_keyframe(struct pictures *pictures, uint32_t stream);

/* Of what use a member's pictures are, as in media.hint: an object, or null. */
json_t *pictures_hint(const struct pictures *pictures, const struct member *member);

/* CPU time of its thread. */
int64_t pictures_cpu_us(const struct pictures *pictures);

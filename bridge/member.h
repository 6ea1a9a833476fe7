/* A member: one leg of a conference, seen from the main thread. The leg itself lives on its shard;
 * this is the pair of mailboxes between the two.
 *
 * Thread: the main thread, handlers too (brought there by the bridge's queue).
 * Memory: belongs to the conference; member_close() gives it up, and it frees itself once its shard
 * has let the leg go. No handler runs after member_close(). */
#pragma once

#include "bridge/audio/inbox.h"
#include "bridge/line_test.h"
#include "bridge/network.h"
#include "bridge/transport/leg.h"
#include "bridge/transport/sdp.h"
#include "bridge/video/intake.h"

struct member;

struct member_handlers {
    void (*state)(struct member *member, enum leg_state state, void *arg);
    void (*candidate)(struct member *member, const char *candidate, const char *mid, void *arg);
    /* The line test's time is over. */
    void (*line_tested)(struct member *member, const struct line_test_measures *measures,
                        void *arg);
    /* The member cannot go on (or begin) without a key frame of what it is shown; twice a second
     * at most. */
    void (*keyframe)(struct member *member, unsigned medium, uint32_t stream, void *arg);
};

struct member_config {
    const char *conference, *leg; /* copied */
    struct shard *shard;
    unsigned shard_index;
    struct network *network;  /* a reference of the member's own is taken */
    struct queue *main_queue; /* outlives the member and its shard's work */
    struct member_handlers handlers;
    void *arg;
};

struct member *member_new(const struct member_config *config);
void member_close(struct member *member);

const char *member_leg(const struct member *member);
enum leg_state member_state(const struct member *member);
/* It cannot come back, by an ICE restart neither. */
bool member_is_over(const struct member *member);
unsigned member_shard(const struct member *member);
/* What it sends; borrowed. */
struct inbox *member_inbox(const struct member *member);
/* The pictures of LEG_MEDIUM_VIDEO or LEG_MEDIUM_CONTENT that it sends, once they are opened;
 * borrowed. */
struct intake *member_intake(const struct member *member, unsigned medium);
/* Whether the offer is of another peer than the member's: another certificate, or, with another way
 * to it, another session of the same program. False before the first offer. */
bool member_is_another(const struct member *member, const struct sdp_session *offer);

/* `answer` or `error` is not NULL; called once, even when the member is closed meanwhile. */
typedef void (*member_answer)(const char *answer, const char *error, void *arg);
void member_offer(struct member *member, const char *sdp, const struct sdp_session *offer,
                  member_answer done, void *arg);
void member_candidate(struct member *member, const char *candidate, const char *mid);
/* The stream that it hears from now on. */
void member_listen(struct member *member, uint32_t stream);

/* The streams of pictures that it is shown from now on, of which it gets the one that its line
 * carries, the largest first; `count` 0: none. Harmless when nothing changes. */
void member_show(struct member *member, unsigned medium, const struct leg_rendition *renditions,
                 unsigned count);
/* Whether its last description says that it shows LEG_MEDIUM_VIDEO in this codec. */
bool member_takes_codec(const struct member *member, enum coded_codec codec);
/* Whether there is video in its last description at all. */
bool member_has_video(const struct member *member);
/* Whether the pictures that it sends are wanted, and how tall at most (0: as they are). */
void member_open_video(struct member *member, unsigned medium, bool is_open, unsigned lines);
/* Asks it for a key frame; what is asked more often than twice a second is asked later. */
void member_request_keyframe(struct member *member, unsigned medium);

/* Begins a line test, or begins it anew: until its end the member hears itself and is heard by
 * nobody. Returns the SSRC of the bridge's probes. */
uint32_t member_start_line_test(struct member *member, uint32_t peer_ssrc, unsigned seconds,
                                unsigned load_kbps_max);
bool member_is_testing(const struct member *member);
/* `measures` NULL: there was no test. Called once, even when the member is closed meanwhile. `done`
 * may be NULL. */
typedef void (*member_line_measured)(const struct line_test_measures *measures, void *arg);
void member_stop_line_test(struct member *member, member_line_measured done, void *arg);

/* Counters as the shard last saw them; zeros before the leg is there. */
void member_counters(const struct member *member, struct leg_counters *counters);

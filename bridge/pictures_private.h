/* What pictures.c and pictures_shown.c share. */
#pragma once

#include "bridge/pictures.h"
#include "bridge/scenery.h"
#include "bridge/video/relay.h"
#include "bridge/video/studio/studio.h"

#include <pthread.h>

#define MEDIA        2  /* of pictures: camera, slides */
#define SPEAKERS_MAX 64 /* that are seen; more than that nobody can look at */
#define STAGES_MAX   8  /* the audience's view, those of who holds the floor, previews */
#define PREVIEWS_MAX 3  /* each composes and encodes once more */

/* A member whose pictures are of use. */
struct shown {
    struct pictures *pictures;
    struct member *member;
    scene_id id;
    struct relay_source *relays[MEDIA];
    struct studio_source *decoded[MEDIA];
    /* What the plan says. */
    struct {
        bool is_open, is_decoded;
        unsigned lines; /* 0: any */
    } wish[MEDIA];
    unsigned idle_watches; /* nothing of it has been of use for so many: a crossfade may last */
    json_t *hint;          /* what it was told last */
    /* What comes of it, watched. */
    uint64_t bytes[MEDIA];
    int64_t content_heard_us; /* 0: no slides */
    unsigned rate_bps;        /* of the camera; 0: not known yet */
};

/* One view and what is in it. */
struct stage {
    const char *leg; /* whose own view it is; NULL: the audience's. Borrowed from the scenery */
    struct studio_view *view; /* NULL: nothing is composed */
    struct scene scene;
};

struct pictures {
    struct bridge *bridge;
    char *conference;
    GHashTable *members;
    bool (*may_see)(const struct member *member, void *arg);
    void *arg;
    struct relay *relay;
    struct studio *studio; /* NULL: nobody has had video yet */
    struct scenery *scenery;
    GPtrArray *shown; /* of struct shown */
    unsigned speaker_count;
    struct member *speakers[SPEAKERS_MAX]; /* in the floor's order */
    unsigned stage_count;
    struct stage *stages[STAGES_MAX]; /* the audience's first */
    GHashTable *previews; /* leg -> struct scenery_choice: who looks at something for himself */
    char *content;        /* leg whose slides are shown; NULL: none */
    unsigned page;
    int64_t page_since_us;
    bool is_ended;
    guint timer;
    unsigned timer_runs;
    void (*tap)(struct coded_frame *frame, void *arg);
    void *tap_arg;
    bool is_tapped;
    /* The relay's thread's, and whoever changes it. */
    pthread_mutex_t content_lock;
    void (*content_tap)(struct coded_frame *frame, void *arg);
    void *content_tap_arg;
};

/* ---- pictures_shown.c ---- */

struct shown *shown_find(const struct pictures *pictures, const struct member *member);
struct shown *shown_find_id(const struct pictures *pictures, scene_id id);
/* A new plan: nothing is of use until it is wished for. */
void shown_begin_plan(struct pictures *pictures);
/* A member's pictures are of use, in so many lines (0: any). */
void shown_wish(struct pictures *pictures, struct member *member, unsigned medium, unsigned lines,
                bool is_decoded);
/* Brings the sources to the plan, and tells the members. Who is of no use any more stays for a
 * moment (shown_watch()), so that the picture can fade from him. */
void shown_follow_plan(struct pictures *pictures);
/* Lets go of one that is about to be closed. */
void shown_drop(struct pictures *pictures, struct shown *shown);
/* Twice a second: how much comes of whom. */
void shown_watch(struct pictures *pictures, int64_t now_us, int64_t since_us);

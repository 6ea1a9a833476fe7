#include "bridge/pictures.h"

#include "bridge/video/relay.h"

#include <string.h>

#define MEDIA 2
/* What is of use of one who is seen full screen. */
#define FULL_HEIGHT  1080
#define FULL_FPS     30
#define FULL_KBPS    4000
#define SPEAKERS_MAX 64 /* that are seen; more than that nobody can look at */

/* One who may be seen: his camera and his slides. */
struct speaker {
    struct member *member;
    struct relay_source *sources[MEDIA];
};

struct pictures {
    struct bridge *bridge;
    char *conference;
    GHashTable *members;
    bool (*may_see)(const struct member *member, void *arg);
    void *arg;
    struct relay *relay;
    unsigned count;
    struct speaker *speakers[SPEAKERS_MAX]; /* in the floor's order */
};

static unsigned medium_at(unsigned index)
{
    return LEG_MEDIUM_VIDEO + index;
}

/* ---- who may be seen ---- */

static void on_source_needs_key(struct relay_source *source, void *arg)
{
    struct pictures *pictures = arg;
    pictures_keyframe(pictures, relay_source_stream(source));
}

static struct speaker *find_speaker(const struct pictures *pictures, const struct member *member)
{
    for (unsigned i = 0; i < pictures->count; i++) {
        if (pictures->speakers[i]->member == member)
            return pictures->speakers[i];
    }
    return NULL;
}

json_t *pictures_hint(const struct pictures *pictures, const struct member *member)
{
    if (find_speaker(pictures, member) == NULL)
        return json_null();
    return json_pack("{s:i, s:i, s:i}", "maxHeight", FULL_HEIGHT, "maxFps", FULL_FPS, "maxKbps",
                     FULL_KBPS);
}

static void tell_hint(struct pictures *pictures, const struct member *member, json_t *video)
{
    pictures->bridge->notify("leg.hint",
                             json_pack("{s:s, s:s, s:o}", "conference", pictures->conference, "leg",
                                       member_leg(member), "video", video),
                             pictures->bridge->arg);
}

static struct speaker *begin_speaker(struct pictures *pictures, struct member *member)
{
    struct speaker *speaker = g_new0(struct speaker, 1);
    speaker->member = member;
    for (unsigned i = 0; i < MEDIA; i++) {
        speaker->sources[i] =
            relay_add(pictures->relay, member_intake(member, medium_at(i)), speaker);
        member_open_video(member, medium_at(i), true, 0);
    }
    return speaker;
}

static void end_speaker(struct pictures *pictures, struct speaker *speaker)
{
    for (unsigned i = 0; i < MEDIA; i++) {
        member_open_video(speaker->member, medium_at(i), false, 0);
        relay_remove(pictures->relay, speaker->sources[i]);
    }
    g_free(speaker);
}

/* ---- who sees what ---- */

/* The last who got the floor is seen; he sees the first. */
static const struct speaker *seen_by(const struct pictures *pictures, const struct member *member)
{
    if (pictures->count == 0)
        return NULL;
    const struct speaker *last = pictures->speakers[pictures->count - 1];
    const struct speaker *first = pictures->speakers[0];
    if (last->member != member)
        return last;
    return first->member != member ? first : NULL;
}

void pictures_show(struct pictures *pictures, struct member *member)
{
    const struct speaker *seen =
        pictures->may_see(member, pictures->arg) ? seen_by(pictures, member) : NULL;
    for (unsigned i = 0; i < MEDIA; i++)
        member_show(member, medium_at(i), seen != NULL ? relay_source_stream(seen->sources[i]) : 0);
}

void pictures_set_speakers(struct pictures *pictures, struct member *const *speakers,
                           unsigned count)
{
    struct speaker *next[SPEAKERS_MAX];
    bool begins[SPEAKERS_MAX];
    GHashTableIter iter;
    gpointer value;
    count = MIN(count, SPEAKERS_MAX);
    for (unsigned i = 0; i < count; i++) {
        next[i] = find_speaker(pictures, speakers[i]);
        begins[i] = next[i] == NULL;
        if (begins[i])
            next[i] = begin_speaker(pictures, speakers[i]);
    }
    for (unsigned i = 0; i < pictures->count; i++) {
        bool stays = false;
        for (unsigned j = 0; j < count; j++)
            stays |= next[j] == pictures->speakers[i];
        if (stays)
            continue;
        tell_hint(pictures, pictures->speakers[i]->member, json_null());
        end_speaker(pictures, pictures->speakers[i]);
    }
    memcpy(pictures->speakers, next, count * sizeof next[0]);
    pictures->count = count;
    for (unsigned i = 0; i < count; i++) {
        if (begins[i])
            tell_hint(pictures, speakers[i], pictures_hint(pictures, speakers[i]));
    }
    g_hash_table_iter_init(&iter, pictures->members);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        pictures_show(pictures, value);
}

void pictures_keyframe(struct pictures *pictures, uint32_t stream)
{
    for (unsigned i = 0; i < pictures->count * MEDIA; i++) {
        const struct speaker *speaker = pictures->speakers[i / MEDIA];
        if (relay_source_stream(speaker->sources[i % MEDIA]) == stream)
            member_request_keyframe(speaker->member, medium_at(i % MEDIA));
    }
}

/* ---- life ---- */

struct pictures *pictures_new(struct bridge *bridge, const char *conference, GHashTable *members,
                              bool (*may_see)(const struct member *member, void *arg), void *arg)
{
    struct pictures *pictures = g_new0(struct pictures, 1);
    struct relay_config config = {.name = conference,
                                  .shards = bridge->shards,
                                  .shard_count = bridge->shard_count,
                                  .main_queue = bridge->main_queue,
                                  .keyframe = on_source_needs_key,
                                  .arg = pictures};
    pictures->bridge = bridge;
    pictures->conference = g_strdup(conference);
    pictures->members = members;
    pictures->may_see = may_see;
    pictures->arg = arg;
    pictures->relay = relay_new(&config);
    return pictures;
}

void pictures_free(struct pictures *pictures)
{
    if (pictures == NULL)
        return;
    pictures_set_speakers(pictures, NULL, 0);
    relay_free(pictures->relay);
    g_free(pictures->conference);
    g_free(pictures);
}

int64_t pictures_cpu_us(const struct pictures *pictures)
{
    return relay_cpu_us(pictures->relay);
}

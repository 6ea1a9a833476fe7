/* Pictures between two legs over real sockets: packets out of an outlet, frames into a handler. */
#include "stage.h"

#include "bridge/video/wire/packetiser.h"
#include "common/clock.h"

#include <string.h>

#define FRAMES 25

/* What one side has got; written on its shard, read on the test's thread. */
struct gallery {
    struct stage *stage;
    atomic_uint frames, restarts, keyframe_requests;
    atomic_uint last_number, last_medium, last_codec;
    atomic_uint last_stream; /* that a key frame was asked of */
    atomic_bool is_in_order;
};

struct scene {
    struct stage stage;
    struct peer offerer, answerer;
    struct gallery gallery;
    struct frame_pool *pool;
    struct outlet *outlet;
    struct packetiser packetiser;
    uint8_t number;
    unsigned drop; /* this packet of the next frame gets lost before the outlet; 0: none */
};

static struct gallery *gallery; /* of the test that runs */

static void wake(void *arg)
{
    (void)arg;
}

static void on_picture(struct peer *peer, unsigned medium, struct coded_frame *frame)
{
    uint8_t number = frame->bytes[frame->size - 1];
    if (gallery->frames > 0 && number != (uint8_t)(gallery->last_number + 1))
        gallery->is_in_order = false;
    gallery->last_number = number;
    gallery->last_medium = medium;
    gallery->last_codec = frame->codec;
    gallery->restarts += frame->is_restart;
    gallery->frames++;
    coded_frame_unref(frame);
    queue_post(peer->stage->queue, wake, NULL);
}

static void on_keyframe(struct peer *peer, unsigned medium, uint32_t stream)
{
    (void)medium;
    gallery->last_stream = stream;
    gallery->keyframe_requests++;
    queue_post(peer->stage->queue, wake, NULL);
}

static void open_content_too(struct peer *peer, void *arg)
{
    (void)arg;
    leg_open_video(peer->leg, LEG_MEDIUM_VIDEO, true, 0);
    leg_open_video(peer->leg, LEG_MEDIUM_CONTENT, true, 0);
}

static void open_scene(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    gallery = &scene->gallery;
    gallery->is_in_order = true;
    scene->offerer.has_pictures = scene->answerer.has_pictures = true;
    scene->offerer.on_picture = scene->answerer.on_picture = on_picture;
    scene->offerer.on_keyframe = scene->answerer.on_keyframe = on_keyframe;
    stage_open(&scene->stage);
    peers_connect(&scene->stage, &scene->offerer, &scene->answerer);
    scene->pool = frame_pool_new(1024);
    scene->outlet = outlet_new(scene->stage.answering, 256);
    packetiser_init(&scene->packetiser, stream_id_new());
    stage_run(&scene->offerer, open_content_too, NULL);
}

static void close_scene(struct scene *scene)
{
    outlet_free(scene->outlet);
    peers_close(&scene->offerer, &scene->answerer);
    stage_close(&scene->stage);
    frame_pool_free(scene->pool);
}

struct assignment {
    unsigned medium;
    uint32_t stream;
};

static void set_stream(struct peer *peer, void *arg)
{
    const struct assignment *assignment = arg;
    leg_set_video_stream(peer->leg, assignment->medium, assignment->stream);
}

static void show(struct scene *scene, unsigned medium, uint32_t stream)
{
    struct assignment assignment = {medium, stream};
    stage_run(&scene->answerer, set_stream, &assignment);
}

static struct coded_frame *draw(enum coded_codec codec, bool is_key, uint8_t number)
{
    static const uint8_t vp8[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
    static const uint8_t h264[] = {0,    0,    0,    1,    0x67, 0x42, 0xc0, 0x0d, 0x8c,
                                   0x8d, 0x40, 0xa0, 0xcb, 0x53, 0x40, 0x3c, 0x22, 0x11,
                                   0xa8, 0,    0,    0,    1,    0x68, 0xce, 0x01, 0xa8,
                                   0x35, 0,    0,    0,    1,    0x65};
    uint8_t bytes[3000];
    memset(bytes, 0x55, sizeof bytes);
    if (codec == CODED_VP8) {
        memcpy(bytes, vp8, sizeof vp8);
        bytes[0] = is_key ? 0x10 : 0x11;
    } else if (is_key) {
        memcpy(bytes, h264, sizeof h264);
    } else {
        memcpy(bytes, (uint8_t[]){0, 0, 0, 1, 0x41}, 5);
    }
    bytes[sizeof bytes - 1] = number;
    return coded_frame_new_from(codec, bytes, sizeof bytes);
}

/* One frame of the scene's stream to the answerer's shard. */
static void play(struct scene *scene, enum coded_codec codec, bool is_key)
{
    struct coded_frame *frame = draw(codec, is_key, ++scene->number);
    struct frame *packet;
    frame->timestamp = coded_timestamp(clock_monotonic_us());
    packetiser_begin(&scene->packetiser, frame);
    for (unsigned i = 1; (packet = frame_pool_take(scene->pool)) != NULL; i++) {
        bool is_more = packetiser_next(&scene->packetiser, packet);
        if (is_more && i != scene->drop)
            g_assert_true(outlet_push(scene->outlet, packet));
        frame_unref(packet);
        if (!is_more)
            break;
    }
    g_assert_nonnull(packet);
    outlet_flush(scene->outlet);
    coded_frame_unref(frame);
    scene->drop = 0;
}

static void await_frames(struct scene *scene, unsigned count)
{
    while (scene->gallery.frames < count)
        stage_step(&scene->stage);
}

static void pictures_go_from_one_leg_to_the_other(void)
{
    for (int codec = CODED_VP8; codec <= CODED_H264; codec++) {
        struct scene scene;
        struct leg_counters counters;
        open_scene(&scene);
        show(&scene, LEG_MEDIUM_CONTENT, scene.packetiser.stream);
        for (unsigned i = 0; i < FRAMES; i++)
            play(&scene, codec, i == 0);
        await_frames(&scene, FRAMES);
        g_assert_true(scene.gallery.is_in_order);
        g_assert_cmpuint(scene.gallery.last_medium, ==, LEG_MEDIUM_CONTENT);
        g_assert_cmpuint(scene.gallery.last_codec, ==, codec);
        leg_counters(scene.answerer.leg, &counters);
        g_assert_cmpuint(counters.video_packets_sent, >=, FRAMES * 3);
        close_scene(&scene);
    }
}

static void a_stream_is_shown_from_its_next_key_frame(void)
{
    struct scene scene;
    open_scene(&scene);
    show(&scene, LEG_MEDIUM_VIDEO, scene.packetiser.stream);
    while (scene.gallery.keyframe_requests == 0)
        stage_step(&scene.stage);
    g_assert_cmpuint(scene.gallery.last_stream, ==, scene.packetiser.stream);
    play(&scene, CODED_VP8, false);
    play(&scene, CODED_VP8, true);
    play(&scene, CODED_VP8, false);
    await_frames(&scene, 2);
    g_assert_cmpuint(scene.gallery.last_number, ==, 3);
    close_scene(&scene);
}

/* The packet never reaches the leg: there is nothing to repair it with, and the leg asks for a key
 * frame in the end. */
static void what_cannot_be_repaired_is_mended_by_a_key_frame(void)
{
    struct scene scene;
    open_scene(&scene);
    show(&scene, LEG_MEDIUM_VIDEO, scene.packetiser.stream);
    play(&scene, CODED_VP8, true);
    await_frames(&scene, 1);
    unsigned asked = scene.gallery.keyframe_requests;
    scene.drop = 2;
    play(&scene, CODED_VP8, false);
    play(&scene, CODED_VP8, false);
    while (scene.gallery.keyframe_requests == asked)
        stage_step(&scene.stage);
    g_assert_cmpuint(scene.gallery.frames, ==, 1);
    play(&scene, CODED_VP8, true);
    await_frames(&scene, 2);
    g_assert_cmpuint(scene.gallery.restarts, ==, 1);
    close_scene(&scene);
}

static void a_leg_goes_from_stream_to_stream_without_a_gap(void)
{
    struct scene scene;
    struct packetiser other;
    open_scene(&scene);
    packetiser_init(&other, stream_id_new());
    other.number = 40000;
    other.picture_id = 77;
    show(&scene, LEG_MEDIUM_VIDEO, scene.packetiser.stream);
    play(&scene, CODED_VP8, true);
    play(&scene, CODED_VP8, false);
    await_frames(&scene, 2);
    show(&scene, LEG_MEDIUM_VIDEO, other.stream);
    play(&scene, CODED_VP8, false); /* goes on meanwhile */
    await_frames(&scene, 3);
    struct packetiser first = scene.packetiser;
    scene.packetiser = other;
    play(&scene, CODED_VP8, true);
    play(&scene, CODED_VP8, false);
    await_frames(&scene, 5);
    scene.packetiser = first;
    play(&scene, CODED_VP8, true); /* is not shown any more */
    g_assert_true(scene.gallery.is_in_order);
    g_assert_cmpuint(scene.gallery.restarts, ==, 0); /* the numbers went on */
    close_scene(&scene);
}

static void set_renditions(struct peer *peer, void *arg)
{
    leg_set_video_renditions(peer->leg, LEG_MEDIUM_VIDEO, arg, 3);
}

static void a_leg_begins_with_the_rendition_that_fits_its_line(void)
{
    struct scene scene;
    open_scene(&scene);
    struct leg_rendition renditions[] = {
        {stream_id_new(), 4000000}, {scene.packetiser.stream, 600000}, {stream_id_new(), 150000}};
    stage_run(&scene.answerer, set_renditions, renditions);
    while (scene.gallery.keyframe_requests == 0)
        stage_step(&scene.stage);
    g_assert_cmpuint(scene.gallery.last_stream, ==, scene.packetiser.stream);
    play(&scene, CODED_VP8, true);
    await_frames(&scene, 1);
    close_scene(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/leg_video/" #name, name)
    ADD(pictures_go_from_one_leg_to_the_other);
    ADD(a_stream_is_shown_from_its_next_key_frame);
    ADD(what_cannot_be_repaired_is_mended_by_a_key_frame);
    ADD(a_leg_begins_with_the_rendition_that_fits_its_line);
    ADD(a_leg_goes_from_stream_to_stream_without_a_gap);
    return g_test_run();
}

#include "bridge/video/intake.h"

#include "common/ring.h"

#include <glib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define INTAKE_FRAMES 32 /* more than a second of pictures */

struct wake {
    atomic_uint references;
    int fd;
};

struct intake {
    atomic_uint references;
    atomic_bool is_open;
    _Atomic(struct wake *) wake;
    struct ring *ring;
    bool is_broken; /* the shard's: nothing goes in before a key frame */
};

struct wake *wake_new(void)
{
    struct wake *wake = g_new0(struct wake, 1);
    atomic_init(&wake->references, 1);
    wake->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    g_assert(wake->fd >= 0);
    return wake;
}

struct wake *wake_ref(struct wake *wake)
{
    atomic_fetch_add_explicit(&wake->references, 1, memory_order_relaxed);
    return wake;
}

void wake_unref(struct wake *wake)
{
    if (wake == NULL || atomic_fetch_sub_explicit(&wake->references, 1, memory_order_acq_rel) != 1)
        return;
    close(wake->fd);
    g_free(wake);
}

int wake_fd(const struct wake *wake)
{
    return wake->fd;
}

struct intake *intake_new(void)
{
    struct intake *intake = g_new0(struct intake, 1);
    atomic_init(&intake->references, 1);
    intake->ring = ring_new(INTAKE_FRAMES);
    return intake;
}

struct intake *intake_ref(struct intake *intake)
{
    atomic_fetch_add_explicit(&intake->references, 1, memory_order_relaxed);
    return intake;
}

void intake_unref(struct intake *intake)
{
    if (intake == NULL ||
        atomic_fetch_sub_explicit(&intake->references, 1, memory_order_acq_rel) != 1)
        return;
    ring_free(intake->ring, coded_frame_destroy);
    wake_unref(intake->wake);
    g_free(intake);
}

bool intake_push(struct intake *intake, struct coded_frame *frame)
{
    bool is_open = atomic_load_explicit(&intake->is_open, memory_order_acquire);
    if (frame->is_key && intake->is_broken) {
        intake->is_broken = false;
        frame->is_restart = true;
    }
    if (!is_open || intake->is_broken || !ring_push(intake->ring, frame)) {
        intake->is_broken = true;
        coded_frame_unref(frame);
        return false;
    }
    eventfd_write(atomic_load_explicit(&intake->wake, memory_order_acquire)->fd, 1);
    return true;
}

void intake_open(struct intake *intake, struct wake *wake)
{
    struct wake *before = atomic_load_explicit(&intake->wake, memory_order_relaxed);
    g_assert(before == NULL || before == wake);
    if (before == NULL)
        atomic_store_explicit(&intake->wake, wake_ref(wake), memory_order_release);
    atomic_store_explicit(&intake->is_open, true, memory_order_release);
}

void intake_close(struct intake *intake)
{
    atomic_store_explicit(&intake->is_open, false, memory_order_release);
}

struct coded_frame *intake_pop(struct intake *intake)
{
    return ring_pop(intake->ring);
}

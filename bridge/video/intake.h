/* The coded frames of one medium of one leg, on their way from the leg's shard to the relay: a ring
 * that wakes its reader. When the reader lags, frames are let go up to the next key frame, so that
 * nothing that comes out refers to what did not.
 *
 * Thread: intake_push() on the leg's shard; intake_pop() on the reader's; intake_open() and
 * intake_close() on the main thread; the rest on any. */
#pragma once

#include "bridge/video/coded.h"

/* An eventfd that lives as long as anybody may write it. */
struct wake;
struct wake *wake_new(void);
struct wake *wake_ref(struct wake *wake);
void wake_unref(struct wake *wake);
int wake_fd(const struct wake *wake);

struct intake;

struct intake *intake_new(void);
struct intake *intake_ref(struct intake *intake);
void intake_unref(struct intake *intake);

/* Takes the reference. False: frames are being let go, ask for a key frame. */
bool intake_push(struct intake *intake, struct coded_frame *frame);

/* From now on `wake` is written when there is something to pop; it is the same one every time.
 * While closed, as at first, frames are let go. */
void intake_open(struct intake *intake, struct wake *wake);
void intake_close(struct intake *intake);
/* The oldest frame, to be unreferenced; NULL when empty. */
struct coded_frame *intake_pop(struct intake *intake);

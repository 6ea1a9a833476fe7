#include "bridge/record/track.h"

#include "common/clock.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <libavformat/avformat.h>
#include <opus.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_RATE     48000
#define CLUSTER_SAMPLES SAMPLE_RATE
#define PICTURE_SAMPLES                                                                            \
    (SAMPLE_RATE / 25) /* how long the last picture of a cluster is taken to last */
#define IO_BUFFER_SIZE 4096
#define OPUS_HEAD_SIZE 19
#define OPUS_PREROLL   3840 /* 80 ms, RFC 7845 section 4.6 */

struct track {
    char *path;
    unsigned width, height; /* of pictures; 0: it is sound */
    int fd;
    int64_t end; /* of the file */
    AVFormatContext *muxer;
    AVPacket *packet;
    GByteArray *pending; /* what libavformat has written and the file has not */
    int64_t waiting_since_us;
    bool has_cluster;
    int64_t cluster_samples; /* when the running cluster begins */
    int64_t last_samples;    /* when the last packet begins; -1: there was none */
    int64_t end_samples;
    bool is_broken; /* the disk has refused: nothing more goes into the file */
};

static int take_bytes(void *opaque, uint8_t *bytes, int size)
{
    struct track *track = opaque;
    g_byte_array_append(track->pending, bytes, (guint)size);
    return size;
}

static bool fail_av(const struct track *track, int code, GError **error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, text, sizeof text);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", track->path, text);
    return false;
}

/* RFC 7845 section 5.1: mono, 48 kHz, nothing skipped, as packets may begin in mid-stream. */
static void set_opus_head(AVCodecParameters *codec)
{
    static const uint8_t head[OPUS_HEAD_SIZE] = {'O', 'p', 'u', 's', 'H', 'e',  'a',
                                                 'd', 1,   1,   0,   0,   0x80, 0xbb};
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_OPUS;
    codec->sample_rate = SAMPLE_RATE;
    codec->seek_preroll = OPUS_PREROLL;
    av_channel_layout_default(&codec->ch_layout, 1);
    codec->extradata = av_mallocz(sizeof head + AV_INPUT_BUFFER_PADDING_SIZE);
    codec->extradata_size = sizeof head;
    memcpy(codec->extradata, head, sizeof head);
}

static void set_picture(const struct track *track, AVCodecParameters *codec)
{
    codec->codec_type = AVMEDIA_TYPE_VIDEO;
    codec->codec_id = AV_CODEC_ID_VP8;
    codec->width = (int)track->width;
    codec->height = (int)track->height;
}

bool track_commit(struct track *track, GError **error)
{
    GByteArray *pending = track->pending;
    track->is_broken =
        !disk_append(track->fd, track->path, &track->end, pending->data, pending->len, error) ||
        !disk_sync(track->fd, track->path, error);
    g_byte_array_set_size(pending, 0);
    return !track->is_broken;
}

static bool open_muxer(struct track *track, const char *title, GError **error)
{
    int code = avformat_alloc_output_context2(&track->muxer, NULL, "webm", NULL);
    if (code < 0)
        return fail_av(track, code, error);
    AVStream *stream = avformat_new_stream(track->muxer, NULL);
    if (track->width > 0)
        set_picture(track, stream->codecpar);
    else
        set_opus_head(stream->codecpar);
    stream->time_base = (AVRational){1, SAMPLE_RATE};
    av_dict_set(&track->muxer->metadata, "title", title, 0);
    track->muxer->pb = avio_alloc_context(av_malloc(IO_BUFFER_SIZE), IO_BUFFER_SIZE, 1, track, NULL,
                                          take_bytes, NULL);
    track->muxer->flags |= AVFMT_FLAG_BITEXACT;
    AVDictionary *options = NULL;
    av_dict_set(&options, "live", "1", 0);
    /* We end clusters ourselves. */
    av_dict_set(&options, "cluster_time_limit", "5000", 0);
    av_dict_set(&options, "cluster_size_limit", "16000000", 0);
    code = avformat_write_header(track->muxer, &options);
    av_dict_free(&options);
    if (code < 0)
        return fail_av(track, code, error);
    avio_flush(track->muxer->pb);
    return track_commit(track, error);
}

static struct track *open_track(const char *path, const char *title, unsigned width,
                                unsigned height, GError **error)
{
    struct track *track = g_new0(struct track, 1);
    track->path = g_strdup(path);
    track->width = width;
    track->height = height;
    track->last_samples = -1;
    track->pending = g_byte_array_new();
    track->packet = av_packet_alloc();
    track->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if ((track->fd >= 0 || disk_fail(path, error)) && open_muxer(track, title, error))
        return track;
    track_free(track);
    return NULL;
}

struct track *track_new(const char *path, const char *title, GError **error)
{
    return open_track(path, title, 0, 0, error);
}

struct track *track_new_picture(const char *path, const char *title, unsigned width,
                                unsigned height, GError **error)
{
    return open_track(path, title, width, height, error);
}

void track_free(struct track *track)
{
    if (track == NULL)
        return;
    if (track->muxer != NULL) {
        AVIOContext *io = track->muxer->pb;
        /* Lets the muxer give up its own buffers; what it writes goes nowhere. */
        if (io != NULL)
            av_write_trailer(track->muxer);
        avformat_free_context(track->muxer);
        if (io != NULL)
            av_freep(&io->buffer);
        avio_context_free(&io);
    }
    if (track->fd >= 0)
        close(track->fd);
    av_packet_free(&track->packet);
    g_byte_array_unref(track->pending);
    g_free(track->path);
    g_free(track);
}

int64_t track_waiting_since_us(const struct track *track)
{
    return track->has_cluster ? track->waiting_since_us : 0;
}

static int64_t to_us(int64_t samples)
{
    return samples * 1000000 / SAMPLE_RATE;
}

static int64_t to_timestamp(const struct track *track, int64_t samples)
{
    return av_rescale_q(samples, (AVRational){1, SAMPLE_RATE}, track->muxer->streams[0]->time_base);
}

/* The muxer keeps the last packet of sound back until it sees the next, which for a speaker who is
 * done may be hours away; an empty packet lets it go. */
static int end_cluster(struct track *track)
{
    int code = 0;
    if (track->width == 0) {
        track->packet->pts = track->packet->dts = to_timestamp(track, track->last_samples);
        code = av_write_frame(track->muxer, track->packet);
        av_packet_unref(track->packet);
    }
    if (code >= 0)
        code = av_write_frame(track->muxer, NULL);
    avio_flush(track->muxer->pb);
    return code;
}

bool track_flush(struct track *track, struct track_cluster *ended, GError **error)
{
    ended->length = 0;
    if (!track->has_cluster || track->is_broken)
        return true;
    track->has_cluster = false;
    int code = end_cluster(track);
    if (code < 0)
        return fail_av(track, code, error);
    ended->offset = track->end;
    ended->length = track->pending->len;
    ended->start_us = to_us(track->cluster_samples);
    ended->end_us = to_us(track->end_samples);
    disk_sha256(track->pending->data, track->pending->len, ended->sha256);
    return true;
}

static bool mux_packet(struct track *track, int64_t time_samples, const uint8_t *bytes, size_t size,
                       int samples, bool is_key, GError **error)
{
    int code = av_new_packet(track->packet, (int)size);
    if (code < 0)
        return fail_av(track, code, error);
    memcpy(track->packet->data, bytes, size);
    track->packet->pts = track->packet->dts = to_timestamp(track, time_samples);
    track->packet->duration = to_timestamp(track, samples);
    if (is_key)
        track->packet->flags |= AV_PKT_FLAG_KEY;
    code = av_write_frame(track->muxer, track->packet);
    av_packet_unref(track->packet);
    return code >= 0 || fail_av(track, code, error);
}

/* Into the running cluster, or a new one. */
static void enter(struct track *track, int64_t time_samples, int samples)
{
    if (!track->has_cluster) {
        track->has_cluster = true;
        track->cluster_samples = time_samples;
        track->waiting_since_us = clock_monotonic_us();
    }
    track->last_samples = time_samples;
    track->end_samples = time_samples + samples;
}

bool track_write_picture(struct track *track, int64_t time_samples, const uint8_t *frame,
                         size_t size, bool is_key, struct track_cluster *ended, GError **error)
{
    ended->length = 0;
    if (time_samples <= track->last_samples || track->is_broken)
        return true;
    if (track->has_cluster && time_samples - track->cluster_samples >= CLUSTER_SAMPLES &&
        !track_flush(track, ended, error))
        return false;
    enter(track, time_samples, PICTURE_SAMPLES);
    return mux_packet(track, time_samples, frame, size, 0, is_key, error);
}

bool track_write(struct track *track, int64_t time_samples, const uint8_t *opus, size_t size,
                 struct track_cluster *ended, GError **error)
{
    int samples = opus_packet_get_nb_samples(opus, (opus_int32)size, SAMPLE_RATE);
    ended->length = 0;
    if (samples <= 0 || time_samples <= track->last_samples || track->is_broken)
        return true;
    bool is_full =
        track->has_cluster && time_samples + samples - track->cluster_samples > CLUSTER_SAMPLES;
    if (is_full && !track_flush(track, ended, error))
        return false;
    enter(track, time_samples, samples);
    if (!mux_packet(track, time_samples, opus, size, samples, true, error))
        return false;
    if (!is_full && track->end_samples - track->cluster_samples >= CLUSTER_SAMPLES)
        return track_flush(track, ended, error);
    return true;
}

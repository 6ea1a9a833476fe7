#include "bridge/record/track.h"

#include "bridge/record/log.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <libavformat/avformat.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_RATE     48000
#define FRAME_SAMPLES   960
#define CLUSTER_SAMPLES SAMPLE_RATE
#define IO_BUFFER_SIZE  4096
#define OPUS_HEAD_SIZE  19
#define OPUS_PREROLL    3840 /* 80 ms, RFC 7845 section 4.6 */

struct track {
    char *path;
    int fd;
    AVFormatContext *muxer;
    AVPacket *packet;
    GByteArray *pending; /* what libavformat has written and the file has not */
    int64_t offset;      /* of the file's end */
    bool has_cluster, is_closed;
    int64_t first_samples, last_samples; /* of the running cluster */
};

static int take_bytes(void *opaque, uint8_t *bytes, int size)
{
    struct track *track = opaque;
    g_byte_array_append(track->pending, bytes, (guint)size);
    return size;
}

static bool fail_av(struct track *track, int code, GError **error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, text, sizeof text);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", track->path, text);
    return false;
}

static bool write_pending(struct track *track, GError **error)
{
    const guint8 *bytes = track->pending->data;
    size_t left = track->pending->len;
    while (left > 0) {
        ssize_t written = write(track->fd, bytes, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        bytes += written;
        left -= (size_t)written;
    }
    if (left > 0 || fdatasync(track->fd) != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", track->path,
                    g_strerror(errno));
        return false;
    }
    track->offset += track->pending->len;
    g_byte_array_set_size(track->pending, 0);
    return true;
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

static bool open_muxer(struct track *track, const char *title, GError **error)
{
    int code = avformat_alloc_output_context2(&track->muxer, NULL, "webm", NULL);
    if (code < 0)
        return fail_av(track, code, error);
    AVStream *stream = avformat_new_stream(track->muxer, NULL);
    set_opus_head(stream->codecpar);
    stream->time_base = (AVRational){1, SAMPLE_RATE};
    av_dict_set(&track->muxer->metadata, "title", title, 0);
    track->muxer->pb = avio_alloc_context(av_malloc(IO_BUFFER_SIZE), IO_BUFFER_SIZE, 1, track, NULL,
                                          take_bytes, NULL);
    track->muxer->flags |= AVFMT_FLAG_BITEXACT;
    AVDictionary *options = NULL;
    av_dict_set(&options, "live", "1", 0);
    av_dict_set(&options, "cluster_time_limit", "5000", 0); /* we end them ourselves */
    code = avformat_write_header(track->muxer, &options);
    av_dict_free(&options);
    if (code < 0)
        return fail_av(track, code, error);
    avio_flush(track->muxer->pb);
    return write_pending(track, error);
}

struct track *track_new(const char *path, const char *title, GError **error)
{
    struct track *track = g_new0(struct track, 1);
    track->path = g_strdup(path);
    track->pending = g_byte_array_new();
    track->packet = av_packet_alloc();
    track->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (track->fd < 0)
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
    if (track->fd < 0 || !open_muxer(track, title, error)) {
        track_free(track);
        return NULL;
    }
    return track;
}

void track_free(struct track *track)
{
    if (track == NULL)
        return;
    if (track->muxer != NULL) {
        AVIOContext *io = track->muxer->pb;
        /* Lets the muxer give up its own buffers; what it writes goes nowhere. */
        if (io != NULL && !track->is_closed)
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

static int64_t to_us(int64_t samples)
{
    return samples * 1000000 / SAMPLE_RATE;
}

static bool end_cluster(struct track *track, int code, struct track_cluster *cluster,
                        bool *has_cluster, GError **error)
{
    if (code < 0)
        return fail_av(track, code, error);
    avio_flush(track->muxer->pb);
    cluster->offset = track->offset;
    cluster->length = track->pending->len;
    cluster->start_us = to_us(track->first_samples);
    cluster->end_us = to_us(track->last_samples + FRAME_SAMPLES);
    record_sha256(track->pending->data, track->pending->len, cluster->sha256);
    track->has_cluster = false;
    *has_cluster = track->pending->len > 0;
    return write_pending(track, error);
}

bool track_flush(struct track *track, struct track_cluster *cluster, bool *has_cluster,
                 GError **error)
{
    *has_cluster = false;
    return !track->has_cluster ||
           end_cluster(track, av_write_frame(track->muxer, NULL), cluster, has_cluster, error);
}

bool track_close(struct track *track, struct track_cluster *cluster, bool *has_cluster,
                 GError **error)
{
    track->is_closed = true;
    return end_cluster(track, av_write_trailer(track->muxer), cluster, has_cluster, error);
}

bool track_write(struct track *track, int64_t time_samples, const uint8_t *opus, size_t size,
                 struct track_cluster *cluster, bool *has_cluster, GError **error)
{
    *has_cluster = false;
    if (track->has_cluster && time_samples - track->first_samples >= CLUSTER_SAMPLES &&
        !track_flush(track, cluster, has_cluster, error))
        return false;
    if (!track->has_cluster) {
        track->has_cluster = true;
        track->first_samples = time_samples;
    }
    track->last_samples = time_samples;
    int code = av_new_packet(track->packet, (int)size);
    if (code < 0)
        return fail_av(track, code, error);
    memcpy(track->packet->data, opus, size);
    AVStream *stream = track->muxer->streams[0];
    track->packet->pts = track->packet->dts =
        av_rescale_q(time_samples, (AVRational){1, SAMPLE_RATE}, stream->time_base);
    track->packet->duration =
        av_rescale_q(FRAME_SAMPLES, (AVRational){1, SAMPLE_RATE}, stream->time_base);
    track->packet->flags |= AV_PKT_FLAG_KEY;
    code = av_write_frame(track->muxer, track->packet);
    av_packet_unref(track->packet);
    return code >= 0 || fail_av(track, code, error);
}

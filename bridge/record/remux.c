#include "bridge/record/remux.h"

#include "bridge/record/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <unistd.h>

#define CLUSTER_MS "1000" /* also the grain of the index */

static bool fail_av(GError **error, const char *path, int code, bool is_input)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    int gio_code = code == AVERROR_INVALIDDATA || (is_input && code == AVERROR_EOF)
                       ? G_IO_ERROR_INVALID_DATA
                       : G_IO_ERROR_FAILED;
    av_strerror(code, text, sizeof text);
    g_set_error(error, G_IO_ERROR, gio_code, "%s: %s", path, text);
    return false;
}

static int add_chapters(AVFormatContext *to, const json_t *chapters)
{
    size_t count = json_array_size(chapters), index;
    json_t *entry;
    if (count == 0)
        return 0;
    to->chapters = av_calloc(count, sizeof *to->chapters);
    if (to->chapters == NULL)
        return AVERROR(ENOMEM);
    json_array_foreach ((json_t *)chapters, index, entry) {
        AVChapter *chapter = av_mallocz(sizeof *chapter);
        if (chapter == NULL)
            return AVERROR(ENOMEM);
        chapter->id = (int64_t)index + 1;
        chapter->time_base = (AVRational){1, 1000000};
        chapter->start = json_integer_value(json_object_get(entry, "start_us"));
        chapter->end = json_integer_value(json_object_get(entry, "end_us"));
        av_dict_set(&chapter->metadata, "title", json_string_value(json_object_get(entry, "title")),
                    0);
        to->chapters[to->nb_chapters++] = chapter;
    }
    return 0;
}

/* A stream on its way into the new file. */
struct lane {
    AVFormatContext *from;
    int index; /* of the stream in `from`; -1: there is none */
    int to;    /* in the new file */
    AVPacket *next;
    bool is_over;
    int64_t last;
};

/* The lane's next packet in the new file's time; 0, AVERROR_EOF or another error. */
static int read_next(struct lane *lane, const AVFormatContext *to)
{
    int code;
    while ((code = av_read_frame(lane->from, lane->next)) >= 0) {
        if (lane->next->stream_index != lane->index) {
            av_packet_unref(lane->next);
            continue;
        }
        av_packet_rescale_ts(lane->next, lane->from->streams[lane->index]->time_base,
                             to->streams[lane->to]->time_base);
        lane->next->pos = -1;
        lane->next->stream_index = lane->to;
        return 0;
    }
    lane->is_over = true;
    return code;
}

static int write_next(struct lane *lane, AVFormatContext *to)
{
    int code = 0;
    /* In a damaged file time may seem to go back; the muxer would refuse the whole of it. */
    if (lane->next->dts >= lane->last) {
        lane->last = lane->next->dts;
        code = av_write_frame(to, lane->next);
    }
    av_packet_unref(lane->next);
    if (code >= 0)
        code = read_next(lane, to);
    return code == AVERROR_EOF ? 0 : code;
}

/* The lane whose next packet comes first; NULL when all are over. All streams of the new file count
 * in the same unit, milliseconds. */
static struct lane *earliest(struct lane *lanes, unsigned count)
{
    struct lane *first = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (!lanes[i].is_over && (first == NULL || lanes[i].next->dts < first->next->dts))
            first = &lanes[i];
    }
    return first;
}

static int copy_packets(struct lane *lanes, unsigned count, AVFormatContext *to)
{
    struct lane *lane;
    int code = 0;
    for (unsigned i = 0; i < count && code >= 0; i++) {
        lanes[i].last = INT64_MIN;
        lanes[i].next = av_packet_alloc();
        code = read_next(&lanes[i], to);
        code = code == AVERROR_EOF ? 0 : code;
    }
    while (code >= 0 && (lane = earliest(lanes, count)) != NULL)
        code = write_next(lane, to);
    for (unsigned i = 0; i < count; i++)
        av_packet_free(&lanes[i].next);
    return code;
}

static int add_stream(struct lane *lane, AVFormatContext *to)
{
    const AVStream *from = lane->from->streams[lane->index];
    AVStream *stream = avformat_new_stream(to, NULL);
    if (stream == NULL)
        return AVERROR(ENOMEM);
    int code = avcodec_parameters_copy(stream->codecpar, from->codecpar);
    stream->codecpar->codec_tag = 0;
    stream->time_base = from->time_base;
    lane->to = stream->index;
    return code;
}

static int describe(struct lane *lanes, unsigned count, AVFormatContext *to,
                    const struct remux_about *about)
{
    int code = 0;
    for (unsigned i = 0; i < count && code >= 0; i++)
        code = add_stream(&lanes[i], to);
    av_dict_set(&to->metadata, "title", about->title, 0);
    av_dict_set(&to->metadata, "creation_time", about->started, 0);
    return code < 0 ? code : add_chapters(to, about->chapters);
}

static int write_file(struct lane *lanes, unsigned count, AVFormatContext *to, const char *path)
{
    int code = avio_open(&to->pb, path, AVIO_FLAG_WRITE);
    if (code < 0)
        return code;
    AVDictionary *options = NULL;
    av_dict_set(&options, "cluster_time_limit", CLUSTER_MS, 0);
    code = avformat_write_header(to, &options);
    av_dict_free(&options);
    if (code >= 0) {
        code = copy_packets(lanes, count, to);
        int trailer = av_write_trailer(to);
        code = code < 0 ? code : trailer;
    }
    /* Reports what writing has met since. */
    int closed = avio_closep(&to->pb);
    return code < 0 ? code : closed;
}

static int find_stream(const AVFormatContext *from, enum AVCodecID codec)
{
    for (unsigned i = 0; i < from->nb_streams; i++) {
        if (from->streams[i]->codecpar->codec_id == codec)
            return (int)i;
    }
    return -1;
}

static int open_input(AVFormatContext **from, const char *path)
{
    int code = avformat_open_input(from, path, NULL, NULL);
    if (code >= 0)
        code = avformat_find_stream_info(*from, NULL);
    return code;
}

/* What a file has of one codec. */
static bool open_lane(struct lane *lane, const char *path, enum AVCodecID codec, int *code)
{
    *code = open_input(&lane->from, path);
    lane->index = *code >= 0 ? find_stream(lane->from, codec) : -1;
    if (lane->index >= 0)
        return true;
    avformat_close_input(&lane->from);
    return false;
}

/* The sound of `path`, if it has any, and the pictures: of the other file, or, where they have been
 * joined before, its own. Each is read by itself. Returns how many there are. */
static unsigned open_lanes(struct lane lanes[2], const char *path, const char *picture, int *code)
{
    unsigned count = open_lane(&lanes[0], path, AV_CODEC_ID_OPUS, code);
    if (*code < 0)
        return 0;
    int picture_code = 0;
    if ((picture != NULL && open_lane(&lanes[count], picture, AV_CODEC_ID_VP8, &picture_code)) ||
        open_lane(&lanes[count], path, AV_CODEC_ID_VP8, &picture_code))
        count++;
    if (count == 0)
        *code = AVERROR_INVALIDDATA;
    return count;
}

static bool sync_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return disk_fail(path, error);
    bool is_good = fsync(fd) == 0 || disk_fail(path, error);
    close(fd);
    return is_good;
}

/* libavformat would make it readable by all. */
static bool make_private(const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return disk_fail(path, error);
    close(fd);
    return true;
}

static void close_lanes(struct lane *lanes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        avformat_close_input(&lanes[i].from);
}

bool record_remux(const char *path, const struct remux_about *about, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    struct lane lanes[2] = {0};
    AVFormatContext *to = NULL;
    int code;
    av_log_set_level(AV_LOG_QUIET); /* what it finds is told by the error */
    unsigned count = open_lanes(lanes, path, about->picture, &code);
    if (count == 0)
        return fail_av(error, path, code, true);
    if (!make_private(temporary, error)) {
        close_lanes(lanes, count);
        return false;
    }
    code = avformat_alloc_output_context2(&to, NULL, "webm", NULL);
    if (code >= 0)
        code = describe(lanes, count, to, about);
    if (code >= 0)
        code = write_file(lanes, count, to, temporary);
    avformat_free_context(to);
    close_lanes(lanes, count);
    bool is_good =
        (code >= 0 || fail_av(error, temporary, code, false)) && sync_file(temporary, error);
    if (!is_good)
        unlink(temporary);
    return is_good && disk_rename(temporary, path, error);
}

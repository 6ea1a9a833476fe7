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

static int copy_packets(AVFormatContext *from, AVFormatContext *to)
{
    AVPacket *packet = av_packet_alloc();
    int64_t last = INT64_MIN;
    int code;
    while ((code = av_read_frame(from, packet)) >= 0) {
        av_packet_rescale_ts(packet, from->streams[0]->time_base, to->streams[0]->time_base);
        packet->pos = -1;
        /* In a damaged file time may seem to go back; the muxer would refuse the whole of it. */
        if (packet->dts >= last) {
            last = packet->dts;
            code = av_write_frame(to, packet);
        }
        av_packet_unref(packet);
        if (code < 0)
            break;
    }
    av_packet_free(&packet);
    return code == AVERROR_EOF ? 0 : code;
}

static int describe(const AVFormatContext *from, AVFormatContext *to,
                    const struct remux_about *about)
{
    AVStream *stream = avformat_new_stream(to, NULL);
    if (stream == NULL)
        return AVERROR(ENOMEM);
    int code = avcodec_parameters_copy(stream->codecpar, from->streams[0]->codecpar);
    stream->codecpar->codec_tag = 0;
    stream->time_base = from->streams[0]->time_base;
    av_dict_set(&to->metadata, "title", about->title, 0);
    av_dict_set(&to->metadata, "creation_time", about->started, 0);
    return code < 0 ? code : add_chapters(to, about->chapters);
}

static int write_file(AVFormatContext *from, AVFormatContext *to, const char *path)
{
    int code = avio_open(&to->pb, path, AVIO_FLAG_WRITE);
    if (code < 0)
        return code;
    AVDictionary *options = NULL;
    av_dict_set(&options, "cluster_time_limit", CLUSTER_MS, 0);
    code = avformat_write_header(to, &options);
    av_dict_free(&options);
    if (code >= 0) {
        code = copy_packets(from, to);
        int trailer = av_write_trailer(to);
        code = code < 0 ? code : trailer;
    }
    /* Reports what writing has met since. */
    int closed = avio_closep(&to->pb);
    return code < 0 ? code : closed;
}

static int open_recorded(AVFormatContext **from, const char *path)
{
    int code = avformat_open_input(from, path, NULL, NULL);
    if (code >= 0)
        code = avformat_find_stream_info(*from, NULL);
    if (code >= 0 &&
        ((*from)->nb_streams != 1 || (*from)->streams[0]->codecpar->codec_id != AV_CODEC_ID_OPUS))
        code = AVERROR_INVALIDDATA;
    return code;
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

bool record_remux(const char *path, const struct remux_about *about, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    AVFormatContext *from = NULL, *to = NULL;
    av_log_set_level(AV_LOG_QUIET); /* what it finds is told by the error */
    int code = open_recorded(&from, path);
    if (code < 0) {
        avformat_close_input(&from);
        return fail_av(error, path, code, true);
    }
    if (!make_private(temporary, error)) {
        avformat_close_input(&from);
        return false;
    }
    code = avformat_alloc_output_context2(&to, NULL, "webm", NULL);
    if (code >= 0)
        code = describe(from, to, about);
    if (code >= 0)
        code = write_file(from, to, temporary);
    avformat_free_context(to);
    avformat_close_input(&from);
    bool is_good =
        (code >= 0 || fail_av(error, temporary, code, false)) && sync_file(temporary, error);
    if (!is_good)
        unlink(temporary);
    return is_good && disk_rename(temporary, path, error);
}

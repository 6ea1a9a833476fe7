#include "bridge/record/remux.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <unistd.h>

static bool fail(GError **error, const char *path, int code)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(code, text, sizeof text);
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", path, text);
    return false;
}

static void add_chapters(AVFormatContext *to, const json_t *chapters)
{
    size_t count = json_array_size(chapters), index;
    json_t *entry;
    if (count == 0)
        return;
    to->chapters = av_calloc(count, sizeof *to->chapters);
    json_array_foreach((json_t *)chapters, index, entry)
    {
        AVChapter *chapter = av_mallocz(sizeof *chapter);
        chapter->id = (int64_t)index + 1;
        chapter->time_base = (AVRational){1, 1000000};
        chapter->start = json_integer_value(json_object_get(entry, "start_us"));
        chapter->end = json_integer_value(json_object_get(entry, "end_us"));
        av_dict_set(&chapter->metadata, "title", json_string_value(json_object_get(entry, "title")),
                    0);
        to->chapters[to->nb_chapters++] = chapter;
    }
}

static int copy_packets(AVFormatContext *from, AVFormatContext *to)
{
    AVPacket *packet = av_packet_alloc();
    int code;
    while ((code = av_read_frame(from, packet)) >= 0) {
        av_packet_rescale_ts(packet, from->streams[0]->time_base, to->streams[0]->time_base);
        packet->pos = -1;
        code = av_write_frame(to, packet);
        av_packet_unref(packet);
        if (code < 0)
            break;
    }
    av_packet_free(&packet);
    return code == AVERROR_EOF ? 0 : code;
}

static int copy_file(AVFormatContext *from, AVFormatContext *to, const char *path,
                     const char *title, const json_t *chapters)
{
    AVStream *stream = avformat_new_stream(to, NULL);
    int code = avcodec_parameters_copy(stream->codecpar, from->streams[0]->codecpar);
    stream->codecpar->codec_tag = 0;
    stream->time_base = from->streams[0]->time_base;
    av_dict_set(&to->metadata, "title", title, 0);
    add_chapters(to, chapters);
    if (code >= 0)
        code = avio_open(&to->pb, path, AVIO_FLAG_WRITE);
    if (code < 0)
        return code;
    AVDictionary *options = NULL;
    av_dict_set(&options, "cluster_time_limit", "1000", 0);
    code = avformat_write_header(to, &options);
    av_dict_free(&options);
    if (code >= 0) {
        code = copy_packets(from, to);
        int trailer = av_write_trailer(to);
        code = code < 0 ? code : trailer;
    }
    int closed = avio_closep(&to->pb);
    return code < 0 ? code : closed;
}

static bool put_in_place(const char *temporary, const char *path, GError **error)
{
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    bool is_good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (is_good && rename(temporary, path) == 0)
        return true;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", temporary,
                g_strerror(errno));
    return false;
}

bool record_remux(const char *path, const char *title, const json_t *chapters, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".tmp", NULL);
    AVFormatContext *from = NULL, *to = NULL;
    int code = avformat_open_input(&from, path, NULL, NULL);
    if (code >= 0)
        code = avformat_find_stream_info(from, NULL);
    if (code >= 0 && from->nb_streams != 1)
        code = AVERROR_INVALIDDATA;
    if (code >= 0)
        code = avformat_alloc_output_context2(&to, NULL, "webm", NULL);
    if (code >= 0)
        code = copy_file(from, to, temporary, title, chapters);
    avformat_free_context(to);
    avformat_close_input(&from);
    if (code < 0) {
        unlink(temporary);
        return fail(error, path, code);
    }
    return put_in_place(temporary, path, error);
}

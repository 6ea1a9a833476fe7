#include "bridge/record/gather.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void take_part(struct gathered *gathered, const json_t *line)
{
    static const char *const keys[] = {"part", "title", "started"};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        json_object_set(gathered->part, keys[i], json_object_get(line, keys[i]));
}

static void take_file(struct gathered *gathered, const json_t *line)
{
    const char *name = text_of(line, "file");
    /* The names are our own, but nothing outside the part's folder may ever be touched. */
    if (name == NULL || strchr(name, '/') != NULL || name[0] == '.')
        return;
    json_t *file = json_copy((json_t *)line);
    json_object_del(file, "type");
    json_object_set_new(file, "duration_us", json_integer(0));
    json_object_set_new(file, "spans", json_array());
    json_object_set_new(gathered->files, name, file);
    json_object_set_new(gathered->clusters, name, json_array());
}

/* The span that has begun and not ended; NULL: there is none. */
static json_t *open_span(const json_t *file)
{
    json_t *spans = json_object_get(file, "spans");
    json_t *last = json_array_get(spans, json_array_size(spans) - 1);
    return json_is_null(json_object_get(last, "end_us")) ? last : NULL;
}

static void end_span(const json_t *file, json_int_t end_us)
{
    json_t *span = open_span(file);
    if (span != NULL)
        json_object_set_new(span, "end_us", json_integer(MAX(end_us, number_of(span, "start_us"))));
}

static void take_begin(json_t *file, const json_t *line)
{
    end_span(file, number_of(line, "start_us"));
    json_array_append_new(
        json_object_get(file, "spans"),
        json_pack("{s:I, s:n}", "start_us", number_of(line, "start_us"), "end_us"));
    if (text_of(line, "name") != NULL)
        json_object_set(file, "name", json_object_get(line, "name"));
}

static void take_line(struct gathered *gathered, json_t *line)
{
    const char *type = text_of(line, "type"), *name = text_of(line, "file");
    json_t *file = name != NULL ? json_object_get(gathered->files, name) : NULL;
    if (g_strcmp0(type, "part") == 0) {
        take_part(gathered, line);
    } else if (g_strcmp0(type, "file") == 0) {
        take_file(gathered, line);
    } else if (g_strcmp0(type, "dropped") == 0) {
        json_object_set(gathered->part, "dropped_packets", json_object_get(line, "packets"));
    } else if (file == NULL) {
        return;
    } else if (g_strcmp0(type, "cluster") == 0) {
        json_array_append(json_object_get(gathered->clusters, name), line);
    } else if (g_strcmp0(type, "begin") == 0) {
        take_begin(file, line);
    } else if (g_strcmp0(type, "end") == 0) {
        end_span(file, number_of(line, "end_us"));
    }
}

/* The end of the recording cuts off who still speaks. */
static void settle_files(struct gathered *gathered)
{
    const char *name;
    json_t *file, *span;
    size_t index;
    json_object_foreach (gathered->files, name, file) {
        const json_t *clusters = json_object_get(gathered->clusters, name);
        const json_t *last = json_array_get(clusters, json_array_size(clusters) - 1);
        json_object_set_new(file, "duration_us", json_integer(number_of(last, "end_us")));
        gathered->duration_us = MAX(gathered->duration_us, number_of(last, "end_us"));
        json_array_foreach (json_object_get(file, "spans"), index, span)
            gathered->duration_us = MAX(gathered->duration_us, number_of(span, "end_us"));
        /* The program is named like the meeting. */
        if (g_strcmp0(text_of(file, "kind"), "program") == 0)
            json_object_set(file, "name", json_object_get(gathered->part, "title"));
    }
    json_object_foreach (gathered->files, name, file)
        end_span(file, gathered->duration_us);
}

static int by_start(const void *a, const void *b)
{
    json_int_t first = number_of(*(json_t *const *)a, "start_us");
    json_int_t second = number_of(*(json_t *const *)b, "start_us");
    return first < second ? -1 : first > second;
}

/* One chapter for each time somebody had the floor. */
static void make_chapters(struct gathered *gathered)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    const char *name;
    json_t *file, *span;
    size_t index;
    json_object_foreach (gathered->files, name, file) {
        const char *title = text_of(file, "name");
        json_array_foreach (json_object_get(file, "spans"), index, span)
            g_ptr_array_add(
                found, json_pack("{s:s, s:O, s:I, s:I}", "title", title != NULL ? title : name,
                                 "leg", json_object_get(file, "leg"), "start_us",
                                 number_of(span, "start_us"), "end_us", number_of(span, "end_us")));
    }
    if (found->len > 0)
        qsort(found->pdata, found->len, sizeof found->pdata[0], by_start);
    for (unsigned i = 0; i < found->len; i++)
        json_array_append_new(gathered->chapters, found->pdata[i]);
}

void record_gather(struct gathered *gathered, const json_t *lines)
{
    size_t index;
    json_t *line;
    memset(gathered, 0, sizeof *gathered);
    gathered->part =
        json_pack("{s:i, s:s, s:n, s:i}", "part", 0, "title", "", "started", "dropped_packets", 0);
    gathered->files = json_object();
    gathered->clusters = json_object();
    gathered->chapters = json_array();
    json_array_foreach ((json_t *)lines, index, line)
        take_line(gathered, line);
}

void record_gather_end(struct gathered *gathered)
{
    settle_files(gathered);
    make_chapters(gathered);
}

void record_gathered_clear(struct gathered *gathered)
{
    json_decref(gathered->part);
    json_decref(gathered->files);
    json_decref(gathered->clusters);
    json_decref(gathered->chapters);
}

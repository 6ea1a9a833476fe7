#include "bridge/video/compose/label_draw.h"

#include <libyuv.h>
#include <string.h>

struct labels {
    PangoContext *context;
    GHashTable *entries; /* struct entry, as its own key by its request */
    uint64_t drawn;
    unsigned round; /* counts trims */
};

struct entry {
    struct label_request request; /* its texts are this entry's own; first: hashed and compared */
    struct label label;           /* picture NULL: there is nothing to draw */
    unsigned round;               /* when it was last asked for */
};

static guint hash_text(const char *text)
{
    return text != NULL ? g_str_hash(text) : 0;
}

static guint hash(gconstpointer key)
{
    const struct label_request *request = key;
    guint sum = request->style * 31 + request->width * 4099 + request->height * 8209;
    return sum ^ hash_text(request->text) ^ hash_text(request->detail) * 7 ^
           hash_text(request->badge) * 13;
}

static gboolean is_equal(gconstpointer left, gconstpointer right)
{
    const struct label_request *a = left, *b = right;
    return a->style == b->style && a->width == b->width && a->height == b->height &&
           a->frame_height == b->frame_height && a->is_marked == b->is_marked &&
           a->is_opaque == b->is_opaque && g_strcmp0(a->text, b->text) == 0 &&
           g_strcmp0(a->detail, b->detail) == 0 && g_strcmp0(a->badge, b->badge) == 0;
}

static void free_entry(gpointer data)
{
    struct entry *entry = data;
    g_free((char *)entry->request.text);
    g_free((char *)entry->request.detail);
    g_free((char *)entry->request.badge);
    picture_unref(entry->label.picture);
    g_free(entry->label.alpha);
    g_free(entry);
}

struct labels *labels_new(void)
{
    struct labels *labels = g_new0(struct labels, 1);
    labels->context = label_context_new();
    labels->entries = g_hash_table_new_full(hash, is_equal, free_entry, NULL);
    /* The fonts are looked for when the first letter is drawn, which is not to be a frame's. */
    const struct label_request first = {LABEL_STRIP, .text = "ệ", .width = 256, .height = 256,
                                        .frame_height = 256};
    labels_get(labels, &first);
    g_hash_table_remove_all(labels->entries);
    labels->drawn = 0;
    return labels;
}

void labels_free(struct labels *labels)
{
    g_hash_table_unref(labels->entries);
    g_object_unref(labels->context);
    g_free(labels);
}

static bool is_see_through(const struct label_request *request)
{
    return request->style != LABEL_PLACARD &&
           !(request->style == LABEL_HEADER && request->is_opaque);
}

/* From Cairo's premultiplied ARGB. Rounds the colour twice, by at most one step of 255 where it is
 * seen at all. */
static void convert(struct label *label, cairo_surface_t *surface, bool has_alpha)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    cairo_surface_flush(surface);
    uint8_t *argb = cairo_image_surface_get_data(surface);
    label->width = (unsigned)width;
    label->height = (unsigned)height;
    label->picture = picture_new(label->width, label->height);
    if (has_alpha) {
        label->alpha_stride = width;
        label->alpha = g_malloc((size_t)width * (size_t)height);
        ARGBExtractAlpha(argb, stride, label->alpha, label->alpha_stride, width, height);
        ARGBUnattenuate(argb, stride, argb, stride, width, height);
    }
    struct picture *picture = label->picture;
    ARGBToI420(argb, stride, picture->planes[PICTURE_Y], picture->strides[PICTURE_Y],
               picture->planes[PICTURE_U], picture->strides[PICTURE_U], picture->planes[PICTURE_V],
               picture->strides[PICTURE_V], width, height);
}

static struct entry *draw(struct labels *labels, const struct label_request *request)
{
    struct entry *entry = g_new0(struct entry, 1);
    entry->request = *request;
    entry->request.text = g_strdup(request->text);
    entry->request.detail = g_strdup(request->detail);
    entry->request.badge = g_strdup(request->badge);
    entry->label.serial = ++labels->drawn;
    cairo_surface_t *surface = label_draw(labels->context, request);
    if (surface != NULL) {
        convert(&entry->label, surface, is_see_through(request));
        cairo_surface_destroy(surface);
    }
    return entry;
}

const struct label *labels_get(struct labels *labels, const struct label_request *request)
{
    struct entry *entry = g_hash_table_lookup(labels->entries, request);
    if (entry == NULL) {
        entry = draw(labels, request);
        g_hash_table_add(labels->entries, entry);
    }
    entry->round = labels->round;
    return entry->label.picture != NULL ? &entry->label : NULL;
}

static gboolean is_old(gpointer key, gpointer value, gpointer arg)
{
    (void)value;
    const struct labels *labels = arg;
    return labels->round - ((const struct entry *)key)->round > 1;
}

void labels_trim(struct labels *labels)
{
    labels->round++;
    g_hash_table_foreach_remove(labels->entries, is_old, labels);
}

uint64_t labels_drawn(const struct labels *labels)
{
    return labels->drawn;
}

#include "bridge/video/compose/blit.h"

#include <assert.h>
#include <glib.h>
#include <libyuv.h>

#define DIM 102 /* of 256: 40 % */

/* The three planes of a picture from one place on. */
struct view {
    uint8_t *y, *u, *v;
    int y_stride, u_stride, v_stride;
};

static struct view view_of(const struct picture *picture, unsigned x, unsigned y)
{
    size_t luma = (size_t)y * picture->strides[PICTURE_Y] + x;
    size_t chroma_u = (size_t)(y / 2) * picture->strides[PICTURE_U] + x / 2;
    size_t chroma_v = (size_t)(y / 2) * picture->strides[PICTURE_V] + x / 2;
    return (struct view){
        .y = picture->planes[PICTURE_Y] + luma,
        .u = picture->planes[PICTURE_U] + chroma_u,
        .v = picture->planes[PICTURE_V] + chroma_v,
        .y_stride = picture->strides[PICTURE_Y],
        .u_stride = picture->strides[PICTURE_U],
        .v_stride = picture->strides[PICTURE_V],
    };
}

#define PLANES(view) view.y, view.y_stride, view.u, view.u_stride, view.v, view.v_stride

static struct view place_of(const struct picture *picture, struct rect place)
{
    assert(((place.x | place.y | place.width | place.height) & 1) == 0);
    assert(place.x + place.width <= picture->width && place.y + place.height <= picture->height);
    return view_of(picture, place.x, place.y);
}

bool rect_equals(struct rect a, struct rect b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

struct rect rect_shrunk(struct rect outer, unsigned by)
{
    if (outer.width <= 2 * by || outer.height <= 2 * by)
        return outer;
    return (struct rect){outer.x + by, outer.y + by, outer.width - 2 * by, outer.height - 2 * by};
}

/* What lies in the middle of `whole`, even. */
static unsigned inset(unsigned whole, unsigned part)
{
    return (whole - part) / 4 * 2;
}

/* How wide bars may be that are rather filled: nobody sees a twenty-fifth, and small tiles, which
 * begin and end on even pixels, are not of quite the same shape. */
static unsigned bars_filled(unsigned side)
{
    return MIN(MAX(side / 25, 8), side / 14);
}

struct rect rect_fit(struct rect cell, unsigned width, unsigned height)
{
    struct rect fit = cell;
    fit.width = MIN(cell.width, (unsigned)((uint64_t)cell.height * width / height / 2 * 2));
    fit.height = MIN(cell.height, (unsigned)((uint64_t)cell.width * height / width / 2 * 2));
    fit.width = MAX(fit.width, 2);
    fit.height = MAX(fit.height, 2);
    if (cell.width - fit.width <= bars_filled(cell.width) &&
        cell.height - fit.height <= bars_filled(cell.height))
        return cell;
    fit.x += inset(cell.width, fit.width);
    fit.y += inset(cell.height, fit.height);
    return fit;
}

void blit_fill(struct picture *to, struct rect place, unsigned rgb)
{
    if (place.width == 0 || place.height == 0)
        return;
    /* BT.601, limited range, as libyuv converts the labels. */
    int red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
    int y = (66 * red + 129 * green + 25 * blue + 4224) >> 8;
    int u = (112 * blue - 74 * green - 38 * red + 32896) >> 8;
    int v = (112 * red - 94 * green - 18 * blue + 32896) >> 8;
    struct view view = place_of(to, place);
    I420Rect(PLANES(view), 0, 0, (int)place.width, (int)place.height, y, u, v);
}

void blit_fill_around(struct picture *to, struct rect outer, struct rect inner, unsigned rgb)
{
    unsigned right = inner.x + inner.width, bottom = inner.y + inner.height;
    unsigned outer_right = outer.x + outer.width, outer_bottom = outer.y + outer.height;
    blit_fill(to, (struct rect){outer.x, outer.y, outer.width, inner.y - outer.y}, rgb);
    blit_fill(to, (struct rect){outer.x, bottom, outer.width, outer_bottom - bottom}, rgb);
    blit_fill(to, (struct rect){outer.x, inner.y, inner.x - outer.x, inner.height}, rgb);
    blit_fill(to, (struct rect){right, inner.y, outer_right - right, inner.height}, rgb);
}

void blit_copy(struct picture *to, struct rect place, const struct picture *from)
{
    struct view source = place_of(from, place), target = place_of(to, place);
    I420Copy(PLANES(source), PLANES(target), (int)place.width, (int)place.height);
}

void blit_scale(struct picture *to, struct rect place, const struct picture *from)
{
    struct view source = view_of(from, 0, 0), target = place_of(to, place);
    /* A box where it shrinks to less than a half, bilinear everywhere else. */
    I420Scale(PLANES(source), (int)from->width, (int)from->height, PLANES(target), (int)place.width,
              (int)place.height, kFilterBox);
}

/* Brings a plane closer to `black`. */
static void dim_plane(uint8_t *plane, int stride, unsigned width, unsigned height, int black)
{
    for (; height > 0; height--, plane += stride) {
        for (unsigned x = 0; x < width; x++)
            plane[x] = (uint8_t)(black + (plane[x] - black) * DIM / 256);
    }
}

void blit_dim(struct picture *to, struct rect place)
{
    struct view view = place_of(to, place);
    dim_plane(view.y, view.y_stride, place.width, place.height, 16);
    dim_plane(view.u, view.u_stride, place.width / 2, place.height / 2, 128);
    dim_plane(view.v, view.v_stride, place.width / 2, place.height / 2, 128);
}

void blit_mix(struct picture *to, struct rect place, const struct picture *from, unsigned weight)
{
    assert(weight <= 255);
    struct view source = place_of(from, place), target = place_of(to, place);
    I420Interpolate(PLANES(source), PLANES(target), PLANES(target), (int)place.width,
                    (int)place.height, (int)weight);
}

void blit_label(struct picture *to, unsigned x, unsigned y, const struct label *label)
{
    struct rect place = {x, y, label->width, label->height};
    struct view source = view_of(label->picture, 0, 0), target = place_of(to, place);
    if (label->alpha == NULL) {
        I420Copy(PLANES(source), PLANES(target), (int)place.width, (int)place.height);
        return;
    }
    I420Blend(PLANES(source), PLANES(target), label->alpha, label->alpha_stride, PLANES(target),
              (int)place.width, (int)place.height);
}

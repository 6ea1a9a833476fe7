/* Official names: provinces, ministries, communes, and the names that provinces had before 1 July
 * 2025. Read from CSV files (config/places), so that a change of the register is a change of a
 * file.
 *
 * Names are compared folded: NFC or NFD, large or small, with or without marks, "đ" in any of its
 * look-alikes as "d", "Thành phố", "TP" and "Tỉnh" left out. They are sorted the Vietnamese way
 * (Unicode collation for "vi").
 *
 * Thread: any, one at a time. */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum place_kind { PLACE_PROVINCE, PLACE_MINISTRY, PLACE_COMMUNE };

struct place {
    enum place_kind kind;
    char *code; /* "48", "20194"; a ministry's is its slug */
    char *slug; /* "da-nang": unique among provinces and ministries; a commune's ends in its code */
    char *name; /* "Thành phố Đà Nẵng" */
    char *province; /* a commune's, by code; NULL */
};

struct places;

const char *place_kind_name(enum place_kind kind);

/* Where the lists are: installed, or in the tree that this was built from. */
const char *places_folder(void);

/* Reads provinces.csv, former-provinces.csv, ministries.csv and, where it is, communes.csv. The
 * error names file and line. */
struct places *places_load(const char *folder, GError **error);
void places_free(struct places *places);

/* By code, slug, name or former name; NULL if there is none. `former` (may be NULL) is set to the
 * former name that led there, else NULL. */
const struct place *places_find(const struct places *places, const char *text, const char **former);

/* A ready list: "34-tinh", "bo-nganh", or "xa:48" for a province's communes; borrowed places in a
 * list of the caller's, provinces by code, others by name. NULL: no such list. */
GPtrArray *places_group(const struct places *places, const char *group);
/* Those whose folded name has the folded text in it, best first, at most `max`. */
GPtrArray *places_search(const struct places *places, const char *text, unsigned max);

/* "thanh pho da nang" of "Thành phố Đà Nẵng"; g_free(). */
char *places_fold(const char *text);
/* "da-nang" of "Thành phố Đà Nẵng"; g_free(). */
char *places_slug(const char *name);
/* As strcmp(), the Vietnamese way. */
int places_compare(const char *a, const char *b);

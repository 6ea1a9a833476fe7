#include "bridge/studio_options.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#define LINES_LEAST 90
#define LINES_MOST  1080
#define KBPS_LEAST  50
#define KBPS_MOST   20000

static bool read_one(const char *text, struct studio_rendition *rendition)
{
    unsigned lines, kbps;
    char rest;
    if (sscanf(text, "%4u:%5u%c", &lines, &kbps, &rest) != 2 || lines < LINES_LEAST ||
        lines > LINES_MOST || kbps < KBPS_LEAST || kbps > KBPS_MOST || lines % 2 != 0)
        return false;
    rendition->height = lines;
    rendition->width = (lines * 16 / 9 + 1) / 2 * 2;
    rendition->bitrate_bps = kbps * 1000;
    return true;
}

bool studio_options_read(const char *text, struct studio_settings *settings, char why[160])
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    unsigned count = g_strv_length(parts);
    if (count == 0) {
        settings->rendition_count = 0;
        return true;
    }
    if (count > STUDIO_RENDITIONS_MAX / 2) {
        g_snprintf(why, 160, "%u renditions at most", STUDIO_RENDITIONS_MAX / 2);
        return false;
    }
    settings->rendition_count = 0;
    for (unsigned i = 0; i < 2 * count; i++) {
        struct studio_rendition *rendition = &settings->renditions[i];
        rendition->codec = i < count ? CODED_VP8 : CODED_H264;
        if (!read_one(parts[i % count], rendition)) {
            g_snprintf(why, 160, "%.40s: must be LINES:KBPS, %d to %d even lines and %d to %d kb/s",
                       parts[i % count], LINES_LEAST, LINES_MOST, KBPS_LEAST, KBPS_MOST);
            return false;
        }
        if (i % count > 0 && rendition[0].height >= rendition[-1].height) {
            g_snprintf(why, 160, "%.40s: must be smaller than the one before", parts[i % count]);
            return false;
        }
    }
    settings->rendition_count = 2 * count;
    return true;
}

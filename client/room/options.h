/* What nhipcau-room was asked to do.
 *
 * Thread: main. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define OPTIONS_TONE_AUTO   (-1)
#define OPTIONS_THREADS_MAX 64

struct options {
    char **links; /* NULL-ended */
    bool is_headless, is_insecure, repeats, lists_devices, is_english;
    char *ca_file, *play, *report_file, *input, *output;
    char *events; /* NULL: the first room's; a room's name, "all", "none" */
    int tone;     /* Hz; 0: none; OPTIONS_TONE_AUTO */
    double level_dbfs;
    int seconds; /* 0: until told */
    int threads; /* 0: as many as there are cores, or rooms if these are fewer */
    int decodes; /* rooms that are fully decoded; -1: all */
};

/* False after an error has been printed, or help or version shown (`*is_fault` tells which). */
bool options_read(struct options *options, int *argc, char ***argv, bool *is_fault);
void options_clear(struct options *options);

/* What nhipcau-room was asked to do.
 *
 * Thread: main. */
#pragma once

#include "client/room/cleaner.h"
#include "common/log.h"

#include <glib.h>
#include <stdbool.h>

#define OPTIONS_TONE_AUTO      (-1)
#define OPTIONS_THREADS_MAX    64
#define OPTIONS_LINE_TEST_KBPS 2000

enum action { ACTION_ROOM, ACTION_HEADLESS, ACTION_DEVICES, ACTION_TEST_LINE, ACTION_CHECK_CONFIG };

struct options {
    enum action action;
    char **links; /* NULL-ended */
    bool is_insecure, repeats, is_english;
    char *ca_file, *play, *report_file, *input, *output;
    char *picture; /* "pattern", "pattern:NUMBER", a file; NULL: neither sends nor takes pictures */
    char *camera, *slides; /* as camera_new() takes them; camera NULL: the system's own, with a
                              window; slides NULL: none; "none": none */
    bool has_window, is_full_screen;
    char *events; /* NULL: the first room's; a room's name, "all", "none" */
    int tone;     /* Hz; 0: none; OPTIONS_TONE_AUTO */
    double level_dbfs;
    int seconds;        /* 0: until told */
    int threads;        /* 0: as many as there are cores, or rooms if these are fewer */
    int decodes;        /* rooms that are fully decoded; -1: all */
    int line_test_kbps; /* the most load of a line test, each way */
    struct cleaner_options cleaner;
    enum log_level log_level;
};

enum options_fault { OPTIONS_GOOD, OPTIONS_SHOWN, OPTIONS_USAGE, OPTIONS_CONFIG };

/* Anything but OPTIONS_GOOD: the program is to end: help or version have been shown, or an error
 * has been printed, of the arguments or of the configuration file. */
enum options_fault options_read(struct options *options, int *argc, char ***argv);
void options_clear(struct options *options);

bool options_read_log_level(const char *name, enum log_level *level);

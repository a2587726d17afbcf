/* lab.h: experiments on what an activation does to learning, each run on a device.
 *
 * An experiment is a row of lab.def and a function lab_NAME in a file lab_NAME.c. It fills a
 * report: tables, facts, figures and sentences, from which the program makes text, JSON and a
 * picture.
 */
#ifndef LAB_H
#define LAB_H

#include "device_pick.h"
#include "lab_report.h"

typedef struct lab_options {
    uint64_t seed; /* of weights, data and shuffles: the same seed gives the same report */
    /* Called now and then with the share that is done; NULL for never. */
    void (*progress)(void *user, const char *what, double done);
    void *user;
} lab_options;

/* Runs to the end or returns false with a sentence; the report is then of no use. */
typedef bool lab_experiment(picked_device *device, const lab_options *options, lab_report *report,
                            char *message, size_t size);

#define LAB(name, text) lab_experiment lab_##name;
#include "lab.def"
#undef LAB

typedef struct lab_entry {
    const char *name, *text;
    lab_experiment *run;
} lab_entry;

enum {
#define LAB(name, text) LAB_PLACE_##name,
#include "lab.def"
#undef LAB
    LAB_COUNT
};

extern const lab_entry lab_list[LAB_COUNT];

#endif

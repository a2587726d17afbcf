/* tune_report.h: what `clact tune` says: a line for each trial, and what came out. */
#ifndef TUNE_REPORT_H
#define TUNE_REPORT_H

#include <clact/tune.h>
#include <stdbool.h>

/* "16 x 64 x 4" of a family, or the number. */
enum { TUNE_TEXT_SIZE = 64 };
void tune_part_text(const clact_tuning *tuning, unsigned part, char text[TUNE_TEXT_SIZE]);

/* A progress function: a bar on a terminal, else lines on standard error. `user` is a
 * tune_progress. */
typedef struct tune_progress {
    double start; /* of progress_seconds */
    bool is_drawn;
} tune_progress;
bool tune_report_trial(void *user, const clact_tune_trial *trial);

/* A table of what the device has by default and what is used instead; ratios NULL where nothing was
 * measured. */
void tune_report_table(const clact_tuning *usual, const clact_tuning *tuned, const double *ratios);

/* The same as JSON; false without memory. file NULL where there is none. */
bool tune_report_json(const clact_device_info *device, const char *file, const clact_tuning *usual,
                      const clact_tuning *tuned, const double *ratios);

#endif

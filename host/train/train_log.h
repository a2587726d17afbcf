/* train_log.h: a training as JSON lines, an object for its start, each epoch and its end. */
#ifndef TRAIN_LOG_H
#define TRAIN_LOG_H

#include "train_run.h"

#include <stdio.h>

typedef struct train_log {
    FILE *file; /* NULL: nothing is logged */
    const char *path;
    bool failed;
} train_log;

/* path NULL logs nothing. A file that is there is replaced, or added to where `append`. */
bool train_log_open(train_log *log, const char *path, bool append, char *message, size_t size);

/* network: "64 - 128 relu - 10" */
void train_log_start(train_log *log, const train_job *job, const char *network, size_t first_epoch);
void train_log_epoch(train_log *log, const train_job *job, const train_epoch *epoch);

/* reason: "finished", "stopped early", "interrupted", "diverged", "failed" */
void train_log_end(train_log *log, const char *reason, size_t epoch, double seconds);

/* False with a sentence where a line could not be written. */
bool train_log_close(train_log *log, char *message, size_t size);

#endif

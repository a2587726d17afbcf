/* train_print.h: what `clact train` says. */
#ifndef TRAIN_PRINT_H
#define TRAIN_PRINT_H

#include "train_run.h"

void train_print_setup(const train_job *job, const char *network, size_t first_epoch);

/* A line, unless a bar stands for it, and what health has found with its warnings. `warned` is one
 * number a layer, 0 at the start: shares that were warned of. */
void train_print_epoch(const train_job *job, const train_epoch *epoch, double *warned);

void train_print_result(const train_job *job, const train_result *result);

#endif

/* dataset.h: a table of numbers with one label column, from CSV, ready to train on. */
#ifndef DATASET_H
#define DATASET_H

#include <stdbool.h>
#include <stddef.h>

typedef enum label_kind {
    LABEL_CLASS,  /* any text: the classes sorted, numbers by value; labels are their indices */
    LABEL_BINARY, /* exactly two classes: labels 0 and 1 */
    LABEL_VALUE   /* a number */
} label_kind;

typedef struct dataset {
    char *name, *label_name;
    size_t rows, inputs;
    float *x;     /* rows x inputs */
    float *label; /* one a row */
    size_t num_classes;
    char **classes; /* names, in the order of their indices; none for LABEL_VALUE */
} dataset;

/* Reads a CSV file with a header line: label column by name (NULL: the last one), every other
 * column a number. A path that does not exist but ends in the name of a bundled set (digits.csv,
 * wdbc.csv) gives that set; NULL gives digits. On failure returns false and a sentence with the
 * file, line and column. */
bool dataset_read(const char *path, const char *label, label_kind kind, dataset *out, char *message,
                  size_t message_size);

void dataset_free(dataset *data);

/* Moves a fixed fifth of the rows, the same for every run and seed, to the end; returns how many
 * rows are left to train on. */
size_t dataset_hold_out(dataset *data);

/* Scales every input to mean 0 and deviation 1 over the first num_train rows. */
void dataset_standardize(dataset *data, size_t num_train);

#endif

/* dataset.h: a table of numbers with one label a row, from CSV or arrays, ready to train on.
 *
 * What kind a file is of is told by its first bytes: .npy, IDX, else CSV. A message is one sentence
 * that names the file and, where one is at fault, the line, or the row and column.
 */
#ifndef DATASET_H
#define DATASET_H

#include <stdbool.h>
#include <stddef.h>

typedef enum label_kind {
    LABEL_CLASS,  /* any text or whole number: the classes sorted, numbers by value; labels are
                     their indices */
    LABEL_BINARY, /* exactly two classes: labels 0 and 1 */
    LABEL_VALUE   /* a number */
} label_kind;

/* Where data comes from. */
typedef struct dataset_source {
    const char *path;    /* CSV, .npy or IDX of inputs; NULL: the bundled digits */
    const char *targets; /* .npy or IDX of labels; NULL for CSV */
    const char *label;   /* CSV: name of the label column; NULL: the last, or the schema's */
} dataset_source;

typedef struct dataset {
    char *name;       /* of the file */
    char *label_name; /* the label column, or the file of targets without its folder */
    label_kind kind;
    size_t rows, inputs;
    float *x;           /* rows x inputs */
    float *label;       /* one a row; NULL where it was read without */
    char **input_names; /* one an input, from the header of a CSV; NULL for arrays */
    size_t num_classes;
    char **classes; /* names, in the order of their indices; none for LABEL_VALUE */
} dataset;

/* Reads data to train on, at least 10 rows. CSV has a header line: label column by name (NULL: the
 * last one), every other column a number. Arrays are N x anything, flattened to N x inputs, with
 * targets N or N x 1. A path that does not exist but ends in the name of a bundled set (digits.csv,
 * wdbc.csv) gives that set. On failure *out is all zero. */
bool dataset_read(const dataset_source *source, label_kind kind, dataset *out, char *message,
                  size_t size);

/* Reads a bundled set by its name, whatever files there are. */
bool dataset_read_bundled(const char *name, label_kind kind, dataset *out, char *message,
                          size_t size);

void dataset_free(dataset *data);

/* Copies of strings; NULL where memory is short. NULL is nothing to free. */
char **dataset_copy_names(char *const *names, size_t count);
void dataset_free_names(char **names, size_t count);

/* ---- Data for a trained model ---------------------------------------------------------------- */

/* What a model was trained on, as far as other data must be like it. Owns nothing. */
typedef struct dataset_schema {
    label_kind kind;
    size_t inputs;
    char **input_names; /* NULL: arrays */
    char *label_name;   /* never NULL */
    size_t num_classes;
    char **classes;
} dataset_schema;

/* That of a dataset, whose strings it borrows. */
dataset_schema dataset_schema_of(const dataset *data);

/* Reads data, one row or more, for a model of that schema: classes have the model's indices, and a
 * class that it does not know is an error. The columns of a CSV are found by name in any order, and
 * others are ignored; for a schema without names it has exactly the inputs beside the label. An
 * array has the inputs in the model's order. Without labels neither the label column nor targets
 * are looked at: out->label is NULL. Otherwise as dataset_read. */
bool dataset_read_as(const dataset_source *source, const dataset_schema *schema, bool with_labels,
                     dataset *out, char *message, size_t size);

/* ---- What training does to it ---------------------------------------------------------------- */

/* Moves a fixed fifth of the rows, the same for every run and seed, to the end; returns how many
 * rows are left to train on. */
size_t dataset_hold_out(dataset *data);

/* Inputs are trained on at mean 0 and deviation 1: (float)((x - mean) / deviation) in double, so
 * that the stored numbers give the same bits again. */
typedef struct input_scaling {
    double *mean, *deviation; /* one an input; a deviation of 0 is stored as 1 */
    size_t count;
} input_scaling;

/* That of the first num_train rows. False where memory is short; then *out is all zero. */
bool scaling_find(const dataset *data, size_t num_train, input_scaling *out);

/* Scales rows x scaling->count inputs in place. */
void scaling_apply(const input_scaling *scaling, float *x, size_t rows);

void scaling_clear(input_scaling *scaling);

/* The same for a label of LABEL_VALUE. */
typedef struct label_scaling {
    double mean, deviation;
} label_scaling;

label_scaling label_scaling_find(const dataset *data, size_t num_train);
void label_scaling_apply(label_scaling scaling, float *label, size_t rows);

#endif

/* dataset_parts.h: what the files of dataset.h share. */
#ifndef DATASET_PARTS_H
#define DATASET_PARTS_H

#include "dataset.h"

#include <stdio.h>

/* What is to be read, into what, and where to say what is wrong with it. */
typedef struct dataset_task {
    const dataset_source *source;
    const dataset_schema *schema; /* NULL: data to train on */
    label_kind kind;
    bool with_labels;
    dataset *out;
    char *message;
    size_t size;
} dataset_task;

typedef enum data_format { DATA_TEXT, DATA_NPY, DATA_IDX } data_format;

/* Tells the format by the first byte, which stays to be read; refuses gzip. */
bool dataset_peek(const dataset_task *t, FILE *stream, const char *path, data_format *format);

/* Fill in all but the name. */
bool dataset_fill_csv(const dataset_task *t, const char *text, size_t length);
bool dataset_fill_arrays(const dataset_task *t, FILE *stream, data_format format);

/* Room for x, unless it is there already, and label. */
bool dataset_allocate(const dataset_task *t, size_t rows, size_t inputs);

/* Whether there are as many rows as it takes to train. */
bool dataset_check_rows(const dataset_task *t, size_t rows, size_t columns, const char *advice);

/* A finite number with nothing after it but blanks. */
bool dataset_number(const char *text, float *value);

/* Numbers by value and before other texts, texts by their bytes; of char *const. */
int dataset_compare_classes(const void *a, const void *b);

/* Whether out->classes, found in the data, are as many as the label's kind takes. */
bool dataset_check_classes(const dataset_task *t);

/* The index of the schema's class of that name or, for another spelling, of that value; SIZE_MAX
 * where there is none. */
size_t dataset_find_class(const dataset_schema *schema, const char *text);

/* Says that the model knows no class `text`, found at `place`. */
bool dataset_unknown_class(const dataset_task *t, const char *place, const char *text);

/* "; 13 rows in all have missing values" for more than one. */
enum { DATASET_COUNT_SIZE = 64 };
void dataset_count_text(size_t rows, char text[DATASET_COUNT_SIZE]);

#endif

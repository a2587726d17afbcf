/* proof_report.h: rows of `clact verify` as JSON, as a table, and in a file to resume from. */
#ifndef PROOF_REPORT_H
#define PROOF_REPORT_H

#include "proof.h"

#include <jansson.h>

/* What results belong to beside the row itself. */
typedef struct proof_origin {
    const char *device, *driver;
    char kernels[17]; /* clact_kernel_fingerprint in hexadecimal */
} proof_origin;

/* A row as an object, NULL when memory is short. Numbers of floats are C hexadecimal strings. */
json_t *proof_to_json(const proof_row *row, const proof_origin *origin);

/* The row of `rows` that was made for this subject, tier and origin; NULL if there is none. */
json_t *proof_find(json_t *rows, const proof_subject *subject, clact_tier tier,
                   const proof_origin *origin);

/* The rows of a file of one JSON object a line; an empty array for no such file,
 * which is made. NULL with a
 * message if it cannot be read or a line is no such object. */
json_t *proof_read(const char *path, char *message, size_t size);

/* Adds a row at the end of that file. False with a message. */
bool proof_append(const char *path, const json_t *row, char *message, size_t size);

/* Lines of the table. */
void proof_print_head(void);
void proof_print_row(const json_t *row);

/* Whether a row keeps its bound. */
bool proof_is_kept(const json_t *row);

#endif

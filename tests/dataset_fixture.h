/* dataset_fixture.h: datasets read in tests: a scratch folder, files in it, and what is said of
 * them.
 */
#ifndef DATASET_FIXTURE_H
#define DATASET_FIXTURE_H

#include "array_files.h"
#include "scratch.h"

#include "train/dataset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    char folder[SCRATCH_PATH], inputs[SCRATCH_PATH], targets[SCRATCH_PATH], csv[SCRATCH_PATH];
} fixture;

/* For cmocka_unit_test_setup_teardown: a fixture with the paths of files that are not there yet,
 * "inputs", "targets" and "t.csv". */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

void fixture_csv(const fixture *f, const char *text);

/* The two arrays, and the table with its last column or that of a name. */
dataset_source fixture_arrays(const fixture *f);
dataset_source fixture_table(const fixture *f, const char *label);

/* Reads, or fails the test with the message. */
dataset reads(dataset_source source, label_kind kind);
dataset reads_as(dataset_source source, const dataset_schema *schema, bool with_labels);

/* Refused with a message in which all of these stand, up to NULL; nothing is left to free. kind is
 * a label_kind, with_labels a bool; of a type that may stand before `...`. */
void refuses(dataset_source source, int kind, ...);
void refuses_as(dataset_source source, const dataset_schema *schema, int with_labels, ...);

/* The same numbers and classes, whatever their files are called. */
void assert_same_data(const dataset *got, const dataset *want);

#endif

/* bench_options.h: what the user asked for on the command line. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdio.h>

#include <cli_common.h>

#include "bench_case.h"
#include "bench_error.h"
#include "bench_layer.h"
#include "bench_peer.h"
#include "bench_sweep_pass.h"

#define BENCH_MAX_SIZES   64
#define BENCH_OPTION_SIZE 256 /* longer than any word of a list */

typedef enum bench_action { BENCH_RUN, BENCH_HELP, BENCH_LIST, BENCH_VERSION } bench_action;

typedef struct bench_options {
    bench_action action;
    bool activations[CLACT_ACT_COUNT];       /* chosen rows of the table */
    bool pass_activations[CLACT_ACT_COUNT];  /* and for sweeps: fewer by default */
    bool layer_activations[CLACT_ACT_COUNT]; /* and for layers: relu by default */
    bool ops[BENCH_OP_COUNT];
    bool tiers[CLI_NUM_TIERS];     /* of cli_tiers */
    bool dtypes[CLI_NUM_DTYPES];   /* of cli_dtypes */
    size_t sizes[BENCH_MAX_SIZES]; /* elements, each once, as given */
    size_t num_sizes;
    bench_shape shapes[BENCH_MAX_SIZES]; /* likewise: two sides for sweeps, more for layers */
    size_t num_shapes;
    bool peers[BENCH_PEER_COUNT];
    uint32_t passes; /* a bit for each chosen row of the table of passes */
    clact_saved saved;
    size_t repetitions;     /* at least so many pairs for each row */
    double min_seconds;     /* and at least so long */
    unsigned threads;       /* of every library on the CPU; 0: as many as each likes */
    const char *device;     /* selector for device_open, or NULL */
    bool no_cache;          /* compile anew, and keep nothing */
    const char *tuning;     /* for device_open, or NULL */
    const char *json, *csv; /* paths; "-" is standard output; NULL for none */

    const char *html, *roofline; /* likewise */

    int argc; /* the command line */
    char **argv;
} bench_options;

/* Reads the command line over the defaults. The strings stay those of argv. False when it is
 * wrong, with a sentence that says what to do. */
bool bench_options_parse(int argc, char **argv, bench_options *options, bench_error *error);

/* Add what one word of --size or --shape says, unless it is known. */
bool bench_options_add_size(bench_options *options, const char *text, bench_error *error);
bool bench_options_add_shape(bench_options *options, const char *text, bench_error *error);

/* Writes the cases the options ask for, grouped by element type, then operation and size; returns
 * how many there are. cases NULL only counts. Rows for which saved y is refused are left out of
 * backward. */
size_t bench_options_cases(const bench_options *options, bench_case *cases);

/* Likewise the passes, grouped by element type, then shape and direction. Activations that cannot
 * do a pass are left out of it. */
size_t bench_options_passes(const bench_options *options, bench_pass *passes);

/* Likewise the layers and steps. Activations that cannot go backward are left out. */
size_t bench_options_layers(const bench_options *options, bench_layer *layers);

void bench_options_help(FILE *out);

/* The names that the filters accept. */
void bench_options_list(FILE *out);

#endif

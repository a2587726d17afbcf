/* proof.h: what `clact verify` finds of one activation, direction, element type and tier. */
#ifndef PROOF_H
#define PROOF_H

#include "verify_device.h"

#include <stdbool.h>

/* Forward, and backward from what was saved. */
typedef struct proof_pass {
    const char *name; /* "forward", "backward", "backward_y" */
    bool backward;
    clact_saved saved;
} proof_pass;

enum { PROOF_PASSES = 3, PROOF_TIERS = 2 };
extern const proof_pass proof_passes[PROOF_PASSES];

typedef struct proof_subject {
    clact_activation activation;
    const proof_pass *pass;
    clact_dtype dtype;
    bool exhaustive; /* float32: all 2^32 inputs for the default parameters and dy = 1 */
} proof_subject;

typedef struct proof_row {
    proof_subject subject;
    clact_tier tier;
    clact_bound bound;
    verify_result defaults;   /* default parameters, dy = 1 */
    verify_result any_dy;     /* default parameters; inputs is 0 in forward */
    verify_result any_params; /* both ends of every range; inputs is 0 without parameters */
    float worst_params[CLACT_MAX_PARAMS]; /* of any_params.worst */
    uint64_t sample_checksum;             /* of the stratified inputs at the defaults */
} proof_row;

/* Whether the pass exists for the activation at its default parameters. */
bool proof_applies(clact_activation activation, const proof_pass *pass);

/* What proof_make costs, nearly, in units of one input of a walk over all: for a progress bar. */
uint64_t proof_cost(const proof_subject *subject, size_t num_tiers);

typedef struct proof_run {
    verify_device *device;
    unsigned threads;
    /* Called now and then with how much of proof_cost is done; false cancels. */
    bool (*progress)(void *user, uint64_t done);
    void *user;
} proof_run;

/* Fills a row for each of the tiers. */
verify_status proof_make(const proof_subject *subject, const clact_tier *tiers, size_t num_tiers,
                         const proof_run *run, proof_row *rows);

#endif

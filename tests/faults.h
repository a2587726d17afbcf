/* faults.h: calls that fail on demand and are counted; the linker wraps them (--wrap). */
#ifndef FAULTS_H
#define FAULTS_H

#include <clact/clact.h>

/* What is to go wrong, until it is set back. */
typedef struct faults {
    bool no_memory, no_compiler, no_launch, no_blas, no_double;
    bool no_count;     /* of GEMMs among launches */
    bool short_sums;   /* GEMMs leave out the last of the inner dimension, if it is not the only */
    bool small_groups; /* nothing larger than 8 is launched */
    const char *version; /* what CL_DEVICE_VERSION says; NULL: the truth */
} faults;
extern faults fault;

/* What happened so far. */
typedef struct fault_counts {
    unsigned launches; /* kernels and GEMMs enqueued */
    size_t last_items; /* global size of the last kernel */
    int kernels_made, kernels_live, programs_live;
} fault_counts;
extern fault_counts counts;

#endif

/* tune_work.h: passes that stand for their families, and the matrices they go over. */
#ifndef TUNE_WORK_H
#define TUNE_WORK_H

#include <clact/tuning.h>

/* Buffers of `elements` floats: x and dy normal numbers, out and work free; and small ones. */
typedef struct tune_memory {
    cl_context context;
    cl_device_id device;
    cl_command_queue queue;
    size_t elements;
    cl_mem x, dy, out, work;
    cl_mem zeros; /* biases, labels */
    cl_mem sums;  /* of columns, or health */
} tune_memory;

/* False without memory on host or device. What is there is to be closed either way. */
bool tune_memory_open(tune_memory *memory, cl_context context, cl_device_id device,
                      size_t elements);
void tune_memory_close(tune_memory *memory);

typedef struct tune_pass {
    clact_family family;
    bool stores; /* its time is that of reading and storing: it shows what stream_bytes does */
    clact_status (*enqueue)(const tune_memory *memory, clact_context *clact, size_t elements);
} tune_pass;

enum { TUNE_PASSES = 11 };
extern const tune_pass tune_passes[TUNE_PASSES];

/* Elements that fit into the caches, and more than do. */
enum { TUNE_INSIDE = 1 << 18 };
size_t tune_outside(const clact_device_info *device);

#endif

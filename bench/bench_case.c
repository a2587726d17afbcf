/* bench_case.c: what is measured: one operation of one activation at one size. */
#include "bench_case.h"

#include <stdio.h>
#include <string.h>

typedef struct case_op {
    const char *name;
    size_t bytes_per_element;
} case_op;

static const case_op case_ops[BENCH_OP_COUNT] = {
    [BENCH_FORWARD] = {"forward", 2 * sizeof(float)},   /* x -> y */
    [BENCH_BACKWARD] = {"backward", 3 * sizeof(float)}, /* saved, dy -> dx */
};

const char *bench_op_name(bench_op op) {
    return case_ops[op].name;
}

bool bench_op_find(const char *name, bench_op *op) {
    for (int i = 0; i < BENCH_OP_COUNT; ++i) {
        if (strcmp(name, case_ops[i].name) == 0) {
            *op = (bench_op)i;
            return true;
        }
    }
    return false;
}

size_t bench_op_bytes_per_element(bench_op op) {
    return case_ops[op].bytes_per_element;
}

uint64_t bench_case_bytes(const bench_case *item) {
    return (uint64_t)item->elements * case_ops[item->op].bytes_per_element;
}

bool bench_case_same_group(const bench_case *left, const bench_case *right) {
    return left->op == right->op && left->elements == right->elements;
}

void bench_case_name(const bench_case *item, char *text, size_t size) {
    snprintf(text, size, "%s/%s%s/%zu/real_time", bench_op_name(item->op), item->info.name,
             bench_case_reads_y(item) ? "/saved:y" : "", item->elements);
}

bool bench_case_reads_y(const bench_case *item) {
    return item->op == BENCH_BACKWARD && item->sweep.saved == CLACT_SAVED_Y;
}

bool bench_case_is_positive(const bench_case *item) {
    return item->info.domain_min >= 0.0f;
}

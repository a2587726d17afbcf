/* bench_onednn.c: activations by oneDNN 2 on the CPU. */
#include "bench_onednn.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#include "bench_pin.h"

struct bench_onednn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
};

/* The source is x or y; data[i] is arrays[i] of the call: source and result, with dy between. */
struct bench_onednn_case {
    const bench_onednn *onednn;
    dnnl_primitive_desc_t forward, description;
    dnnl_primitive_t primitive;
    int argument[3];
    dnnl_memory_t data[3];
    int count;
    const char *implementation;
};

/* The functions that oneDNN has as well. Its two parameters are the constants here, but for the
 * first `ours` of them: those are our parameters. from_y is 0 where it cannot go backward from y.
 */
static const struct onednn_row {
    clact_activation activation;
    dnnl_alg_kind_t from_x, from_y;
    float alpha, beta;
    int ours;
} onednn_rows[] = {
    {CLACT_ACT_IDENTITY, dnnl_eltwise_linear, 0, 1.0f, 0.0f, 0},
    {CLACT_ACT_RELU, dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0.0f, 0.0f, 0},
    {CLACT_ACT_LEAKY_RELU, dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0.0f, 0.0f, 1},
    {CLACT_ACT_PRELU, dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0.0f, 0.0f, 1},
    {CLACT_ACT_RELU6, dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2_use_dst_for_bwd, 0.0f, 6.0f, 0},
    {CLACT_ACT_HARDTANH, dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2_use_dst_for_bwd, 0.0f, 0.0f, 2},
    {CLACT_ACT_ELU, dnnl_eltwise_elu, dnnl_eltwise_elu_use_dst_for_bwd, 0.0f, 0.0f, 1},
    {CLACT_ACT_SIGMOID, dnnl_eltwise_logistic, dnnl_eltwise_logistic_use_dst_for_bwd, 0.0f, 0.0f,
     0},
    {CLACT_ACT_LOGSIGMOID, dnnl_eltwise_logsigmoid, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_TANH, dnnl_eltwise_tanh, dnnl_eltwise_tanh_use_dst_for_bwd, 0.0f, 0.0f, 0},
    {CLACT_ACT_SOFTPLUS, dnnl_eltwise_soft_relu, 0, 1.0f, 0.0f, 0},
    {CLACT_ACT_SILU, dnnl_eltwise_swish, 0, 1.0f, 0.0f, 0},
    {CLACT_ACT_SWISH, dnnl_eltwise_swish, 0, 0.0f, 0.0f, 1},
    {CLACT_ACT_QUICK_GELU, dnnl_eltwise_swish, 0, 1.702f, 0.0f, 0},
    {CLACT_ACT_HARDSWISH, dnnl_eltwise_hardswish, 0, 1.0f / 6.0f, 0.5f, 0},
    {CLACT_ACT_GELU, dnnl_eltwise_gelu_erf, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_GELU_TANH, dnnl_eltwise_gelu_tanh, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_MISH, dnnl_eltwise_mish, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_EXP, dnnl_eltwise_exp, dnnl_eltwise_exp_use_dst_for_bwd, 0.0f, 0.0f, 0},
    {CLACT_ACT_SQUARE, dnnl_eltwise_square, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_ABS, dnnl_eltwise_abs, 0, 0.0f, 0.0f, 0},
    {CLACT_ACT_SQRT, dnnl_eltwise_sqrt, dnnl_eltwise_sqrt_use_dst_for_bwd, 0.0f, 0.0f, 0},
    {CLACT_ACT_LOG, dnnl_eltwise_log, 0, 0.0f, 0.0f, 0},
};

static bool onednn_check(dnnl_status_t status, const char *what, bench_error *error) {
    return status == dnnl_success ||
           bench_fail(error, "oneDNN: %s failed with status %d", what, (int)status);
}

bool bench_onednn_open(unsigned threads, bench_onednn **out, bench_error *error) {
    bench_onednn *onednn = *out = calloc(1, sizeof *onednn);
    if (onednn == NULL) return bench_fail(error, "out of memory for oneDNN");
    if (threads > 0) omp_set_num_threads((int)threads);
#pragma omp parallel
    if (omp_get_thread_num() > 0) bench_pin_thread((unsigned)omp_get_thread_num());
    return onednn_check(dnnl_engine_create(&onednn->engine, dnnl_cpu, 0), "making an engine",
                        error) &&
           onednn_check(
               dnnl_stream_create(&onednn->stream, onednn->engine, dnnl_stream_default_flags),
               "making a stream", error);
}

void bench_onednn_close(bench_onednn *onednn) {
    if (onednn == NULL) return;
    if (onednn->stream) dnnl_stream_destroy(onednn->stream);
    if (onednn->engine) dnnl_engine_destroy(onednn->engine);
    free(onednn);
}

/* undef where oneDNN has no such type. */
static dnnl_data_type_t onednn_type(clact_dtype dtype) {
    switch (dtype) {
    case CLACT_F32:
        return dnnl_f32;
    case CLACT_F16:
        return dnnl_f16;
    case CLACT_BF16:
        return dnnl_bf16;
    default:
        return dnnl_data_type_undef;
    }
}

static const struct onednn_row *onednn_find(const bench_case *item) {
    for (size_t i = 0; i < sizeof onednn_rows / sizeof *onednn_rows; ++i)
        if (onednn_rows[i].activation == item->info.activation &&
            (!bench_case_reads_y(item) || onednn_rows[i].from_y != 0))
            return &onednn_rows[i];
    return NULL;
}

/* One of the two descriptions. dnnl_unimplemented is no failure of ours. */
static dnnl_status_t onednn_describe(bench_onednn_case *one, const bench_case *item,
                                     const dnnl_memory_desc_t *shape, bool backward,
                                     dnnl_primitive_desc_t *out) {
    const struct onednn_row *row = onednn_find(item);
    const float alpha = row->ours > 0 ? item->sweep.params[0] : row->alpha;
    const float beta = row->ours > 1 ? item->sweep.params[1] : row->beta;
    const dnnl_alg_kind_t kind = bench_case_reads_y(item) ? row->from_y : row->from_x;
    dnnl_eltwise_desc_t text;
    const dnnl_status_t status =
        backward ? dnnl_eltwise_backward_desc_init(&text, kind, shape, shape, alpha, beta)
                 : dnnl_eltwise_forward_desc_init(&text, dnnl_forward_training, kind, shape, alpha,
                                                  beta);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(out, &text, NULL, one->onednn->engine,
                                      backward ? one->forward : NULL);
}

static dnnl_status_t onednn_build(bench_onednn_case *one, const bench_case *item) {
    const bool backward = item->op == BENCH_BACKWARD;
    const int saved = bench_case_reads_y(item) ? DNNL_ARG_DST : DNNL_ARG_SRC;
    dnnl_memory_desc_t shape;
    dnnl_status_t status =
        dnnl_memory_desc_init_by_tag(&shape, 1, (dnnl_dims_t){(dnnl_dim_t)item->elements},
                                     onednn_type(item->sweep.dtype), dnnl_a);
    if (status == dnnl_success && backward)
        status = onednn_describe(one, item, &shape, false, &one->forward);
    if (status == dnnl_success)
        status = onednn_describe(one, item, &shape, backward, &one->description);
    if (status == dnnl_success) status = dnnl_primitive_create(&one->primitive, one->description);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_query(one->description, dnnl_query_impl_info_str, 0,
                                           &one->implementation);
    one->argument[one->count++] = backward ? saved : DNNL_ARG_SRC;
    if (backward) one->argument[one->count++] = DNNL_ARG_DIFF_DST;
    one->argument[one->count++] = backward ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST;
    for (int i = 0; i < one->count && status == dnnl_success; ++i)
        status = dnnl_memory_create(&one->data[i], &shape, one->onednn->engine, DNNL_MEMORY_NONE);
    return status;
}

bool bench_onednn_case_open(bench_onednn *onednn, const bench_case *item, bench_onednn_case **out,
                            bench_error *error) {
    *out = NULL;
    if (onednn_find(item) == NULL || onednn_type(item->sweep.dtype) == dnnl_data_type_undef)
        return true;
    bench_onednn_case *one = calloc(1, sizeof *one);
    if (one == NULL) return bench_fail(error, "out of memory for oneDNN");
    one->onednn = onednn;
    const dnnl_status_t status = onednn_build(one, item);
    if (status == dnnl_success) {
        *out = one;
        return true;
    }
    bench_onednn_case_close(one);
    return status == dnnl_unimplemented || onednn_check(status, item->info.name, error);
}

void bench_onednn_case_close(bench_onednn_case *one) {
    if (one == NULL) return;
    for (int i = 0; i < one->count; ++i)
        if (one->data[i]) dnnl_memory_destroy(one->data[i]);
    if (one->primitive) dnnl_primitive_destroy(one->primitive);
    if (one->description) dnnl_primitive_desc_destroy(one->description);
    if (one->forward) dnnl_primitive_desc_destroy(one->forward);
    free(one);
}

const char *bench_onednn_implementation(const bench_onednn_case *one) {
    return one->implementation;
}

bool bench_onednn_call(const void *user, void *const *arrays, bench_error *error) {
    const bench_onednn_case *one = user;
    dnnl_exec_arg_t arguments[3];
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < one->count && status == dnnl_success; ++i) {
        status = dnnl_memory_set_data_handle(one->data[i], arrays[i]);
        arguments[i] = (dnnl_exec_arg_t){one->argument[i], one->data[i]};
    }
    if (status == dnnl_success)
        status = dnnl_primitive_execute(one->primitive, one->onednn->stream, one->count, arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(one->onednn->stream);
    return onednn_check(status, "computing an activation", error);
}

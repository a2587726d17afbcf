/* own.c: when products are clact's own, and those of one layer or a batch of them. */
#include "own.h"

#include "clact/product.h"
#include "dense.h"

/* Measured on PoCL 3.1 with AVX-512 against CLBlast 1.5.3: single products were 2 to 23 times as
 * fast from 1 x 1 x 1 to 4096 x 1024 x 1024, batches of 64, which are one kernel for CLBlast, half
 * as fast at 16 x 16 x 16 and twice as fast at 32 x 32 x 32. They are not made for GPUs. */
bool own_suits(cl_device_type type, bool fma, size_t count, double multiplications) {
    const bool cpu = (type & CL_DEVICE_TYPE_CPU) && !(type & CL_DEVICE_TYPE_GPU);
    return cpu && fma && (count == 1 || multiplications >= 16384.0);
}

bool own_is_chosen(const clact_dense *layer, cl_command_queue queue, size_t count, size_t rows) {
    const double each = (double)rows * (double)layer->inputs * (double)dense_columns(layer);
    cl_device_id device = NULL;
    cl_device_type type = 0;
    cl_device_fp_config config = 0;
    if (layer->products != CLACT_PRODUCTS_AUTO) return layer->products == CLACT_PRODUCTS_OWN;
    clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    clGetDeviceInfo(device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof config, &config, NULL);
    return own_suits(type, (config & CL_FP_FMA) != 0, count, each);
}

clact_status own_gemm(clact_context *context, cl_command_queue queue, const blas_product *product,
                      timeline *times) {
    const blas_product *p = product;
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < p->count && status == CLACT_SUCCESS; i++) {
        const clact_product one = {.m = p->m,
                                   .n = p->n,
                                   .k = p->k,
                                   .a_transposed = p->a.transposed,
                                   .b_transposed = p->b.transposed,
                                   .a = *blas_entry(&p->a, i),
                                   .b = *blas_entry(&p->b, i),
                                   .c = *blas_entry(&p->c, i),
                                   .beta = p->beta};
        status = clact_multiply(context, queue, &one, 0, NULL, timeline_next(times, WORK_GEMM));
    }
    return status;
}

clact_status own_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                         size_t count, const clact_dense_forward_tensors *entries,
                         timeline *times) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++) {
        const clact_forward_tensors t = dense_forward_epilogue(layer, &entries[i]);
        const clact_product z = {.m = t.rows,
                                 .n = t.cols,
                                 .k = layer->inputs,
                                 .b_transposed = true,
                                 .a = entries[i].x,
                                 .b = entries[i].weight,
                                 .c = t.x};
        status = clact_multiply_forward(context, queue, &z, layer->epilogue, &t, 0, NULL,
                                        timeline_next(times, WORK_GEMM));
    }
    return status;
}

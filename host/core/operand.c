/* operand.c (L2): check the matrices of a call before anything is enqueued. */
#include "operand.h"

#include <stdint.h>

/* Elements from the start of the buffer to the end of the matrix; false on overflow. */
static bool extent(const operand *o, size_t *elements) {
    const clact_matrix *m = &o->matrix;
    const size_t most = SIZE_MAX / clact_dtype_size(o->dtype);
    if (o->rows - 1 > 0 && m->ld > most / (o->rows - 1)) return false;
    const size_t body = (o->rows - 1) * m->ld;
    if (o->cols > most - body || m->offset > most - body - o->cols) return false;
    *elements = m->offset + body + o->cols;
    return true;
}

static clact_status check_buffer(clact_context *context, const operand *o, size_t needed) {
    cl_context owner = NULL;
    cl_mem_flags flags = 0;
    size_t bytes = 0;
    cl_int code = clGetMemObjectInfo(o->matrix.buffer, CL_MEM_CONTEXT, sizeof owner, &owner, NULL);
    if (code == CL_SUCCESS)
        code = clGetMemObjectInfo(o->matrix.buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL);
    if (code == CL_SUCCESS)
        code = clGetMemObjectInfo(o->matrix.buffer, CL_MEM_FLAGS, sizeof flags, &flags, NULL);
    if (code != CL_SUCCESS) return context_fail_opencl(context, "clGetMemObjectInfo", code);
    if (owner != context->target.context)
        return context_fail(context, CLACT_MISMATCH, "the buffer of %s belongs to another context",
                            o->name);
    const size_t holds = bytes / clact_dtype_size(o->dtype);
    if (holds < needed)
        return context_fail(context, CLACT_BUFFER_SIZE,
                            "the buffer of %s holds %zu elements of %s; offset, rows and ld need "
                            "%zu",
                            o->name, holds, clact_dtype_name(o->dtype), needed);
    if (o->output && (flags & CL_MEM_READ_ONLY))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "the buffer of %s is read-only",
                            o->name);
    if (o->input && (flags & CL_MEM_WRITE_ONLY))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "the buffer of %s is write-only",
                            o->name);
    return CLACT_SUCCESS;
}

/* Where the matrix starts, in bytes of the buffer that holds it in the end. */
typedef struct place {
    cl_mem root;
    size_t start, end;
} place;

static place place_of(const operand *o, size_t elements) {
    place p = {o->matrix.buffer, 0, 0};
    cl_mem parent = NULL;
    size_t origin = 0;
    clGetMemObjectInfo(p.root, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof parent, &parent, NULL);
    if (parent) {
        clGetMemObjectInfo(p.root, CL_MEM_OFFSET, sizeof origin, &origin, NULL);
        p.root = parent;
    }
    p.start = origin + o->matrix.offset * clact_dtype_size(o->dtype);
    p.end = origin + elements * clact_dtype_size(o->dtype);
    return p;
}

/* Columns of two matrices in one buffer lie side by side, as the halves of a wider matrix do. */
static bool side_by_side(const operand *a, const operand *b, place pa, place pb) {
    const size_t ld = a->matrix.ld, size = clact_dtype_size(a->dtype);
    if (ld != b->matrix.ld || a->dtype != b->dtype) return false;
    const bool a_first = pa.start <= pb.start;
    const size_t gap = (a_first ? pb.start - pa.start : pa.start - pb.start);
    if (gap % size) return false;
    const size_t shift = gap / size % ld;
    return shift >= (a_first ? a->cols : b->cols) && shift + (a_first ? b->cols : a->cols) <= ld;
}

static clact_status check_overlap(clact_context *context, const operand *out, const operand *other,
                                  place p, place q) {
    if (p.root != q.root || p.end <= q.start || q.end <= p.start) return CLACT_SUCCESS;
    /* a buffer and its sub-buffers must not be used together where they overlap */
    const bool one_handle = out->matrix.buffer == other->matrix.buffer;
    const bool same = one_handle && p.start == q.start && out->rows == other->rows &&
                      out->cols == other->cols && out->dtype == other->dtype &&
                      (out->matrix.ld == other->matrix.ld || out->rows == 1);
    if (same && out->in_place && !other->output) return CLACT_SUCCESS;
    if (one_handle && !same && side_by_side(out, other, p, q)) return CLACT_SUCCESS;
    return context_fail(context, CLACT_OVERLAP, "%s overlaps %s; use %s", out->name, other->name,
                        out->in_place ? "the very same matrix or separate ones"
                                      : "separate matrices");
}

clact_status operand_check(clact_context *context, operand *operands, size_t count) {
    place places[OPERAND_MOST];
    for (size_t i = 0; i < count; i++) {
        operand *o = &operands[i];
        size_t needed = 0;
        if (o->matrix.ld == 0) o->matrix.ld = o->cols;
        if (!clact_dtype_size(o->dtype))
            return context_fail(context, CLACT_INVALID_ARGUMENT, "%s has no dtype", o->name);
        if (!o->matrix.buffer)
            return context_fail(context, CLACT_INVALID_ARGUMENT, "the buffer of %s is NULL",
                                o->name);
        if (o->matrix.ld < o->cols)
            return context_fail(context, CLACT_SHAPE,
                                "the leading dimension of %s is %zu, less than its %zu columns",
                                o->name, o->matrix.ld, o->cols);
        if (!extent(o, &needed))
            return context_fail(context, CLACT_SHAPE, "the size of %s overflows", o->name);
        const clact_status status = check_buffer(context, o, needed);
        if (status != CLACT_SUCCESS) return status;
        places[i] = place_of(o, needed);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; operands[i].output && j < count; j++) {
            if (i == j) continue;
            const clact_status status =
                check_overlap(context, &operands[i], &operands[j], places[i], places[j]);
            if (status != CLACT_SUCCESS) return status;
        }
    }
    return CLACT_SUCCESS;
}

bool operand_flatten(operand *operands, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (operands[i].rows > 1 && operands[i].matrix.ld != operands[i].cols) return false;
    for (size_t i = 0; i < count; i++) {
        operands[i].cols *= operands[i].rows;
        operands[i].rows = 1;
    }
    return true;
}

/* dense_overlap.c: that tensors of a batch share no memory where they must not: the bytes they span
 * are sorted, and only those that meet are looked at. */
#include "dense_overlap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct span {
    const clact_operand *operand;
    size_t entry, index; /* of the operand in its list */
    bool scratch;        /* holds nothing between sweeps, so entries may share it */
    cl_mem root;         /* the buffer that is no part of another */
    size_t start, end;   /* bytes of the root */
} span;

static span span_of(const dense_operands *entries, size_t entry, size_t index) {
    const clact_operand *o = &entries[entry].list[index];
    const size_t size = clact_dtype_size(o->dtype);
    const size_t elements = (o->rows - 1) * o->matrix.ld + o->cols;
    cl_mem parent = NULL;
    size_t origin = 0;
    clGetMemObjectInfo(o->matrix.buffer, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof parent, &parent, NULL);
    if (parent) clGetMemObjectInfo(o->matrix.buffer, CL_MEM_OFFSET, sizeof origin, &origin, NULL);
    const size_t start = origin + o->matrix.offset * size;
    return (span){o,
                  entry,
                  index,
                  index > 0 && index == entries[entry].workspace,
                  parent ? parent : o->matrix.buffer,
                  start,
                  start + elements * size};
}

static int by_place(const void *left, const void *right) {
    const span *a = left, *b = right;
    const uintptr_t p = (uintptr_t)a->root, q = (uintptr_t)b->root;
    if (p != q) return p < q ? -1 : 1;
    return a->start < b->start ? -1 : a->start > b->start;
}

static bool is_of_sweep(size_t index) {
    return index >= DENSE_Z;
}

static bool must_be_apart(const span *a, const span *b) {
    const clact_operand *o = a->operand, *p = b->operand;
    if (!(o->output || p->output) || (a->scratch && b->scratch)) return false;
    if (a->entry != b->entry || !is_of_sweep(a->index) || !is_of_sweep(b->index)) return true;
    /* the product writes z before the sweep reads its inputs; dz is written by the sweep itself */
    return (a->index == DENSE_Z && o->input && !p->output) ||
           (b->index == DENSE_Z && p->input && !o->output);
}

/* Different columns of rows of one length; a starts first. */
static bool side_by_side(const span *a, const span *b) {
    const clact_operand *o = a->operand, *p = b->operand;
    const size_t size = clact_dtype_size(o->dtype), ld = o->matrix.ld, gap = b->start - a->start;
    if (o->matrix.buffer != p->matrix.buffer || o->dtype != p->dtype || ld != p->matrix.ld ||
        gap % size)
        return false;
    const size_t shift = gap / size % ld;
    return shift >= o->cols && shift + p->cols <= ld;
}

static clact_status overlap(clact_context *context, const span *a, const span *b, bool batch) {
    const span *out = a->operand->output ? a : b, *other = out == a ? b : a;
    char message[128];
    if (batch)
        snprintf(message, sizeof message, "%s of entry %zu overlaps %s of entry %zu",
                 out->operand->name, out->entry, other->operand->name, other->entry);
    else
        snprintf(message, sizeof message, "%s overlaps %s; use separate matrices",
                 out->operand->name, other->operand->name);
    return clact_context_report(context, CLACT_OVERLAP, message);
}

static clact_status check_sorted(clact_context *context, const span *spans, size_t n, bool batch) {
    for (size_t i = 0; i < n; i++) {
        const span *a = &spans[i];
        for (size_t j = i + 1; j < n; j++) {
            const span *b = &spans[j];
            if (b->root != a->root || b->start >= a->end) break;
            if (must_be_apart(a, b) && !side_by_side(a, b)) return overlap(context, a, b, batch);
        }
    }
    return CLACT_SUCCESS;
}

clact_status dense_check_overlaps(clact_context *context, const dense_operands *entries,
                                  size_t count) {
    span *spans = calloc(count, CLACT_MAX_OPERANDS * sizeof *spans);
    size_t n = 0;
    if (!spans) return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < entries[i].count; k++) {
            const clact_operand *o = &entries[i].list[k];
            const clact_operand *same = i > 0 ? &entries[i - 1].list[k] : NULL;
            if (o->rows == 0) continue;
            if (same && !o->output && same->matrix.buffer == o->matrix.buffer &&
                same->matrix.offset == o->matrix.offset)
                continue; /* an input that entries share counts once */
            spans[n++] = span_of(entries, i, k);
        }
    }
    qsort(spans, n, sizeof *spans, by_place);
    const clact_status status = check_sorted(context, spans, n, count > 1);
    free(spans);
    return status;
}

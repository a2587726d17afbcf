/* npy_array.c: arrays of .npy files in memory, and their conversion to other types; see npy.h. */
#include "npy.h"

#include "cli_common.h"
#include "element.h"

#include <stdlib.h>
#include <string.h>

void npy_clear(npy_array *array) {
    free(array->data);
    *array = (npy_array){0};
}

const char *npy_descr(clact_dtype dtype) {
    switch (dtype) {
    case CLACT_F16:
        return "<f2";
    case CLACT_F32:
        return "<f4";
    case CLACT_F64:
        return "<f8";
    case CLACT_BF16:
        break;
    }
    return NULL;
}

size_t npy_bytes(const npy_array *array) {
    return array->count * clact_dtype_size(array->dtype);
}

bool npy_same_shape(const npy_array *a, const npy_array *b) {
    return a->ndim == b->ndim &&
           memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof a->shape[0]) == 0;
}

void npy_shape_text(const npy_array *array, char text[NPY_SHAPE_SIZE]) {
    numbers_shape_text(array->ndim, array->shape, text);
}

/* In place: from the front when elements shrink, from the back when they grow, so that none is
 * written over before it has been read. Through float64, which holds every other type exactly. */
bool npy_convert(npy_array *array, clact_dtype dtype, char *message, size_t size) {
    const size_t old_size = clact_dtype_size(array->dtype), new_size = clact_dtype_size(dtype);
    if (array->dtype == dtype) return true;
    if (new_size > old_size) {
        void *grown = array->count <= SIZE_MAX / new_size
                          ? realloc(array->data, array->count ? array->count * new_size : 1)
                          : NULL;
        if (!grown)
            return cli_fail(message, size, "there is not enough memory for %zu elements of type %s",
                            array->count, clact_dtype_name(dtype));
        array->data = grown;
    }
    for (size_t done = 0; done < array->count; done++) {
        const size_t i = new_size > old_size ? array->count - 1 - done : done;
        const char *from = (const char *)array->data + i * old_size;
        element_store(dtype, element_load(array->dtype, from), (char *)array->data + i * new_size);
    }
    array->dtype = dtype;
    return true;
}

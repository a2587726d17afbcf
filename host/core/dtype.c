/* dtype.c (L0): names and sizes of element types, names of tiers and saved tensors. */
#include "clact/clact.h"

size_t clact_dtype_size(clact_dtype dtype) {
    switch (dtype) {
#define DTYPE_SIZE(NAME, value, name, size)                                                        \
    case CLACT_##NAME:                                                                             \
        return size;
        CLACT_DTYPE_MAP(DTYPE_SIZE)
#undef DTYPE_SIZE
    }
    return 0;
}

const char *clact_dtype_name(clact_dtype dtype) {
    switch (dtype) {
#define DTYPE_NAME(NAME, value, name, size)                                                        \
    case CLACT_##NAME:                                                                             \
        return name;
        CLACT_DTYPE_MAP(DTYPE_NAME)
#undef DTYPE_NAME
    }
    return NULL;
}

const char *clact_tier_name(clact_tier tier) {
    switch (tier) {
#define TIER_NAME(NAME, value, name)                                                               \
    case CLACT_TIER_##NAME:                                                                        \
        return name;
        CLACT_TIER_MAP(TIER_NAME)
#undef TIER_NAME
    }
    return NULL;
}

const char *clact_saved_name(clact_saved saved) {
    switch (saved) {
#define SAVED_NAME(NAME, value, name)                                                              \
    case CLACT_SAVED_##NAME:                                                                       \
        return name;
        CLACT_SAVED_MAP(SAVED_NAME)
#undef SAVED_NAME
    case CLACT_SAVED_COUNT:
        break;
    }
    return NULL;
}

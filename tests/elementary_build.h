/* elementary_build.h: one C build of what the self-test evaluates: a tier, in float32. */
#ifndef CLACT_TESTS_ELEMENTARY_BUILD_H
#define CLACT_TESTS_ELEMENTARY_BUILD_H

/* The rows of kernels/self_test.def, in its order */
typedef enum elementary {
#define SELF_TEST(name, expression) ELEMENTARY_##name,
#include "self_test.def"
    ELEMENTARY_COUNT
} elementary;

/* What a row gives at a, b and c, of which it may read fewer. */
typedef float (*elementary_function)(float a, float b, float c);

extern const elementary_function elementary_fast[ELEMENTARY_COUNT];
extern const elementary_function elementary_accurate[ELEMENTARY_COUNT];

#endif

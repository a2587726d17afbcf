/* elementary_build.c: the rows of self_test.def as C. Compiled once for each tier, with
 * ELEMENTARY_BUILD the name of what comes out, and ACCURATE as the kernels know it.
 */
#include "elementary_build.h"

#include "periodic.h"

#define SELF_TEST(name, expression)                                                                \
    static float evaluate_##name(float a, float b, float c) {                                      \
        (void)b;                                                                                   \
        (void)c;                                                                                   \
        return expression;                                                                         \
    }
#include "self_test.def"

const elementary_function ELEMENTARY_BUILD[ELEMENTARY_COUNT] = {
#define SELF_TEST(name, expression) evaluate_##name,
#include "self_test.def"
};

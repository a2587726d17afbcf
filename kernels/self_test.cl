/* self_test.cl: every row of self_test.def on columns of numbers of its own: result (r, i) is row r
 * at a, b and c (r, i). It stands after SELF_TEST_NAME, the name of the kernel. A work-item does
 * WIDTH columns of all rows.
 */
KERNEL(FORWARD)
SELF_TEST_NAME(const ulong cols, MATRIX_IN(f32, first), MATRIX_IN(f32, second),
               MATRIX_IN(f32, third), MATRIX_OUT(f32, result)) {
    const ulong col = get_global_id(0) * WIDTH;
    if (col >= cols) return;
    ulong row = 0;
#define SELF_TEST(name, expression)                                                                \
    {                                                                                              \
        const real a = load_f32(AT(first, row, col), cols - col);                                  \
        const real b = load_f32(AT(second, row, col), cols - col);                                 \
        const real c = load_f32(AT(third, row, col), cols - col);                                  \
        store_f32(expression, AT(result, row, col), cols - col);                                   \
        row++;                                                                                     \
    }
#include "self_test.def"
}
#undef SELF_TEST_NAME

/* sweep.cl: one elementwise pass over rows x cols. This text stands once in a program for every
 * kernel asked for, each time after
 *   SWEEP_NAME            name of the kernel
 *   SWEEP_STORAGE         element type: f32, f16 or bf16, or f64 in a DOUBLE program
 *   SWEEP_FORWARD         its formula act_<name>_fwd, or
 *   SWEEP_BACKWARD        its formula act_<name>_bwd or act_<name>_bwd_y
 * A work-item does WIDTH columns of one row. It reads all of its elements before it writes one, so
 * the output may be an input.
 */
#define SWEEP_LOAD  PASTE(load_, SWEEP_STORAGE)
#define SWEEP_STORE PASTE(store_, SWEEP_STORAGE)

#ifdef SWEEP_FORWARD
KERNEL SWEEP_NAME(const ulong rows, const ulong cols, const parameters params,
                  MATRIX_IN(SWEEP_STORAGE, x), MATRIX_OUT(SWEEP_STORAGE, y)) {
    LOCATE(row, col, rows, cols);
    const act_params p = params_of(params);
    const real v = SWEEP_LOAD(AT(x, row, col), cols - col);
    SWEEP_STORE(SWEEP_FORWARD(v, p), AT(y, row, col), cols - col);
}
#undef SWEEP_FORWARD
#endif

#ifdef SWEEP_BACKWARD
KERNEL SWEEP_NAME(const ulong rows, const ulong cols, const parameters params,
                  MATRIX_IN(SWEEP_STORAGE, s), MATRIX_IN(SWEEP_STORAGE, dy),
                  MATRIX_OUT(SWEEP_STORAGE, dx)) {
    LOCATE(row, col, rows, cols);
    const act_params p = params_of(params);
    const real v = SWEEP_LOAD(AT(s, row, col), cols - col);
    const real g = SWEEP_LOAD(AT(dy, row, col), cols - col);
    SWEEP_STORE(SWEEP_BACKWARD(v, g, p), AT(dx, row, col), cols - col);
}
#undef SWEEP_BACKWARD
#endif

#undef SWEEP_LOAD
#undef SWEEP_STORE
#undef SWEEP_STORAGE
#undef SWEEP_NAME

/* sweep.cl: one elementwise pass over rows x cols. This text stands once in a program for every
 * kernel asked for, each time after
 *   SWEEP_NAME            name of the kernel
 *   SWEEP_FORWARD         its formula act_<name>_fwd, or
 *   SWEEP_BACKWARD        its formula act_<name>_bwd or act_<name>_bwd_y
 * A work-item does WIDTH columns of one row. It reads all of its elements before it writes one, so
 * the output may be an input.
 */

#ifdef SWEEP_FORWARD
KERNEL SWEEP_NAME(const ulong rows, const ulong cols, const float8 params, MATRIX_IN(x),
                  MATRIX_OUT(y)) {
    LOCATE(row, col, rows, cols);
    const act_params p = params_of(params);
    const real v = load_lanes(AT(x, row, col), cols - col);
    store_lanes(SWEEP_FORWARD(v, p), AT(y, row, col), cols - col);
}
#undef SWEEP_FORWARD
#endif

#ifdef SWEEP_BACKWARD
KERNEL SWEEP_NAME(const ulong rows, const ulong cols, const float8 params, MATRIX_IN(s),
                  MATRIX_IN(dy), MATRIX_OUT(dx)) {
    LOCATE(row, col, rows, cols);
    const act_params p = params_of(params);
    const real v = load_lanes(AT(s, row, col), cols - col);
    const real g = load_lanes(AT(dy, row, col), cols - col);
    store_lanes(SWEEP_BACKWARD(v, g, p), AT(dx, row, col), cols - col);
}
#undef SWEEP_BACKWARD
#endif

#undef SWEEP_NAME

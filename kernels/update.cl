/* update.cl: optimizer steps over n contiguous elements, WIDTH a work-item. */

/* v = momentum v + g, then w = w - lr v */
KERNEL sgd_step(const ulong cols, const float lr, const float momentum, MATRIX_IN(g), MATRIX_OUT(v),
                MATRIX_OUT(w)) {
    const ulong col = get_global_id(0) * WIDTH;
    if (col >= cols) return;
    const ulong n = cols - col;
    const real velocity =
        fma(C(momentum), load_lanes(AT(v, 0, col), n), load_lanes(AT(g, 0, col), n));
    const real weight = fma(C(-lr), velocity, load_lanes(AT(w, 0, col), n));
    store_lanes(velocity, AT(v, 0, col), n);
    store_lanes(weight, AT(w, 0, col), n);
}

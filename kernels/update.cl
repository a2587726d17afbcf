/* update.cl: optimizer steps over n contiguous elements, WIDTH a work-item. */

/* v = momentum v + g, then w = w - lr v */
KERNEL(FORWARD)
sgd_step(const ulong cols, const float lr, const float momentum, MATRIX_IN(f32, g),
         MATRIX_OUT(f32, v), MATRIX_OUT(f32, w)) {
    const ulong col = get_global_id(0) * WIDTH;
    if (col >= cols) return;
    const ulong n = cols - col;
    const real velocity = fma(C(momentum), load_f32(AT(v, 0, col), n), load_f32(AT(g, 0, col), n));
    const real weight = fma(C(-lr), velocity, load_f32(AT(w, 0, col), n));
    store_f32(velocity, AT(v, 0, col), n);
    store_f32(weight, AT(w, 0, col), n);
}

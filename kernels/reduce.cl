/* reduce.cl: a row to every row, and sums over rows. Work-item i does WIDTH columns. */

KERNEL broadcast_rows(const ulong rows, const ulong cols, MATRIX_IN(f32, bias),
                      MATRIX_OUT(f32, y)) {
    LOCATE(row, col, rows, cols);
    store_f32(load_f32(AT(bias, 0, col), cols - col), AT(y, row, col), cols - col);
}

/* Compensated, from the first row to the last: the order depends on nothing but rows. */
KERNEL sum_columns(const ulong rows, const ulong cols, MATRIX_IN(f32, x), MATRIX_OUT(f32, total)) {
    const ulong col = get_global_id(0) * WIDTH;
    if (col >= cols) return;
    pair acc = pair_of(C(0.0f), C(0.0f));
    for (ulong row = 0; row < rows; row++) {
        acc = accumulate(acc, load_f32(AT(x, row, col), cols - col));
    }
    store_f32(rounded(acc), AT(total, 0, col), cols - col);
}

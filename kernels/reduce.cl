/* reduce.cl: a row to every row, and sums over rows. Work-item i does WIDTH columns. */

KERNEL broadcast_rows(const ulong rows, const ulong cols, MATRIX_IN(bias), MATRIX_OUT(y)) {
    LOCATE(row, col, rows, cols);
    store_lanes(load_lanes(AT(bias, 0, col), cols - col), AT(y, row, col), cols - col);
}

/* Compensated, from the first row to the last: the order depends on nothing but rows. */
KERNEL sum_columns(const ulong rows, const ulong cols, MATRIX_IN(x), MATRIX_OUT(total)) {
    const ulong col = get_global_id(0) * WIDTH;
    if (col >= cols) return;
    pair acc = pair_of(C(0.0f), C(0.0f));
    for (ulong row = 0; row < rows; row++) {
        acc = accumulate(acc, load_lanes(AT(x, row, col), cols - col));
    }
    store_lanes(rounded(acc), AT(total, 0, col), cols - col);
}

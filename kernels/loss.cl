/* loss.cl: losses with their gradients, one work-item a row; compiled with WIDTH 1.
 *
 * loss[r] is the loss of row r, dz its gradient times `scale`. z is read before dz is written
 * element by element, so dz may be z.
 */

/* target[r] is the class index. loss = log(sum_c e^(z_c - m)) - (z_t - m), m the row's maximum */
KERNEL softmax_cross_entropy(const ulong rows, const ulong cols, const float scale,
                             MATRIX_IN(f32, z), MATRIX_IN(f32, target), MATRIX_OUT(f32, loss),
                             MATRIX_OUT(f32, dz)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const act_params none = params_of((float8)(1.0f));
    const float t = *AT(target, row, 0);
    const bool valid = t >= 0.0f && t < (float)cols && t == (float)(ulong)t && (ulong)t < cols;
    const ulong label = valid ? (ulong)t : 0;

    float most = *AT(z, row, 0);
    for (ulong c = 1; c < cols; c++) {
        const float v = *AT(z, row, c);
        most = v > most || v != v ? v : most;
    }
    pair total = pair_of(0.0f, 0.0f);
    for (ulong c = 0; c < cols; c++) {
        total = accumulate(total, act_exp_fwd(*AT(z, row, c) - most, none));
    }
    const float denominator = total.h + total.l, of_label = *AT(z, row, label) - most;
    /* the log of the pair: a small loss lives in the bits after the 1 of its own class */
    const float log_total = log_of(total.h) + divide(total.l, total.h);
    *AT(loss, row, 0) = valid ? log_total - of_label : NAN;
    for (ulong c = 0; c < cols; c++) {
        const float e = act_exp_fwd(*AT(z, row, c) - most, none);
        /* p - 1 as minus the share of the other classes, which keeps its bits when p is near 1 */
        const float n = c == label ? (e - total.h) - total.l : e;
        *AT(dz, row, c) = valid ? divide(n, denominator) * scale : NAN;
    }
}

/* mean over c of t log(1 + e^-z) + (1 - t) log(1 + e^z) */
KERNEL bce_with_logits(const ulong rows, const ulong cols, const float scale, MATRIX_IN(f32, z),
                       MATRIX_IN(f32, target), MATRIX_OUT(f32, loss), MATRIX_OUT(f32, dz)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const act_params one = params_of((float8)(1.0f, 1.0f, 1.0f, 0.0f, 1.0f, 0.0f, 0.0f, 0.0f));
    const float n = (float)cols;
    pair total = pair_of(0.0f, 0.0f);
    for (ulong c = 0; c < cols; c++) {
        const float v = *AT(z, row, c), t = *AT(target, row, c);
        const float low = act_softplus_fwd(-v, one), high = act_softplus_fwd(v, one);
        const float l = (t == 0.0f ? 0.0f : t * low) + (t == 1.0f ? 0.0f : (1.0f - t) * high);
        total = accumulate(total, l);
        /* (1 - t) s(v) - t s(-v): sigma - t would lose a small gradient */
        const float up = t == 1.0f ? 0.0f : (1.0f - t) * act_sigmoid_fwd(v, one);
        const float down = t == 0.0f ? 0.0f : t * act_sigmoid_fwd(-v, one);
        *AT(dz, row, c) = divide((up - down) * scale, n);
    }
    *AT(loss, row, 0) = divide(rounded(total), n);
}

/* mean over c of (z - t)^2 */
KERNEL mse(const ulong rows, const ulong cols, const float scale, MATRIX_IN(f32, z),
           MATRIX_IN(f32, target), MATRIX_OUT(f32, loss), MATRIX_OUT(f32, dz)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const float n = (float)cols;
    pair total = pair_of(0.0f, 0.0f);
    for (ulong c = 0; c < cols; c++) {
        const float d = *AT(z, row, c) - *AT(target, row, c);
        total = accumulate(total, d * d);
        *AT(dz, row, c) = divide(2.0f * (d * scale), n);
    }
    *AT(loss, row, 0) = divide(rounded(total), n);
}

/* row_build.c: softmaxes and losses over whole rows as C. Compiled once for each tier and
 * precision, with ROW_BUILD the name of what comes out, and ACCURATE and DOUBLE as the kernels know
 * them.
 */
#include "row_build.h"

#include "rows.h"
#include "losses.h"

#include <stdlib.h>

enum { CHAINS = 32, CHUNK = 2048, ELEMENTS = 256 };

typedef struct chains {
    pair of[CHAINS];
} chains;

static pair zero(void) {
    return pair_of(C(0.0f), C(0.0f));
}

/* Chain i takes in chain i + half, half the rest, and so on. */
static pair joined(chains *c) {
    for (size_t half = CHAINS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            c->of[i] = pair_join(c->of[i], c->of[i + half]);
    return c->of[0];
}

/* The sum of terms 0 .. n - 1 in chunks, each added to its chain by `add` */
typedef pair adder(pair total, size_t i, const void *data);

static pair sum_in_chunks(size_t n, size_t chunk, adder *add, const void *data) {
    pair total = zero();
    for (size_t first = 0; first < n; first += chunk) {
        chains c;
        for (size_t i = 0; i < CHAINS; i++)
            c.of[i] = zero();
        for (size_t i = first; i < n && i < first + chunk; i++)
            c.of[(i - first) % CHAINS] = add(c.of[(i - first) % CHAINS], i, data);
        total = pair_join(total, joined(&c));
    }
    return total;
}

typedef struct row {
    const double *a, *b;
    real m;
} row;

static real largest(const double *x, size_t n) {
    real most = C(-INFINITY);
    for (size_t i = 0; i < n; i++)
        most = greater_of(most, (real)x[i]);
    return most;
}

static pair add_share(pair total, size_t i, const void *data) {
    const row *r = data;
    return share_added(total, (real)r->a[i], r->m);
}

/* ---- softmax ---- */

static void softmax(bool log, const double *x, size_t n, double *y) {
    const real most = largest(x, n);
    const row r = {x, NULL, row_shift(most)};
    const pair total = sum_in_chunks(n, CHUNK, add_share, &r);
    const row_shares shares = row_shares_of(most, total);
    const row_log_sum logs = row_log_sum_of(most, total);
    for (size_t i = 0; i < n; i++)
        y[i] =
            (double)(log ? log_softmax_value((real)x[i], logs) : softmax_value((real)x[i], shares));
}

static pair add_dot(pair total, size_t i, const void *data) {
    const row *r = data;
    return softmax_dot_added(total, (real)r->a[i], (real)r->b[i]);
}

static pair add_log_dot(pair total, size_t i, const void *data) {
    const row *r = data;
    return log_softmax_dot_added(total, (real)r->a[i], (real)r->b[i]);
}

static void softmax_backward(bool log, const double *y, const double *dy, size_t n, double *dx) {
    const row r = {y, dy, C(0.0f)};
    const pair dot = sum_in_chunks(n, CHUNK, log ? add_log_dot : add_dot, &r);
    for (size_t i = 0; i < n; i++)
        dx[i] = (double)(log ? log_softmax_gradient((real)y[i], (real)dy[i], dot)
                             : softmax_gradient((real)y[i], (real)dy[i], dot));
}

/* ---- losses ---- */

static pair add_distance(pair total, size_t i, const void *data) {
    const row *r = data;
    return distance_added(total, (real)r->a[i], r->m, r->b ? (real)r->b[i] : C(1.0f));
}

static pair add_weight(pair total, size_t i, const void *data) {
    const row *r = data;
    return accumulate(total, r->b ? (real)r->b[i] : C(1.0f));
}

static double entropy(const row_entropy *e, const double *z, size_t n, double *dz) {
    const real most = largest(z, n), w = e->weights ? (real)e->weights[e->label] : C(1.0f);
    const real keep = (real)(1.0 - e->smoothing), spread = (real)(e->smoothing / (double)n);
    const row r = {z, e->weights, row_shift(most)};
    entropy_sums sums = {sum_in_chunks(n, CHUNK, add_share, &r), zero(), zero()};
    if (e->smoothing > 0.0) {
        sums.distances = sum_in_chunks(n, CHUNK, add_distance, &r);
        sums.weights = sum_in_chunks(n, CHUNK, add_weight, &r);
    }
    const entropy_row g = entropy_row_of(w, most, sums, keep, spread, (real)e->scale);
    for (size_t i = 0; i < n; i++) {
        const real wi = e->smoothing == 0.0 ? C(0.0f) : e->weights ? (real)e->weights[i] : C(1.0f);
        dz[i] = (double)(i == e->label ? entropy_gradient_at_label((real)z[i], g)
                                       : entropy_gradient((real)z[i], wi, g));
    }
    return (double)entropy_loss((real)z[e->label], w, most, sums, keep, spread);
}

static double element(clact_loss_kind kind, double z, double t, double param, double factor,
                      double *slope) {
    typedef loss_part formula(real, real, real);
    formula *const formulas[] = {NULL, bce_with_logits, mse, l1, huber};
    const loss_part part = formulas[kind]((real)z, (real)t, (real)param);
    *slope = (double)(part.slope * (real)factor);
    return (double)part.value;
}

static pair add_loss(pair total, size_t i, const void *data) {
    const double *losses = data;
    return accumulate(total, (real)losses[i]);
}

static pair add_pair(pair total, size_t i, const void *data) {
    const pair *pairs = data;
    return pair_join(total, pairs[i]);
}

/* Chunks of pairs to one pair each, then all of those as a single chunk */
static pair sum_of_pairs(const pair *pairs, size_t n) {
    if (n <= CHUNK) return sum_in_chunks(n, CHUNK, add_pair, pairs);
    pair *sums = malloc((n / CHUNK + 1) * sizeof *sums);
    size_t count = 0;
    for (size_t i = 0; i < n; i += CHUNK)
        sums[count++] = sum_in_chunks(n - i < CHUNK ? n - i : CHUNK, CHUNK, add_pair, pairs + i);
    const pair total = sum_in_chunks(count, count, add_pair, sums);
    free(sums);
    return total;
}

static double total_of(const double *losses, size_t n, bool elements, double divisor) {
    pair *pairs = malloc((n + 1) * sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; i < n; i += elements ? ELEMENTS : 1)
        pairs[count++] = elements ? sum_in_chunks(n - i < ELEMENTS ? n - i : ELEMENTS, ELEMENTS,
                                                  add_loss, losses + i)
                                  : pair_of((real)losses[i], C(0.0f));
    const pair total = sum_of_pairs(pairs, count);
    free(pairs);
    return (double)divide(rounded(total), (real)divisor);
}

static double divisor_of(const double *weights, size_t n) {
    return n == 0 ? 1.0 : (double)rounded(sum_in_chunks(n, CHUNK, add_loss, weights));
}

static double quotient_of(double a, double b) {
    return (double)divide((real)a, (real)b);
}

const row_build ROW_BUILD = {softmax,  softmax_backward, entropy,    element,
                             total_of, divisor_of,       quotient_of};

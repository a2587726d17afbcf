/* reference_fit.c: cuts a binade into pieces and fits each to the oracle. */
#include "reference_piece.h"
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES  PIECE_TERMS
#define HUGE_  0x1p200  /* stands for all beyond it */
#define TINY   0x1p-170 /* stands for all but 0 below it */
#define LEAST  0x1p-149
#define ROUNDS 0x1p-48 /* of the sum of |c|: what the evaluation in double may lose */

/* One binade's work. */
struct fitter {
    const struct function *f;
    mpfr_t x, value;
    struct piece *list;
    size_t count, room;
};

/* ---- The oracle in long double --------------------------------------------------------------- */

/* f or f' at x into w->value; false where nothing is promised. 256 bits are enough for f, whose
 * worst cancellation, in 1 + tanh at -14, costs 150. The quotient's step is 2^-48 of x, so that its
 * own error is 2^-96 of the third derivative, and its rounding, 2^-bits f / h, below 2^-200 where f
 * is about 1 or about x. */
static bool ask(struct fitter *w, mpfr_srcptr x) {
    const struct function *f = w->f;
    if (!f->backward)
        oracle_forward(w->value, f->activation, f->params, x);
    else if (f->saved == CLACT_SAVED_X)
        oracle_derivative_step(w->value, f->activation, f->params, x, -48);
    else
        return oracle_expect_backward(w->value, f->activation, f->params, CLACT_SAVED_Y,
                                      mpfr_get_d(x, MPFR_RNDN), 1, CLACT_F32);
    return true;
}

static mpfr_prec_t bits_for(const struct function *f, uint32_t float_bits) {
    const int exponent = abs((int)(float_bits >> 23 & 255) - 127);
    if (!f->backward) return 256;
    return f->saved == CLACT_SAVED_Y ? ORACLE_BITS : 288 + (exponent < 126 ? exponent : 149);
}

static long double oracle_at(struct fitter *w, mpfr_srcptr x) {
    if (!ask(w, x)) return (long double)REFERENCE_NOTHING;
    if (mpfr_nan_p(w->value) || mpfr_zero_p(w->value)) return mpfr_get_ld(w->value, MPFR_RNDN);
    const long double sign = mpfr_sgn(w->value) < 0 ? -1 : 1;
    if (mpfr_inf_p(w->value) || mpfr_get_exp(w->value) > 200) return sign * HUGE_;
    if (mpfr_get_exp(w->value) <= -170) return sign * TINY;
    return mpfr_get_ld(w->value, MPFR_RNDN);
}

/* f at `first` plus a fraction of steps between floats, of which 2^23 make a binade. */
static long double value_at(struct fitter *w, uint32_t first, double steps) {
    const uint32_t exponent = first >> 23 & 255;
    const double significand = (exponent ? 0x1p23 : 0) + (first & 0x7fffff) + steps;
    mpfr_set_d(w->x, first >> 31 ? -significand : significand, MPFR_RNDN);
    mpfr_mul_2si(w->x, w->x, (long)(exponent ? exponent : 1) - 150, MPFR_RNDN);
    return oracle_at(w, w->x);
}

/* ---- One fit --------------------------------------------------------------------------------- */

/* A step count near that of t in [-1, 1], exact when added to a significand; t is made to fit. */
static double steps_of(uint32_t count, long double *t) {
    const double half = (count - 1) / 2.0;
    const double steps = (double)nearbyintl((*t + 1) * half * 0x1p20L) * 0x1p-20;
    *t = steps / (long double)half - 1;
    return steps;
}

/* Newton's divided differences, then powers of t. */
static void interpolate(const long double t[NODES], long double v[NODES], double c[NODES]) {
    for (int order = 1; order < NODES; order++)
        for (int i = NODES - 1; i >= order; i--)
            v[i] = (v[i] - v[i - 1]) / (t[i] - t[i - order]);
    long double power[NODES] = {v[NODES - 1]};
    for (int i = NODES - 2; i >= 0; i--) {
        for (int k = NODES - 1; k > 0; k--)
            power[k] = power[k - 1] - power[k] * t[i];
        power[0] = v[i] - power[0] * t[i];
    }
    for (int k = 0; k < NODES; k++)
        c[k] = (double)power[k];
}

static double horner(const double c[NODES], double t) {
    double sum = c[NODES - 1];
    for (int k = NODES - 2; k >= 0; k--)
        sum = sum * t + c[k];
    return sum;
}

/* The error that floats of the piece may have: REFERENCE_ULPS of the least |f| there, which is
 * bounded from below by the polynomial at the middles of SLICES parts and its greatest slope. */
#define SLICES 32
static double tolerance(const double c[NODES]) {
    double slope = 0, least = INFINITY;
    for (int k = 1; k < NODES; k++)
        slope += k * fabs(c[k]);
    for (int i = 0; i < SLICES; i++)
        least = fmin(least, fabs(horner(c, (2 * i + 1.0) / SLICES - 1)));
    least -= slope / SLICES;
    if (!(least > 0x1p-126)) return REFERENCE_ULPS * LEAST;
    return REFERENCE_ULPS * ldexp(1, (least > 0x1p127 ? 127 : ilogb(least)) - 23);
}

/* Whether a and b are both no number, nothing promised, both 2^129 and more, or both tiny; and of
 * one sign. */
static bool is_alike(long double a, long double b) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    if (a == REFERENCE_NOTHING || b == REFERENCE_NOTHING) return a == b;
    if ((a < 0) != (b < 0)) return false;
    if (fabsl(a) >= 0x1p129L) return fabsl(b) >= 0x1p129L;
    return fabsl(a) == TINY && a == b;
}

/* Whether all that was seen of f is alike, so that its digits do not matter. */
static bool is_plain(const long double v[NODES], long double left, long double right) {
    bool plain = is_alike(v[0], left) && is_alike(v[0], right);
    for (int i = 1; i < NODES; i++)
        plain = plain && is_alike(v[0], v[i]);
    return plain;
}

/* Fits p; false if it misses. */
static bool fit(struct fitter *w, struct piece *p) {
    const long double pi = 3.14159265358979323846L;
    long double t[NODES], v[NODES];
    const long double left = value_at(w, p->first, 0), right = value_at(w, p->first, p->count - 1);
    for (int i = 0; i < NODES; i++) {
        t[i] = cosl((2 * i + 1) * pi / (2 * NODES));
        v[i] = value_at(w, p->first, steps_of(p->count, &t[i]));
    }
    p->scale = 2.0 / (p->count - 1);
    memset(p->c, 0, sizeof p->c);
    p->c[0] = (double)v[0];
    if (is_plain(v, left, right)) return true;
    double sum = 0;
    interpolate(t, v, p->c);
    for (int k = 0; k < NODES; k++)
        sum += fabs(p->c[k]);
    const double allowed =
        (tolerance(p->c) - ROUNDS * sum) / 2; /* half: there may be more between */
    bool good = fabsl(left - horner(p->c, -1)) <= allowed;
    good = good && fabsl(right - horner(p->c, 1)) <= allowed;
    for (int i = 1; i < NODES && good; i++) {
        long double between = cosl(i * pi / NODES);
        const long double exact = value_at(w, p->first, steps_of(p->count, &between));
        good = fabsl(exact - horner(p->c, (double)between)) <= allowed; /* false for NaN */
    }
    return good;
}

/* ---- Pieces ---------------------------------------------------------------------------------- */

static bool append(struct fitter *w, const struct piece *p) {
    if (w->count == w->room) {
        const size_t room = w->room ? 2 * w->room : 64;
        struct piece *grown = realloc(w->list, room * sizeof *grown);
        if (!grown) return false;
        w->list = grown;
        w->room = room;
    }
    w->list[w->count++] = *p;
    return true;
}

/* The floats from first on; halves where a fit misses. */
static bool cover(struct fitter *w, uint32_t first, uint32_t count) {
    struct piece p = {.first = first, .count = count};
    if (count <= PIECE_TERMS) {
        for (uint32_t i = 0; i < count; i++) {
            float x;
            const uint32_t bits = first + i;
            memcpy(&x, &bits, sizeof x);
            mpfr_set_flt(w->x, x, MPFR_RNDN); /* a zero keeps its sign */
            p.c[i] = (double)oracle_at(w, w->x);
        }
        return append(w, &p);
    }
    if (fit(w, &p)) return append(w, &p);
    const uint32_t half = count / 2;
    return cover(w, first, half) && cover(w, first + half, count - half);
}

bool piece_fit_range(const struct function *f, uint32_t first, uint32_t last, struct piece **list,
                     size_t *count) {
    struct fitter w = {.f = f, .list = *list, .count = *count, .room = *count};
    mpfr_init2(w.x, 64);
    mpfr_init2(w.value, bits_for(f, first));
    bool good = true;
    if ((first & 0x7fffffff) == 0) good = cover(&w, first, 1); /* zero apart: kinks are there */
    first += (first & 0x7fffffff) == 0;
    if (first <= last) good = good && cover(&w, first, last - first + 1);
    mpfr_clears(w.x, w.value, (mpfr_ptr)NULL);
    *list = w.list;
    *count = w.count;
    return good;
}

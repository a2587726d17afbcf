/* reference.c: builds the pieces of all binades, in threads, and puts them in order. */
#include "reference_piece.h"
#include "oracle.h"
#include "reference_evaluate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <threads.h>

#define BINADES     510 /* finite floats: 255 of either sign */
#define MAX_THREADS 64

/* ---- Building -------------------------------------------------------------------------------- */

struct binade {
    struct piece *pieces;
    size_t count;
};

/* What the building threads share. */
struct builder {
    const struct function *f;
    uint32_t first, last;
    struct binade binades[BINADES];
    reference_progress progress;
    void *user;
    atomic_uint next, done;
    atomic_bool stopped;
};

static uint32_t binade_start(unsigned index) {
    return (uint32_t)(index / 255) << 31 | (uint32_t)(index % 255) << 23;
}

/* Fits what is wanted of a binade and not computed directly. */
static bool build_binade(struct builder *b, unsigned index) {
    uint32_t first = binade_start(index), last = first + 0x7fffff;
    const uint32_t sign = first & 0x80000000u;
    if (last > sign + b->f->direct - 1) last = sign + b->f->direct - 1;
    if (first < b->first) first = b->first;
    if (last > b->last) last = b->last;
    if (first > last) return true;
    return piece_fit_range(b->f, first, last, &b->binades[index].pieces, &b->binades[index].count);
}

/* Builds the next binade; false if none is left or all has been stopped. */
static bool build_next(struct builder *b) {
    const unsigned index = atomic_fetch_add(&b->next, 1);
    if (index >= BINADES || atomic_load(&b->stopped)) return false;
    if (!build_binade(b, index)) atomic_store(&b->stopped, true);
    atomic_fetch_add(&b->done, 1);
    return true;
}

static int build_in_thread(void *builder) {
    while (build_next(builder))
        continue;
    mpfr_free_cache();
    return 0;
}

/* This thread builds too; fewer threads than asked for only take longer. */
static bool build(struct builder *b, unsigned threads) {
    thrd_t others[MAX_THREADS];
    unsigned started = 0;
    if (!mpfr_buildopt_tls_p()) threads = 1;
    while (started + 1 < threads && started < MAX_THREADS &&
           thrd_create(&others[started], build_in_thread, b) == thrd_success)
        started++;
    while (build_next(b))
        if (b->progress && !b->progress(b->user, atomic_load(&b->done), BINADES))
            atomic_store(&b->stopped, true);
    while (started > 0)
        thrd_join(others[--started], NULL);
    return !atomic_load(&b->stopped);
}

/* ---- The reference --------------------------------------------------------------------------- */

static bool gather(reference *r, const struct builder *b) {
    size_t total = 0;
    for (int i = 0; i < BINADES; i++)
        total += b->binades[i].count;
    r->pieces = malloc((total ? total : 1) * sizeof *r->pieces);
    if (!r->pieces) return false;
    for (int i = 0; i < BINADES; i++)
        for (size_t k = 0; k < b->binades[i].count; k++)
            r->pieces[r->count++] = b->binades[i].pieces[k];
    return true;
}

static double value_at_infinity(const reference_spec *s, double infinity) {
    double value = REFERENCE_NOTHING;
    bool promised = true;
    mpfr_t r;
    mpfr_init2(r, ORACLE_BITS);
    if (s->backward)
        promised =
            oracle_expect_backward(r, s->activation, s->params, s->saved, infinity, 1, CLACT_F32);
    else
        oracle_expect_forward(r, s->activation, s->params, infinity);
    if (promised) value = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clear(r);
    return value;
}

reference *reference_create(const reference_spec *spec, reference_progress progress, void *user) {
    reference *r = calloc(1, sizeof *r);
    struct builder *b = calloc(1, sizeof *b);
    bool good = r && b;
    if (good) {
        r->f = (struct function){.activation = spec->activation,
                                 .backward = spec->backward,
                                 .saved = spec->saved,
                                 .params = {spec->params[0], spec->params[1]}};
        r->f.direct = direct_bound(&r->f);
        r->limits[0] = value_at_infinity(spec, -INFINITY);
        r->limits[1] = value_at_infinity(spec, INFINITY);
        b->f = &r->f;
        b->first = spec->first;
        b->last = spec->last;
        b->progress = progress;
        b->user = user;
        good = build(b, spec->threads) && gather(r, b);
    }
    for (int i = 0; b && i < BINADES; i++)
        free(b->binades[i].pieces);
    free(b);
    if (!good) {
        reference_destroy(r);
        r = NULL;
    }
    return r;
}

void reference_destroy(reference *r) {
    if (r) free(r->pieces);
    free(r);
}

size_t reference_size(const reference *r) {
    return r->count;
}

/* ---- Evaluation ------------------------------------------------------------------------------ */

/* The last piece that begins at or before bits. */
static size_t find(const reference *r, uint32_t bits) {
    size_t low = 0, high = r->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (r->pieces[middle].first <= bits)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* From pieces; all are there. */
static void evaluate_pieces(const reference *r, uint32_t first, size_t count, double *values) {
    for (const struct piece *p = r->pieces + find(r, first); count > 0; p++) {
        const uint32_t skipped = first - p->first;
        const size_t here = p->count - skipped < count ? p->count - skipped : count;
        if (p->count <= PIECE_TERMS)
            for (size_t i = 0; i < here; i++)
                values[i] = p->c[skipped + i];
        else
            piece_evaluate(p, skipped, here, values);
        values += here;
        first += (uint32_t)here;
        count -= here;
    }
}

/* How many of `count` floats from `first` on are finite and on one side of the direct bound. */
static size_t run_length(const reference *r, uint32_t first, size_t count) {
    const uint32_t magnitude = first & 0x7fffffffu;
    const uint32_t end = magnitude < r->f.direct ? r->f.direct : 0x7f800000u;
    return end - magnitude < count ? end - magnitude : count;
}

void reference_evaluate(const reference *r, uint32_t first, size_t count, double *values) {
    while (count > 0) {
        const uint32_t magnitude = first & 0x7fffffffu;
        size_t here = 1;
        if (magnitude >= 0x7f800000u) {
            *values = magnitude > 0x7f800000u ? NAN : r->limits[first >> 31 ? 0 : 1];
        } else {
            here = run_length(r, first, count);
            if (magnitude < r->f.direct)
                evaluate_pieces(r, first, here, values);
            else
                direct_evaluate(&r->f, first, here, values);
        }
        values += here;
        first += (uint32_t)here;
        count -= here;
    }
}

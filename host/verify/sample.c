/* sample.c: stratified inputs, from special values to every binade. */
#include "sample.h"
#include "half.h"
#include "oracle.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is being filled. A failed allocation ends the filling; values is then NULL. */
struct list {
    const sample_spec *spec;
    int num_params;
    bool wide; /* float64 */
    void *values;
    size_t count, room;
    bool failed;
    uint64_t random;
};

size_t sample_size(clact_dtype dtype) {
    return dtype == CLACT_F64 ? 8 : dtype == CLACT_F32 ? 4 : 2;
}

/* ---- Places that need a closer look ---------------------------------------------------------- */

/* Zeros of f or f' that are no inputs, for the default parameters; x a = place for others. */
static const struct {
    clact_activation act;
    double at;
} places[] = {
    {CLACT_ACT_SILU, -1.2784645427610738},
    {CLACT_ACT_SWISH, -1.2784645427610738},
    {CLACT_ACT_QUICK_GELU, -0.75115425544129},
    {CLACT_ACT_GELU, -0.7517915246935645},
    {CLACT_ACT_GELU_TANH, -0.7524614220710163},
    {CLACT_ACT_MISH, -1.1924312145154952},
    {CLACT_ACT_LOG, 1.0},
    {CLACT_ACT_SINE, 1.5707963267948966},
    {CLACT_ACT_SINE, 3.1415926535897932},
    {CLACT_ACT_SINE, -4.7123889803846899},
    {CLACT_ACT_SINE, 6.2831853071795865},
    {CLACT_ACT_SNAKE, -0.78539816339744831},
    {CLACT_ACT_SNAKE, 2.3561944901923449},
    {CLACT_ACT_SNAKE, -3.9269908169872415},
};

/* The floats, and the doubles, nearest to multiples of pi / 2 for the spacing of floats there (all
 * of them were tried), and in absolute terms (by continued fractions for every exponent); half of
 * one is as near to a zero of snake'. */
static const double near_quarter_turns_f32[] = {0x1.f37c8ap+95, 0x1.47d0fep+34, 0x1.f37c8ap+96,
                                                0x1.47d0fep+35, 0x1.f9cbe2p+7,  0x1.32ede2p+85,
                                                0x1.628d4cp+40, 0x1.13093p+76,  0x1.b08c4ap+111};
static const double near_quarter_turns_f64[] = {
    0x1.6ac5b262ca1ffp+849, 0x1.6c6cbc45dc8dep+5,   0x1.6c6cbc45dc8dep+6,   0x1.b951f1572eba5p+23,
    0x1.504cac51f1eafp+131, 0x1.e009c53148be1p+991, 0x1.4c96c11134d36p+577, 0x1.cfe482285f8edp+860,
    0x1.782b7a20df6d4p+67,  0x1.66bd5424e5655p+90,  0x1.61a3db8c8d129p+1021};

/* ---- Values ---------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += SAMPLE_SEED;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In [0, 1). */
static double random_unit(struct list *l) {
    return (double)(next_random(&l->random) >> 11) * 0x1p-53;
}

/* Adds value, rounded to the type. */
static void add(struct list *l, double value) {
    const size_t size = l->wide ? sizeof(double) : sizeof(float);
    if (l->count == l->room && !l->failed) {
        const size_t room = l->room ? 2 * l->room : 4096;
        void *grown = realloc(l->values, room * size);
        l->failed = grown == NULL;
        if (grown) {
            l->values = grown;
            l->room = room;
        }
    }
    if (l->failed) return;
    const float narrow = (float)value;
    memcpy((char *)l->values + l->count++ * size,
           l->wide ? (const void *)&value : (const void *)&narrow, size);
}

static void add_both(struct list *l, double value) {
    add(l, value);
    add(l, -value);
}

/* The numbers beside place, then ever farther ones. */
static void look_around(struct list *l, double place, int steps) {
    if (!isfinite(place)) return;
    double up = l->wide ? place : (double)(float)place, down = up;
    add(l, up);
    for (int i = 0; i < steps; i++) {
        up = l->wide ? nextafter(up, INFINITY) : (double)nextafterf((float)up, INFINITY);
        down = l->wide ? nextafter(down, -INFINITY) : (double)nextafterf((float)down, -INFINITY);
        add(l, up);
        add(l, down);
    }
    for (int k = 1; k < (l->wide ? 53 : 24); k++) {
        const double distance = ldexp(place != 0 ? place : 1, -k);
        add(l, place + distance);
        add(l, place - distance);
    }
}

/* ---- Strata ---------------------------------------------------------------------------------- */

static void visit_specials(struct list *l) {
    static const double values[] = {0.0, 0x1p-149, 0x1.fffffcp-127, 0x1p-126, 1.0,    2.0,
                                    0.5, FLT_MAX,  INFINITY,        0x1p64,   0x1p63, NAN};
    static const double wide_values[] = {
        0x1p-1074, 0x1.ffffffffffffep-1023, DBL_MIN, DBL_MAX, 0x1p512, 0x1p511, 0x1p-537, 0x1p-511};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        add_both(l, values[i]);
    for (size_t i = 0; l->wide && i < sizeof wide_values / sizeof *wide_values; i++)
        add_both(l, wide_values[i]);
    float kinks[CLACT_MAX_KINKS];
    double limits[4];
    const size_t count = clact_activation_kinks(l->spec->activation, l->spec->params, kinks);
    for (size_t i = 0; i < count; i++)
        look_around(l, (double)kinks[i], 16);
    oracle_limits(l->spec->activation, l->spec->params, limits);
    for (size_t i = 0; i < 2 && l->spec->backward && l->spec->saved == CLACT_SAVED_Y; i++)
        look_around(l, limits[i], 64);
}

static void visit_quarter_turns(struct list *l, const double *turns, size_t count) {
    const double scale = l->spec->activation == CLACT_ACT_SINE ? 1 : 0.5;
    for (size_t i = 0; i < count; i++)
        add_both(l, scale * turns[i]);
}

static void visit_places(struct list *l) {
    const clact_activation act = l->spec->activation;
    const double scale = l->num_params > 0 ? (double)l->spec->params[0] : 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].act == act && scale != 0) {
            look_around(l, places[i].at / scale, 64);
            for (int k = 0; k < 600; k++) { /* from a distance of 1 to one of 2^-20 */
                const double side = k % 2 ? 1 : -1, length = ldexp(random_unit(l), -k / 30);
                add(l, (places[i].at + side * length) / scale);
            }
        }
    if (act != CLACT_ACT_SINE && act != CLACT_ACT_SNAKE) return;
    visit_quarter_turns(l, near_quarter_turns_f32,
                        sizeof near_quarter_turns_f32 / sizeof *near_quarter_turns_f32);
    if (l->wide)
        visit_quarter_turns(l, near_quarter_turns_f64,
                            sizeof near_quarter_turns_f64 / sizeof *near_quarter_turns_f64);
}

/* Every binade of both signs, its ends and mantissas - 2 others; subnormals of every length. */
static void visit_binades(struct list *l) {
    const int digits = l->wide ? 53 : 24, least = l->wide ? -1022 : -126;
    const uint64_t mask = (UINT64_C(1) << (digits - 1)) - 1;
    for (int exponent = least - 1; exponent <= (l->wide ? 1023 : 127); exponent++) {
        const bool subnormal = exponent<least, sparse = abs(exponent)> 160;
        for (unsigned i = 0; i < (sparse ? 2 : l->spec->mantissas); i++) {
            const uint64_t low = i == 0 ? 0 : i == 1 ? mask : next_random(&l->random) & mask;
            const double part = (double)(low | (subnormal ? 0 : mask + 1));
            add_both(l, ldexp(part, (subnormal ? least : exponent) - (digits - 1)));
        }
    }
    for (int bits = 1; bits < digits; bits++) {
        const uint64_t low = next_random(&l->random) & ((UINT64_C(1) << bits) - 1);
        add_both(l, ldexp((double)low, least - (digits - 1)));
    }
}

/* f(x), well enough to be one of the values f takes. */
static double image(const struct list *l, double x) {
    mpfr_t y;
    mpfr_init2(y, l->wide ? 128 : 64);
    oracle_expect_forward(y, l->spec->activation, l->spec->params, x);
    const double value = l->wide ? mpfr_get_d(y, MPFR_RNDN) : (double)mpfr_get_flt(y, MPFR_RNDN);
    mpfr_clear(y);
    return value;
}

/* [-20, 20] and a quarter as densely [-160, 160] evenly, also shrunk and stretched by the first
 * parameter; every other y is a value of f itself. */
static void visit_middle(struct list *l) {
    const double a = l->num_params > 0 ? fabs((double)l->spec->params[0]) : 1;
    const double scales[3] = {1, a != 0 ? 1 / a : 1, a};
    const unsigned count = l->spec->middle;
    for (unsigned i = 0; i < count; i++) {
        const double width = i % 5 == 4 ? 320 : 40;
        const double x = width * ((i + random_unit(l)) / count - 0.5);
        const double scaled = x * scales[a == 1 ? 0 : i / 2 % 3];
        const double input = l->wide ? scaled : (double)(float)scaled;
        const bool is_y = l->spec->backward && l->spec->saved == CLACT_SAVED_Y;
        add(l, is_y && i % 2 ? image(l, input) : input);
    }
}

/* ---- The public two -------------------------------------------------------------------------- */

static uint16_t *all_codes(size_t *count) {
    uint16_t *codes = malloc(65536 * sizeof *codes);
    for (uint32_t i = 0; codes && i < 65536; i++)
        codes[i] = (uint16_t)i;
    *count = codes ? 65536 : 0;
    return codes;
}

void *sample_create(const sample_spec *spec, size_t *count) {
    if (sample_size(spec->dtype) == 2) return all_codes(count);
    struct list l = {.spec = spec, .wide = spec->dtype == CLACT_F64, .random = SAMPLE_SEED};
    clact_activation_info info = {0};
    clact_activation_query(spec->activation, &info);
    l.num_params = info.num_params;
    visit_specials(&l);
    visit_places(&l);
    visit_binades(&l);
    visit_middle(&l);
    if (l.failed) {
        free(l.values);
        l.values = NULL;
    }
    *count = l.failed ? 0 : l.count;
    return l.values;
}

void sample_gradients(clact_dtype dtype, void *dy, size_t count) {
    static const int least[] = {-149, -24, -133, -1074}, greatest[] = {127, 15, 127, 20};
    uint64_t random = ~SAMPLE_SEED;
    for (size_t i = 0; i < count; i++) {
        const uint64_t r = next_random(&random);
        const int middle = dtype == CLACT_F16 ? 10 : 90;
        const int low = i % 3 ? -middle : least[dtype], high = i % 3 ? middle : greatest[dtype];
        const int exponent = low + (int)((r >> 32) % (unsigned)(high - low + 1));
        const double part = dtype == CLACT_F64 ? (double)(next_random(&random) >> 12) * 0x1p-52
                                               : (double)(r & 0x7fffff) * 0x1p-23;
        const double size = ldexp(1 + part, exponent);
        const double value = r >> 63 ? -size : size;
        const float narrow = (float)value;
        if (dtype == CLACT_F64) ((double *)dy)[i] = value;
        if (dtype == CLACT_F32) ((float *)dy)[i] = narrow;
        if (dtype == CLACT_F16) ((uint16_t *)dy)[i] = half_from_float(narrow);
        if (dtype == CLACT_BF16) ((uint16_t *)dy)[i] = bfloat_from_float(narrow);
    }
}

/* known_answers.c: writes host/core/known_answers.def, the inputs of the self-test and what the C
 * build gives for them.
 *
 *   known_answers          prints the file
 *   known_answers FILE     exits 1 if FILE differs from it
 *
 * After a change of the mathematics: cmake --build BUILD --target update_known_answers
 */
#include "elementary_build.h"
#include "splitmix.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 64, PROBES = 32 };

static const char *const names[] = {
#define SELF_TEST(name, expression) #name,
#include "self_test.def"
};

/* ---- The inputs of one row ------------------------------------------------------------------- */

typedef struct inputs {
    float of[COLUMNS][3];
    int count, numbers; /* numbers: how many the row reads */
    uint64_t random;
} inputs;

static void add(inputs *in, float a, float b, float c) {
    if (in->count == COLUMNS) return;
    float *to = in->of[in->count++];
    to[0] = a;
    to[1] = b;
    to[2] = c;
}

/* +-2^e m with e evenly in [least, most] and m in [1, 2) */
static float spread(inputs *in, int least, int most) {
    const int e = least + (int)(splitmix(&in->random) % (unsigned)(most - least + 1));
    const double m = 1.0 + splitmix_unit(&in->random);
    return (float)ldexp(splitmix(&in->random) & 1 ? -m : m, e);
}

/* ---- Functions of one number ----------------------------------------------------------------- */

/* Where a function changes its way: the ends of reductions, clamps and limits; beside them, evenly
 * in [low, high] and in the binades from 2^least to 2^most. */
typedef struct places {
    elementary row;
    bool positive; /* for finite numbers above 0 only */
    float edges[10];
    double low, high;
    int least, most;
} places;

static const places functions[] = {
    {ELEMENTARY_square_root,
     true,
     {1.0f, 2.0f, 4.0f, 3.0f, 0x1p-125f, 0x1p-124f, 0x1p126f},
     0.0,
     100.0,
     -149,
     127},
    {ELEMENTARY_exp,
     false,
     {0.34657359f, -0.34657359f, 1.0397208f, 88.722839f, -87.25f, -94.0f, -103.97208f, -0x1p-26f},
     -100.0,
     88.0,
     -30,
     7},
    {ELEMENTARY_expm1,
     false,
     {0.34657359f, -0.34657359f, 1.0397208f, 18.0f, -17.3f, -60.0f, 88.722839f, 0x1p-25f,
      -0x1p-25f},
     -20.0,
     88.0,
     -30,
     5},
    {ELEMENTARY_log,
     false,
     {1.0f, 1.5f, 0.75f, 3.0f, 0x1p-125f, 0.5f, -1.0f},
     0.0,
     10.0,
     -149,
     127},
    {ELEMENTARY_log1p,
     false,
     {-1.0f, -0.25f, 0.5f, 2.0f, 0x1p-25f, -0x1p-25f, 0x1p24f},
     -1.0,
     10.0,
     -30,
     127},
    {ELEMENTARY_tanh,
     false,
     {0x1p-13f, -0x1p-13f, 0.1732868f, -0.5198604f, 0.5f, 9.0109f, -12.0f},
     -9.5,
     9.5,
     -20,
     4},
    {ELEMENTARY_erf,
     false,
     {0.75f, -0.75f, 0x1p-30f, 1.0f, -3.9192059f, 10.3f, 0.3f},
     -4.0,
     4.0,
     -30,
     3},
    {ELEMENTARY_erfc,
     false,
     {0.75f, -0.75f, 1.0f, -3.8325f, 9.1f, 9.6f, 10.0545f, 10.3f, 0x1p-26f},
     -4.0,
     10.5,
     -20,
     3},
    {ELEMENTARY_sine,
     false,
     {0x1p-13f, 0.78539816f, 1.5707964f, 2.3561945f, -3.1415927f, 6.2831855f, 0x1.f37c8ap+95f,
      -0x1.47d0fep+34f, 0x1.f9cbe2p+7f},
     -50.0,
     50.0,
     -20,
     127},
};

static void choose_of_one(inputs *in, const places *p) {
    static const float specials[] = {0.0f,      -0.0f,           INFINITY, -INFINITY, NAN,
                                     0x1p-149f, -0x1.9abcp-130f, FLT_MAX,  -FLT_MAX};
    in->numbers = 1;
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (!p->positive || (specials[i] > 0.0f && isfinite(specials[i])))
            add(in, specials[i], 0.0f, 0.0f);
    for (int i = 0; i < 10 && p->edges[i] != 0.0f; i++) {
        add(in, nextafterf(p->edges[i], -INFINITY), 0.0f, 0.0f);
        add(in, p->edges[i], 0.0f, 0.0f);
        add(in, nextafterf(p->edges[i], INFINITY), 0.0f, 0.0f);
    }
    while (in->count < COLUMNS) {
        const double part = splitmix_unit(&in->random);
        float x = (float)(p->low + part * (p->high - p->low));
        if (in->count % 2) x = spread(in, p->least, p->most);
        add(in, p->positive ? fabsf(x) : x, 0.0f, 0.0f);
    }
}

/* ---- Operations on two and three numbers ----------------------------------------------------- */

static void choose_quotients(inputs *in) {
    static const float pairs[][2] = {{1.0f, 3.0f},
                                     {-2.0f, 3.0f},
                                     {1.0f, -0.0f},
                                     {0.0f, 0.0f},
                                     {-0.0f, 5.0f},
                                     {INFINITY, -2.0f},
                                     {3.0f, -INFINITY},
                                     {INFINITY, INFINITY},
                                     {NAN, 1.0f},
                                     {1.0f, NAN},
                                     {FLT_MAX, 0.5f},
                                     {FLT_MAX, FLT_MAX},
                                     {0x1p-149f, 0x1p-149f},
                                     {1.0f, 0x1p-149f},
                                     {0x1p-149f, 2.0f},
                                     {0x1.8p-100f, 0x1p30f},
                                     {0x1p-120f, -0x1p29f},
                                     {-0x1p-120f, 10.0f},
                                     {0x1.fffffep0f, 1.0f},
                                     {1.0f, 0x1.fffffep0f},
                                     {1.0f, 0x1.000002p0f},
                                     {7.0f, FLT_MAX},
                                     {0x1.8p-127f, 0.3f},
                                     {1.0f, 10.0f}};
    static const int reach[] = {3, 30, 60};
    in->numbers = 2;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        add(in, pairs[i][0], pairs[i][1], 0.0f);
    while (in->count < COLUMNS) {
        const int e = reach[in->count % 3];
        const float n = spread(in, -e, e);
        add(in, n, spread(in, -e, e), 0.0f);
    }
}

/* Into and out of the subnormal range, each so that zero comes out where it is flushed. */
static void choose_products(inputs *in) {
    static const float pairs[][2] = {
        {0x1p-127f, 1.0f},         {-0x1p-127f, 1.0f},   {0x1p-149f, 1.0f},
        {0x1p-126f, 0.5f},         {0x1p-126f, -0.25f},  {0x1.fffffcp-127f, 2.0f},
        {0x1.fffffcp-127f, -1.0f}, {0x1p-149f, 0x1p60f}, {3.0f, 7.0f},
        {FLT_MAX, 2.0f},           {-0.0f, 5.0f},        {INFINITY, -3.0f}};
    in->numbers = 2;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        add(in, pairs[i][0], pairs[i][1], 0.0f);
    while (in->count < PROBES) {
        const int kind = in->count % 4; /* normal; subnormal to normal; to subnormal; within */
        const float a = kind % 2 ? spread(in, -148, -128) : spread(in, -80, -66);
        const float b = kind == 0   ? spread(in, 0, 60)
                        : kind == 1 ? spread(in, 40, 90)
                        : kind == 2 ? spread(in, -64, -62)
                                    : spread(in, -1, 0);
        add(in, a, b, 0.0f);
    }
}

static void choose_sums(inputs *in) {
    in->numbers = 2;
    add(in, 0x1p-127f, 0.0f, 0.0f);
    add(in, -0x1p-149f, 0.0f, 0.0f);
    add(in, 0x1p-149f, 0x1p-149f, 0.0f);
    add(in, 0x1p-127f, 0x1p-127f, 0.0f); /* subnormals to a normal number */
    add(in, -0x1p-127f, -0x1.8p-127f, 0.0f);
    add(in, 0x1.8p-126f, -0x1p-126f, 0.0f); /* normal numbers to a subnormal one */
    add(in, 0x1.fffffep-126f, -0x1.fffffcp-126f, 0.0f);
    add(in, 0x1.000002p-120f, -0x1p-120f, 0.0f);
    add(in, 1.0f, 0x1p-24f, 0.0f); /* ties */
    add(in, 0x1.000002p0f, 0x1p-24f, 0.0f);
    add(in, FLT_MAX, FLT_MAX, 0.0f);
    add(in, INFINITY, -INFINITY, 0.0f);
    while (in->count < PROBES) {
        const float a = spread(in, -3, 20);
        add(in, a, spread(in, -20, 20), 0.0f);
    }
}

/* What one rounding instead of two would give */
static float fused(elementary row, float a, float b, float c) {
    return row == ELEMENTARY_multiply_add        ? fmaf(a, b, c)
           : row == ELEMENTARY_multiply_subtract ? fmaf(a, b, -c)
                                                 : fmaf(-a, b, c);
}

/* Only where one rounding and two differ; every other one is what is left of a product. */
static void choose_contractions(inputs *in, elementary row) {
    in->numbers = 3;
    while (in->count < PROBES) {
        const float a = spread(in, -9, 9), b = spread(in, -9, 9), rounded = a * b;
        const float back = row == ELEMENTARY_multiply_add ? -rounded : rounded;
        const float c = in->count % 2 ? back : spread(in, -3, 3) * rounded;
        if (fused(row, a, b, c) != elementary_fast[row](a, b, c)) add(in, a, b, c);
    }
}

static void choose_fused(inputs *in) {
    static const float triples[][3] = {
        /* a tie but for the sum: an fma that rounds twice, to double first, falls for it */
        {0x1.001p0f, 0x1.001p0f, 0x1p-80f},
        {0x1.001p0f, 0x1.001p0f, -0x1p-80f},
        {-0x1.001p0f, 0x1.001p0f, 0x1p-60f},
        {0x1.001p40f, 0x1.001p-40f, 0x1.8p-40f},
        {0x1.000002p0f, 0x1p-24f, 1.0f},
        {0x1.fffffep-1f, 0x1p-24f, 1.0f},
        {0x1p127f, 2.0f, -0x1p127f},
        {-0x1p100f, 0x1p28f, FLT_MAX},
        {0x1.fffffep63f, 0x1.fffffep63f, -0x1.fffffcp127f},
        {3.0f, 5.0f, -15.0f},
        {0.0f, 5.0f, -0.0f},
        {INFINITY, 2.0f, -INFINITY},
        /* subnormal addends, products, results */
        {0x1p-63f, 0x1p-63f, 0x1p-149f},
        {0x1p-63f, 0x1p-63f, -0x1p-149f},
        {0x1.8p-60f, 0x1p-50f, 0x1.8p-130f},
        {0x1p-70f, 0x1p-70f, 0.0f},
        {0x1.2p-70f, -0x1.4p-70f, 0x1p-140f},
        {0x1p-126f, 0x1.8p0f, -0x1p-126f},
        {0x1.2345p-140f, 0x1p100f, 0x1p-60f},
        {0x1p-149f, 0x1p120f, 0x1.8p-30f},
        {0x1p-100f, 0x1p-30f, 0x1.fffffep-126f - 0x1p-126f},
        {0x1p-74f, 0x1p-76f, 0x1p-149f}};
    in->numbers = 3;
    for (size_t i = 0; i < sizeof triples / sizeof *triples; i++)
        add(in, triples[i][0], triples[i][1], triples[i][2]);
    while (in->count < COLUMNS) {
        const float a = spread(in, -30, 30), b = spread(in, -30, 30), rounded = a * b;
        add(in, a, b, in->count % 2 ? -rounded : spread(in, -25, 25) * rounded);
    }
}

static inputs choose(elementary row) {
    inputs in = {.random = 20 + (uint64_t)row};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].row == row) choose_of_one(&in, &functions[i]);
    if (row == ELEMENTARY_divide) choose_quotients(&in);
    if (row == ELEMENTARY_multiply) choose_products(&in);
    if (row == ELEMENTARY_add) choose_sums(&in);
    if (row == ELEMENTARY_fma) choose_fused(&in);
    if (in.count == 0) choose_contractions(&in, row);
    return in;
}

/* ---- The file -------------------------------------------------------------------------------- */

static uint32_t bits(float value) {
    uint32_t u = 0x7fc00000u; /* any NaN */
    if (value == value) memcpy(&u, &value, sizeof u);
    return u;
}

static void print_answer(FILE *out, const inputs *in, elementary row, int i) {
    const float *x = in->of[i];
    const float fast = elementary_fast[row](x[0], x[1], x[2]);
    const float accurate = elementary_accurate[row](x[0], x[1], x[2]);
    fprintf(out, "A%d(%08x,", in->numbers, bits(x[0]));
    for (int n = 1; n < in->numbers; n++)
        fprintf(out, "%08x,", bits(x[n]));
    if (in->numbers < 3) fprintf(out, "%08x,", bits(fast));
    fprintf(out, "%08x)", bits(accurate));
}

static void print_all(FILE *out) {
    fputs(
        "/* known_answers.def (L0): inputs of the self-test and what the C build gives for them.\n"
        " * Written by tests/known_answers.c; no include guard: define KNOWN, include, it is\n"
        " * undefined again.\n"
        " *\n"
        " * KNOWN(row of self_test.def, answers): bits of float32, the fast answer before the\n"
        " * accurate one; three numbers have the same in both. Any NaN stands as 7fc00000.\n"
        " */\n"
        "#define A1(a, fast, accurate) ANSWER(a, 00000000, 00000000, fast, accurate)\n"
        "#define A2(a, b, fast, accurate) ANSWER(a, b, 00000000, fast, accurate)\n"
        "#define A3(a, b, c, both) ANSWER(a, b, c, both, both)\n",
        out);
    for (int row = 0; row < ELEMENTARY_COUNT; row++) {
        const inputs in = choose((elementary)row);
        const int per_line = in.numbers == 1 ? 3 : 2;
        fprintf(out, "KNOWN(%s, %d", names[row], in.numbers);
        for (int i = 0; i < in.count; i++) {
            fputs(i % per_line ? ", " : ",\n    ", out);
            print_answer(out, &in, (elementary)row, i);
        }
        fputs(")\n", out);
    }
    fputs("#undef A1\n#undef A2\n#undef A3\n#undef KNOWN\n", out);
}

/* Whether the file holds exactly this text */
static bool same_text(const char *path, const char *text) {
    FILE *file = fopen(path, "r");
    if (!file) return false;
    bool same = true;
    for (; same && *text; text++)
        same = fgetc(file) == (unsigned char)*text;
    same = same && fgetc(file) == EOF;
    fclose(file);
    return same;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_all(stdout);
        return 0;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) return 1;
    print_all(memory);
    fclose(memory);
    const bool current = same_text(argv[1], text);
    free(text);
    if (current) return 0;
    printf("%s is not what the formulas give now; after a change of the mathematics, write it anew:"
           "\n  cmake --build BUILD --target update_known_answers\n",
           argv[1]);
    return 1;
}

/* test_elementary.c: the elementary functions of the headers, as C, are within their bounds of MPFR
 * in both tiers, for any argument; and the known answers that have no subnormal numbers about them
 * need none.
 *
 *   test_elementary                repeats all
 *   test_elementary NAME A [B]     one comparison
 */
#include "elementary_build.h"
#include "oracle.h"
#include "splitmix.h"

#include "core/known_answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#define SEED UINT64_C(20)
#define N    MPFR_RNDN

enum { TIERS = 2, REPORTS = 3, PRECISION = 200 };

static const char *const tier_names[TIERS] = {"fast", "accurate"};
static const double allowed[TIERS] = {4.0, 1.0}; /* elementary.h */
static const elementary_function *const builds[TIERS] = {elementary_fast, elementary_accurate};

/* ---- What they should be --------------------------------------------------------------------- */

/* r = what row gives at a (and b), in MPFR's own words */
static void expect(mpfr_ptr r, elementary row, float a, float b) {
    mpfr_t x;
    mpfr_init2(x, 24);
    mpfr_set_flt(x, a, N);
    switch (row) {
    case ELEMENTARY_divide:
        mpfr_set_flt(r, b, N);
        mpfr_div(r, x, r, N);
        break;
    case ELEMENTARY_square_root:
        mpfr_sqrt(r, x, N);
        break;
    case ELEMENTARY_exp:
        mpfr_exp(r, x, N);
        break;
    case ELEMENTARY_expm1:
        mpfr_expm1(r, x, N);
        break;
    case ELEMENTARY_log:
        mpfr_log(r, x, N);
        break;
    case ELEMENTARY_log1p:
        mpfr_log1p(r, x, N);
        break;
    case ELEMENTARY_tanh:
        mpfr_tanh(r, x, N);
        break;
    case ELEMENTARY_erf:
        mpfr_erf(r, x, N);
        break;
    case ELEMENTARY_erfc:
        mpfr_erfc(r, x, N);
        break;
    case ELEMENTARY_sine:
        mpfr_sin(r, x, N);
        break;
    default:
        mpfr_set_nan(r);
    }
    mpfr_clear(x);
}

/* ---- One row --------------------------------------------------------------------------------- */

typedef struct subject {
    elementary row;
    uint64_t random;
    long samples, failures[TIERS];
    double worst[TIERS];
    float worst_at[TIERS][2];
    bool verbose;
    mpfr_t want;
} subject;

static void compare(subject *s, float a, float b) {
    if (s->row == ELEMENTARY_square_root && !(a > 0.0f && a < INFINITY)) return;
    expect(s->want, s->row, a, b);
    s->samples++;
    for (int tier = 0; tier < TIERS; tier++) {
        const float got = builds[tier][s->row](a, b, 0.0f);
        const double ulps = oracle_ulps(got, s->want, CLACT_F32);
        const bool wrong_sign = got == 0.0f && !signbit(got) != !mpfr_signbit(s->want);
        const bool failed = !(ulps <= allowed[tier]) || wrong_sign;
        if (!(ulps <= s->worst[tier])) {
            s->worst[tier] = ulps;
            s->worst_at[tier][0] = a;
            s->worst_at[tier][1] = b;
        }
        if (s->verbose || (failed && s->failures[tier] < REPORTS))
            printf("%s %s: input %a %a got %a want %a, %.4g ulps (allowed %g)%s\n"
                   "  repeat: test_elementary %s %a %a\n",
                   known[s->row].name, tier_names[tier], (double)a, (double)b, (double)got,
                   mpfr_get_d(s->want, N), ulps, allowed[tier],
                   wrong_sign ? ", the sign of the zero is wrong" : "", known[s->row].name,
                   (double)a, (double)b);
        s->failures[tier] += failed;
    }
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Beside `place`, on both sides and of both signs */
static void look_around(subject *s, double place) {
    const float x = (float)place;
    compare(s, x, 0.0f);
    compare(s, -x, 0.0f);
    compare(s, nextafterf(x, INFINITY), 0.0f);
    compare(s, nextafterf(x, -INFINITY), 0.0f);
}

/* What the self-test asks, every binade of both signs, the middle, the ends of the reductions by
 * ln 2 and pi / 2. */
static void visit_all(subject *s) {
    for (size_t i = 0; i < known[s->row].count; i++) {
        const uint32_t *input = known[s->row].answers[i].input;
        compare(s, float_of(input[0]), float_of(input[1]));
    }
    if (s->row == ELEMENTARY_divide) {
        for (int i = 0; i < 20000; i++) { /* half of the quotients stay in range */
            const uint32_t n = (uint32_t)splitmix(&s->random), d = (uint32_t)splitmix(&s->random);
            const uint32_t near = (d & 0x807fffffu) | ((n & 0x7f800000u) ^ (d & 0x0f800000u));
            compare(s, float_of(n), float_of(i % 2 ? near : d));
        }
        return;
    }
    for (uint32_t exponent = 0; exponent < 255; exponent++)
        for (int i = 0; i < 16; i++) {
            const uint32_t low = i == 0   ? 0
                                 : i == 1 ? 0x7fffff
                                          : (uint32_t)splitmix(&s->random) & 0x7fffff;
            compare(s, float_of(exponent << 23 | low), 0.0f);
            compare(s, float_of(0x80000000u | exponent << 23 | low), 0.0f);
        }
    for (int i = 0; i < 9000; i++) {
        const double width = i % 3 == 2 ? 220.0 : 24.0;
        compare(s, (float)(width * ((i + splitmix_unit(&s->random)) / 9000 - 0.5)), 0.0f);
    }
    for (int i = 1; i < 320; i++) {
        look_around(s, i * 0.34657359027997264);
        look_around(s, i * 0.78539816339744831);
    }
}

static void is_within_its_bound(void **state) {
    subject *s = *state;
    s->random = SEED + (uint64_t)s->row;
    visit_all(s);
    printf("%-12s %6ld", known[s->row].name, s->samples);
    for (int tier = 0; tier < TIERS; tier++)
        printf("  %s %.4f at %a", tier_names[tier], s->worst[tier], (double)s->worst_at[tier][0]);
    puts("");
    assert_true(s->samples > 8000);
    assert_int_equal(s->failures[0], 0);
    assert_int_equal(s->failures[1], 0);
}

/* ---- Known answers --------------------------------------------------------------------------- */

/* On a processor told to take subnormal numbers for 0, also on the way. */
static void answers_without_subnormals_need_none(void **state) {
    (void)state;
#if defined(__x86_64__)
    long wrong = 0;
    for (int row = 0; row < KNOWN_ROWS; row++)
        for (size_t i = 0; i < known[row].count; i++)
            for (int tier = 0; tier < TIERS; tier++) {
                const known_answer *answer = &known[row].answers[i];
                const uint32_t *in = answer->input;
                if (known_has_subnormals(answer)) continue;
                const unsigned before = _mm_getcsr();
                _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zero */
                const float got =
                    builds[tier][row](float_of(in[0]), float_of(in[1]), float_of(in[2]));
                _mm_setcsr(before);
                uint32_t bits;
                memcpy(&bits, &got, sizeof bits);
                if (known_canonical(bits) == answer->want[tier]) continue;
                if (wrong++ < REPORTS)
                    print_error("%s %s at %a: %a\n", known[row].name, tier_names[tier],
                                (double)float_of(in[0]), (double)got);
            }
    assert_int_equal(wrong, 0);
#else
    skip();
#endif
}

/* ---- The program ----------------------------------------------------------------------------- */

static int compare_one(int argc, char **argv) {
    for (int row = ELEMENTARY_divide; row < ELEMENTARY_COUNT && argc > 2; row++) {
        if (strcmp(argv[1], known[row].name) != 0) continue;
        subject s = {.row = (elementary)row, .verbose = true};
        mpfr_init2(s.want, PRECISION);
        compare(&s, strtof(argv[2], NULL), argc > 3 ? strtof(argv[3], NULL) : 0.0f);
        mpfr_clear(s.want);
        return s.failures[0] + s.failures[1] > 0;
    }
    puts("usage: test_elementary [NAME A [B]]");
    return 2;
}

int main(int argc, char **argv) {
    if (argc > 1) return compare_one(argc, argv);
    static subject subjects[ELEMENTARY_COUNT];
    struct CMUnitTest tests[ELEMENTARY_COUNT];
    size_t count = 0;
    printf("seed %llu\n", (unsigned long long)SEED);
    for (int row = ELEMENTARY_divide; row < ELEMENTARY_COUNT; row++) {
        subjects[row].row = (elementary)row;
        mpfr_init2(subjects[row].want, PRECISION);
        tests[count++] =
            (struct CMUnitTest){known[row].name, is_within_its_bound, NULL, NULL, &subjects[row]};
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(answers_without_subnormals_need_none);
    const int failed = _cmocka_run_group_tests("elementary", tests, count, NULL, NULL);
    for (int row = ELEMENTARY_divide; row < ELEMENTARY_COUNT; row++)
        mpfr_clear(subjects[row].want);
    mpfr_free_cache();
    return failed;
}

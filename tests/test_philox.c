/* test_philox.c: Philox-4x32-10 against the known answers of Random123, as C and on the device;
 * which element takes which word; how many dropout keeps.
 */
#include "device_fixture.h"

#include "core/dropout.h"
#include "philox.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct known {
    uint32_t counter[4], key[2], words[4];
} known;

/* kat_vectors of Random123, philox 4x32 10 */
static const known answers[] = {
    {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};
enum { ANSWERS = sizeof answers / sizeof *answers };

static philox_block draw(const uint32_t counter[4], const uint32_t key[2]) {
    philox_block c;
    memcpy(c.w, counter, sizeof c.w);
    return philox(c, key[0], key[1]);
}

static void c_gives_the_known_answers(void **state) {
    (void)state;
    for (size_t i = 0; i < ANSWERS; i++) {
        const philox_block got = draw(answers[i].counter, answers[i].key);
        assert_memory_equal(got.w, answers[i].words, sizeof got.w);
    }
}

/* ---- which word ---- */

/* As clact.h says it: counter (g, offset), key seed, word c / 16 % 4 */
static bool keeps(double dropout, uint64_t seed, uint64_t offset, uint64_t cols, uint64_t row,
                  uint64_t col) {
    const uint64_t c = col % 64, g = 16 * (row * ((cols + 63) / 64) + col / 64) + c % 16;
    const uint32_t counter[4] = {(uint32_t)g, (uint32_t)(g >> 32), (uint32_t)offset,
                                 (uint32_t)(offset >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    return draw(counter, key).w[c / 16 % 4] >= dropout * 0x1p32;
}

static void elements_take_the_words_that_the_header_names(void **state) {
    (void)state;
    const uint64_t seed = UINT64_C(0xa4093822299f31d0), offset = UINT64_C(0x13198a2e03707344);
    const uint64_t rows[] = {0, 1, 7, UINT64_C(1) << 33, UINT64_MAX / 128};
    const uint64_t cols[] = {1, 16, 17, 63, 64, 65, 128, 1000, UINT64_C(1) << 34};
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < 9; j++) {
            for (uint64_t k = 0; k < 150 && k < cols[j]; k++) {
                const uint64_t col = k % 3 ? k : cols[j] - 1 - k;
                if (cols[j] > 64 && rows[i] > UINT64_C(1) << 33) continue; /* g would overflow */
                assert_true(keeps(0.5, seed, offset, cols[j], rows[i], col) ==
                            clact_dropout_keeps(0.5f, seed, offset, cols[j], rows[i], col));
            }
        }
    }
}

static size_t kept_of(float dropout, size_t rows, size_t cols, uint64_t seed, uint64_t offset) {
    size_t n = 0;
    for (size_t i = 0; i < rows * cols; i++)
        n += clact_dropout_keeps(dropout, seed, offset, cols, i / cols, i % cols);
    return n;
}

static void the_share_that_is_kept_is_right(void **state) {
    (void)state;
    const float dropouts[] = {0.001f, 0.1f, 0.5f, 0.9f};
    const size_t cols[] = {64, 37, 1000}, n = 200000;
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 3; j++) {
            const size_t rows = n / cols[j];
            const double p = 1.0 - (double)dropouts[i], all = (double)(rows * cols[j]);
            const double kept = (double)kept_of(dropouts[i], rows, cols[j], 5, 6);
            const double deviations = (kept - p * all) / sqrt(all * p * (1.0 - p));
            if (fabs(deviations) > 4.0) {
                print_error("dropout %g, %zu columns: %.0f of %.0f kept, %.1f standard deviations "
                            "off\n",
                            (double)dropouts[i], cols[j], kept, all, deviations);
                fail();
            }
        }
    }
}

static void neighbours_seeds_and_offsets_are_independent(void **state) {
    (void)state;
    enum { COLS = 320, N = 320 * 200 };
    const size_t steps[] = {1, 16, 17, 64, COLS}; /* to a neighbour */
    size_t same[7] = {0};
    for (size_t i = 0; i < N; i++) {
        const bool a = clact_dropout_keeps(0.5f, 1, 2, COLS, i / COLS, i % COLS);
        for (size_t s = 0; s < 5; s++) {
            const size_t j = i + steps[s];
            same[s] += a == clact_dropout_keeps(0.5f, 1, 2, COLS, j / COLS, j % COLS);
        }
        same[5] += a == clact_dropout_keeps(0.5f, 2, 2, COLS, i / COLS, i % COLS);
        same[6] += a == clact_dropout_keeps(0.5f, 1, 3, COLS, i / COLS, i % COLS);
    }
    for (int s = 0; s < 7; s++)
        assert_true(fabs((double)same[s] - N / 2) < 4.5 * sqrt(N) / 2);
}

static void probabilities_next_to_0_and_1(void **state) {
    (void)state;
    const float most = 0x1.fffffep-1f; /* 1 - 2^-24: 256 of 2^32 words are kept */
    assert_int_equal(kept_of(0.0f, 100, 100, 1, 1), 10000);
    assert_int_equal(kept_of(0x1p-149f, 100, 100, 1, 1), 10000);
    assert_true(kept_of(most, 1000, 100, 1, 1) <= 3);
    /* the least word that is kept is the first that is at least dropout 2^32 */
    const float dropouts[] = {0x1p-149f, 0x1p-32f, 0x1.8p-32f, 0x1.000002p-10f, 0x1p-9f, most};
    const uint32_t least[] = {1, 1, 2, 0x400001, 0x800000, 0xffffff00};
    for (int i = 0; i < 6; i++)
        assert_int_equal(dropout_threshold(dropouts[i]), least[i]);
}

/* ---- on the device ---- */

/* Includes the very headers of the kernels; one lane of WIDTH for every answer. */
static const char text[] = "#include \"philox.h\"\n"
                           "__kernel void draw(__global const uint *in, __global uint *out) {\n"
                           "    __global const uint *c = in + 6 * get_global_id(0);\n"
                           "    philox_block b;\n"
                           "    for (int i = 0; i < 4; i++) b.w[i] = W(c[i]);\n"
                           "    b = philox(b, c[4], c[5]);\n"
                           "    for (int i = 0; i < 4; i++) {\n"
                           "        uint lanes[WIDTH];\n"
                           "        PASTE(vstore, WIDTH)(b.w[i], 0, lanes);\n"
                           "        for (int k = 0; k < WIDTH; k++)\n"
                           "            out[(get_global_id(0) * WIDTH + k) * 4 + i] = lanes[k];\n"
                           "    }\n"
                           "}\n";

static void the_device_gives_the_known_answers(void **state) {
    fixture *f = *state;
    enum { LANES_EACH = 8 };
    const char *parts[] = {text};
    const size_t items = ANSWERS;
    uint32_t in[ANSWERS][6], out[ANSWERS][LANES_EACH][4];
    for (size_t i = 0; i < ANSWERS; i++) {
        memcpy(in[i], answers[i].counter, 16);
        memcpy(in[i] + 4, answers[i].key, 8);
    }
    cl_int code = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(f->context, 1, parts, NULL, &code);
    code |= clBuildProgram(program, 1, &f->device,
                           "-cl-std=CL1.2 -DWIDTH=8 -I" CLACT_KERNELS_FOLDER, NULL, NULL);
    assert_int_equal(code, CL_SUCCESS);
    cl_kernel kernel = clCreateKernel(program, "draw", &code);
    cl_mem a = clCreateBuffer(f->context, CL_MEM_COPY_HOST_PTR, sizeof in, in, NULL);
    cl_mem b = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof out, NULL, NULL);
    code |= clSetKernelArg(kernel, 0, sizeof a, &a);
    code |= clSetKernelArg(kernel, 1, sizeof b, &b);
    code |= clEnqueueNDRangeKernel(f->queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL);
    code |= clEnqueueReadBuffer(f->queue, b, CL_TRUE, 0, sizeof out, out, 0, NULL, NULL);
    assert_int_equal(code, CL_SUCCESS);
    for (size_t i = 0; i < ANSWERS; i++)
        for (size_t k = 0; k < LANES_EACH; k++)
            assert_memory_equal(out[i][k], answers[i].words, 16);
    clReleaseMemObject(a);
    clReleaseMemObject(b);
    clReleaseKernel(kernel);
    clReleaseProgram(program);
}

int main(void) {
    fixture f;
    const bool open = fixture_open(&f, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_gives_the_known_answers),
        cmocka_unit_test(elements_take_the_words_that_the_header_names),
        cmocka_unit_test(the_share_that_is_kept_is_right),
        cmocka_unit_test(neighbours_seeds_and_offsets_are_independent),
        cmocka_unit_test(probabilities_next_to_0_and_1),
        {"the_device_gives_the_known_answers", the_device_gives_the_known_answers, NULL, NULL, &f},
    };
    const int failed = open ? cmocka_run_group_tests_name("philox", tests, NULL, NULL) : 0;
    if (open) fixture_close(&f);
    return open ? failed : TEST_SKIPPED;
}

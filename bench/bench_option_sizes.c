/* bench_option_sizes.c: sizes and shapes as the user writes them. */
#include "bench_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 65536, 64K, 1M, 2G (powers of 1024) or 2^20. */
static bool sizes_parse_size(const char *text, size_t *size) {
    char *end;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno) return false;
    unsigned shift = 0;
    if (end[0] == '^') {
        if (value != 2 || end[1] < '0' || end[1] > '9') return false;
        const unsigned long power = strtoul(end + 1, &end, 10);
        if (power >= 48) return false;
        value = 1;
        shift = (unsigned)power;
    } else if (end[0] != '\0') {
        const char *letters = "KMG", *letter = strchr(letters, end[0] & ~0x20);
        if (letter == NULL || *letter == '\0') return false;
        shift = 10 * (unsigned)(letter - letters + 1);
        ++end;
    }
    if (*end != '\0' || value == 0 || value > (1ull << 48) >> shift) return false;
    value <<= shift;
    *size = (size_t)value;
    return *size == value && value <= SIZE_MAX / 32;
}

static bool sizes_keep_size(bench_options *options, size_t size, bench_error *error) {
    for (size_t i = 0; i < options->num_sizes; ++i)
        if (options->sizes[i] == size) return true;
    if (options->num_sizes == BENCH_MAX_SIZES)
        return bench_fail(error, "--size takes at most %d sizes", BENCH_MAX_SIZES);
    options->sizes[options->num_sizes++] = size;
    return true;
}

/* FIRST..LAST or FIRST..LAST:FACTOR. */
static bool sizes_add_range(bench_options *options, const char *text, const char *dots,
                            bench_error *error) {
    char first[BENCH_OPTION_SIZE], last[BENCH_OPTION_SIZE];
    size_t size, end, factor = 2;
    const char *colon = strchr(dots, ':');
    snprintf(first, sizeof first, "%.*s", (int)(dots - text), text);
    snprintf(last, sizeof last, "%.*s", (int)strcspn(dots + 2, ":"), dots + 2);
    if (!sizes_parse_size(first, &size) || !sizes_parse_size(last, &end) || end < size ||
        (colon && (!sizes_parse_size(colon + 1, &factor) || factor < 2)))
        return bench_fail(error,
                          "'%s' is no range of sizes; write 2^10..2^26, which doubles, or "
                          "2^10..2^26:4",
                          text);
    for (;; size *= factor) {
        if (!sizes_keep_size(options, size, error)) return false;
        if (size > end / factor) return true;
    }
}

bool bench_options_add_size(bench_options *options, const char *text, bench_error *error) {
    const char *dots = strstr(text, "..");
    size_t size;
    if (dots) return sizes_add_range(options, text, dots, error);
    if (!sizes_parse_size(text, &size))
        return bench_fail(error, "'%s' is no size; write elements like 65536, 64K, 1M or 2^20",
                          text);
    return sizes_keep_size(options, size, error);
}

static bool sizes_parse_shape(const char *text, bench_shape *shape) {
    size_t product = 1;
    for (const char *start = text;; ++start) {
        char side[BENCH_OPTION_SIZE];
        const size_t length = strcspn(start, "xX");
        size_t *value = &shape->sides[shape->count];
        if (shape->count == BENCH_MAX_SIDES) return false;
        snprintf(side, sizeof side, "%.*s", (int)length, start);
        if (!sizes_parse_size(side, value) || *value > SIZE_MAX / 64 / product) return false;
        product *= *value;
        ++shape->count;
        start += length;
        if (*start == '\0') return shape->count > 1;
    }
}

/* 4096x512 or 128x784x512x10, each side as a size. */
bool bench_options_add_shape(bench_options *options, const char *text, bench_error *error) {
    bench_shape shape = {.count = 0};
    if (!sizes_parse_shape(text, &shape))
        return bench_fail(error,
                          "'%s' is no shape; write rows and columns like 4096x512 or 4Kx512, or of "
                          "a network batch, inputs and the units of each layer like 128x784x10",
                          text);
    for (size_t i = 0; i < options->num_shapes; ++i) {
        const bench_shape *known = &options->shapes[i];
        if (known->count == shape.count &&
            memcmp(known->sides, shape.sides, shape.count * sizeof *shape.sides) == 0)
            return true;
    }
    if (options->num_shapes == BENCH_MAX_SIZES)
        return bench_fail(error, "--shape takes at most %d shapes", BENCH_MAX_SIZES);
    options->shapes[options->num_shapes++] = shape;
    return true;
}

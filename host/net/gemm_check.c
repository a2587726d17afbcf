/* gemm_check.c: what CLBlast's kernels ask of their parameters. */
#include "clact/gemm.h"

#include <stdio.h>

/* The most numbers of a tile that one work-item holds: beyond, compilers take minutes */
enum { MOST_SUMS = 1024, MOST_VALUE = 1024, MOST_SWITCH = 1 << 20 };

#define NAME(parameter) clact_gemm_parameter_name(CLACT_GEMM_##parameter)

typedef struct problem {
    const uint32_t *v;
    size_t most_items;
    char *text;
    size_t size;
} problem;

static bool is_vector(uint32_t width) {
    return width > 0 && width <= 16 && (width & (width - 1)) == 0;
}

static bool is_flag(clact_gemm_parameter p) {
    return p == CLACT_GEMM_GEMMK || p == CLACT_GEMM_SA || p == CLACT_GEMM_SB ||
           p == CLACT_GEMM_STRM || p == CLACT_GEMM_STRN || p == CLACT_GEMM_TRA_SHUFFLE;
}

static bool is_pad(clact_gemm_parameter p) {
    return p == CLACT_GEMM_PADA || p == CLACT_GEMM_PADB || p == CLACT_GEMM_TRA_PAD ||
           p == CLACT_GEMM_PADTRA_PAD;
}

static bool check_ranges(const problem *q) {
    for (clact_gemm_parameter p = 0; p < CLACT_GEMM_PARAMETERS; p++) {
        const uint32_t least = is_flag(p) || is_pad(p) ? 0 : 1;
        const uint32_t most = is_flag(p)                                ? 1
                              : p == CLACT_GEMM_XGEMM_MIN_INDIRECT_SIZE ? MOST_SWITCH
                                                                        : MOST_VALUE;
        if (q->v[p] >= least && q->v[p] <= most) continue;
        snprintf(q->text, q->size, "%s must be from %u to %u, not %u", clact_gemm_parameter_name(p),
                 (unsigned)least, (unsigned)most, (unsigned)q->v[p]);
        return false;
    }
    return true;
}

static bool check_vectors(const problem *q) {
    static const clact_gemm_parameter widths[] = {CLACT_GEMM_VWM,     CLACT_GEMM_VWN,
                                                  CLACT_GEMM_VWMD,    CLACT_GEMM_VWND,
                                                  CLACT_GEMM_COPY_VW, CLACT_GEMM_TRA_WPT};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        if (is_vector(q->v[widths[i]])) continue;
        snprintf(q->text, q->size, "%s must be 1, 2, 4, 8 or 16, not %u",
                 clact_gemm_parameter_name(widths[i]), (unsigned)q->v[widths[i]]);
        return false;
    }
    return true;
}

static bool check_groups(const problem *q) {
    static const clact_gemm_parameter sides[][2] = {
        {CLACT_GEMM_MDIMC, CLACT_GEMM_NDIMC},
        {CLACT_GEMM_MDIMCD, CLACT_GEMM_NDIMCD},
        {CLACT_GEMM_COPY_DIMX, CLACT_GEMM_COPY_DIMY},
        {CLACT_GEMM_PAD_DIMX, CLACT_GEMM_PAD_DIMY},
        {CLACT_GEMM_TRA_DIM, CLACT_GEMM_TRA_DIM},
        {CLACT_GEMM_PADTRA_TILE, CLACT_GEMM_PADTRA_TILE}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const size_t items = (size_t)q->v[sides[i][0]] * q->v[sides[i][1]];
        if (items <= q->most_items) continue;
        snprintf(q->text, q->size,
                 "%s times %s is %zu, and the device has at most %zu items in a work-group",
                 clact_gemm_parameter_name(sides[i][0]), clact_gemm_parameter_name(sides[i][1]),
                 items, q->most_items);
        return false;
    }
    return true;
}

/* CLBlast's own conditions: each number must be a multiple of the product of two others, some of
 * which are quotients: 0 where they are no whole number. */
static bool check_multiples(const problem *q) {
#define V(parameter) q->v[CLACT_GEMM_##parameter]
    const uint32_t items = V(MDIMC) * V(NDIMC), direct = V(MDIMCD) * V(NDIMCD);
    const struct {
        const char *name;
        uint32_t value, of, by;
        const char *what;
    } rules[] = {
        {NAME(KWG), V(KWG), V(KWI), 1, "KWI"},
        {NAME(MWG), V(MWG), V(MDIMC), V(VWM), "MDIMC times VWM"},
        {NAME(NWG), V(NWG), V(NDIMC), V(VWN), "NDIMC times VWN"},
        {NAME(MWG), V(MWG), V(MDIMA), V(VWM), "MDIMA times VWM"},
        {NAME(NWG), V(NWG), V(NDIMB), V(VWN), "NDIMB times VWN"},
        {"MDIMC times NDIMC", items, V(MDIMA), 1, "MDIMA"},
        {"MDIMC times NDIMC", items, V(NDIMB), 1, "NDIMB"},
        {NAME(KWG), V(KWG), V(SA) ? items / V(MDIMA) : 1, 1, "MDIMC times NDIMC by MDIMA"},
        {NAME(KWG), V(KWG), V(SB) ? items / V(NDIMB) : 1, 1, "MDIMC times NDIMC by NDIMB"},
        {NAME(KREG), V(KREG), V(GEMMK) ? V(VWN) : 1, 1, "VWN"},
        {NAME(WGD), V(WGD), V(KWID), 1, "KWID"},
        {NAME(WGD), V(WGD), V(MDIMCD), V(VWMD), "MDIMCD times VWMD"},
        {NAME(WGD), V(WGD), V(NDIMCD), V(VWND), "NDIMCD times VWND"},
        {NAME(WGD), V(WGD), V(MDIMAD), V(VWMD), "MDIMAD times VWMD"},
        {NAME(WGD), V(WGD), V(NDIMBD), V(VWND), "NDIMBD times VWND"},
        {"MDIMCD times NDIMCD", direct, V(MDIMAD), 1, "MDIMAD"},
        {"MDIMCD times NDIMCD", direct, V(NDIMBD), 1, "NDIMBD"},
        {NAME(WGD), V(WGD), direct / V(MDIMAD), 1, "MDIMCD times NDIMCD by MDIMAD"},
        {NAME(WGD), V(WGD), direct / V(NDIMBD), 1, "MDIMCD times NDIMCD by NDIMBD"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const uint32_t divisor = rules[i].of * rules[i].by;
        if (divisor > 0 && rules[i].value % divisor == 0) continue;
        snprintf(q->text, q->size, "%s must be a multiple of %s", rules[i].name, rules[i].what);
        return false;
    }
    if ((uint64_t)V(MWG) * V(NWG) / items <= MOST_SUMS &&
        (uint64_t)V(WGD) * V(WGD) / direct <= MOST_SUMS)
        return true;
    snprintf(q->text, q->size, "a work-item would have more than %d numbers", MOST_SUMS);
    return false;
#undef V
}

clact_status clact_gemm_check(const clact_gemm_tuning *tuning, size_t max_work_group, char *text,
                              size_t size) {
    char unwanted[1];
    if (!text || size == 0) {
        text = unwanted;
        size = sizeof unwanted;
    }
    text[0] = '\0';
    if (!tuning || tuning->struct_size != sizeof *tuning) {
        snprintf(text, size, "the tuning is NULL, or its struct_size is not set");
        return CLACT_INVALID_ARGUMENT;
    }
    const problem q = {tuning->values, max_work_group, text, size};
    return check_ranges(&q) && check_vectors(&q) && check_groups(&q) && check_multiples(&q)
               ? CLACT_SUCCESS
               : CLACT_INVALID_ARGUMENT;
}

/* table.c (L0): the rows of activations.def, queries and look-up by name. */
#include "table.h"

#include <math.h>
#include <string.h>

typedef struct row {
    clact_activation_info info;
    const char *rule_text, *y_text;
    table_compact compact;
    double ulps[5]; /* accurate forward and backward, fast forward and backward, floor */
} row;

#define PARAM(name, value, min, max)                                                               \
    { #name, value, min, max }
#define NO_PARAM                                                                                   \
    { NULL, 0.0f, 0.0f, 0.0f }
#define X_ONLY            NULL
#define X_OR_Y(condition) #condition
#define EVERYWHERE        -INFINITY, INFINITY
#define DOMAIN(lo, hi)    lo, hi
#define ULPS(...)                                                                                  \
    { __VA_ARGS__ }

static const row rows[CLACT_ACT_COUNT] = {
#define ACTIVATION(ID, name, aliases, saved, compact, p, q, rule, domain, kinks, ulps, text,       \
                   deriv)                                                                          \
    [CLACT_ACT_##ID] = {{CLACT_ACT_##ID, #name, aliases, text, deriv, 0, {p, q}, domain, false},   \
                        #rule,                                                                     \
                        saved,                                                                     \
                        COMPACT_##compact,                                                         \
                        ulps},
#include "clact/activations.def"
};
#undef X_ONLY
#undef X_OR_Y

static bool table_contains(clact_activation activation) {
    return (int)activation >= 0 && activation < CLACT_ACT_COUNT;
}

clact_status clact_activation_query(clact_activation activation, clact_activation_info *info) {
    if (!info || !table_contains(activation)) return CLACT_INVALID_ARGUMENT;
    *info = rows[activation].info;
    while (info->num_params < CLACT_MAX_PARAMS && info->params[info->num_params].name)
        info->num_params++;
    info->reads_y = rows[activation].y_text != NULL;
    return CLACT_SUCCESS;
}

clact_status clact_activation_bound(clact_activation activation, clact_tier tier, clact_dtype dtype,
                                    bool backward, clact_bound *bound) {
    if (!bound || !table_contains(activation) || !clact_tier_name(tier) || !clact_dtype_size(dtype))
        return CLACT_INVALID_ARGUMENT;
    double ulps = rows[activation].ulps[(tier == CLACT_TIER_FAST ? 2 : 0) + backward];
    const double floor = backward ? rows[activation].ulps[4] : 0;
    /* the polynomials of float64 end in plain numbers: half an ulp more */
    if (dtype == CLACT_F64 && tier == CLACT_TIER_ACCURATE && ulps >= 1) ulps += 0.5;
    /* in the 16-bit types: the one rounding at the store, and the error before it */
    const double narrow = dtype == CLACT_F16 ? 0x1p-13 : 0x1p-16;
    const bool stored_narrow = dtype == CLACT_F16 || dtype == CLACT_BF16;
    *bound = (clact_bound){.ulps = stored_narrow ? 0.5 + ulps * narrow : ulps,
                           .floor = dtype == CLACT_F64 ? floor * floor : floor};
    return CLACT_SUCCESS;
}

/* The next character that counts in a name, lower case; 0 at its end ('|' ends an alias). */
static int next_letter(const char **text) {
    while (**text == '_' || **text == '-')
        ++*text;
    if (**text == '\0' || **text == '|') return 0;
    const char c = *(*text)++;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; /* tolower would follow the locale */
}

/* Compares up to the end of `entry` or its first '|'. */
static bool same_name(const char *name, const char *entry) {
    for (;;) {
        const int a = *name == '|' ? '|' : next_letter(&name), b = next_letter(&entry);
        if (a != b) return false;
        if (a == 0) return true;
    }
}

static bool row_has_name(const clact_activation_info *info, const char *name) {
    if (same_name(name, info->name)) return true;
    for (const char *alias = info->aliases; *alias;) {
        if (same_name(name, alias)) return true;
        alias += strcspn(alias, "|");
        alias += *alias == '|';
    }
    return false;
}

clact_status clact_activation_find(const char *name, clact_activation *activation) {
    if (!name || !activation) return CLACT_INVALID_ARGUMENT;
    const char *text = name;
    if (next_letter(&text) == 0) return CLACT_UNKNOWN_NAME;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        if (row_has_name(&rows[i].info, name)) {
            *activation = (clact_activation)i;
            return CLACT_SUCCESS;
        }
    }
    return CLACT_UNKNOWN_NAME;
}

#define KINKS(...)                                                                                 \
    { __VA_ARGS__ }
#define NO_KINK                                                                                    \
    { NAN }

size_t clact_activation_kinks(clact_activation activation, const float *params, float *kinks) {
    if (!kinks || !table_contains(activation)) return 0;
    const clact_activation_info *info = &rows[activation].info;
    const float a = params ? params[0] : info->params[0].value;
    const float b = params ? params[1] : info->params[1].value;
    (void)b;
    switch (activation) {
#define ACTIVATION(ID, name, aliases, saved, compact, p, q, rule, domain, kinks_, ...)             \
    case CLACT_ACT_##ID: {                                                                         \
        const float k[] = kinks_;                                                                  \
        memcpy(kinks, k, sizeof k);                                                                \
        return k[0] != k[0] ? 0 : sizeof k / sizeof *k;                                            \
    }
#include "clact/activations.def"
    case CLACT_ACT_COUNT:
        break;
    }
    return 0;
}

bool table_params_agree(clact_activation activation, const float params[CLACT_MAX_PARAMS]) {
    const float a = params[0], b = params[1];
    (void)a;
    (void)b;
    switch (activation) {
#define ACTIVATION(ID, name, aliases, saved, compact, p, q, rule, ...)                             \
    case CLACT_ACT_##ID:                                                                           \
        return rule;
#include "clact/activations.def"
    case CLACT_ACT_COUNT:
        break;
    }
    return false;
}

#define X_ONLY            false
#define X_OR_Y(condition) (condition)

bool table_y_is_legal(clact_activation activation, const float params[CLACT_MAX_PARAMS]) {
    const float a = params[0];
    (void)a;
    switch (activation) {
#define ACTIVATION(ID, name, aliases, saved, ...)                                                  \
    case CLACT_ACT_##ID:                                                                           \
        return saved;
#include "clact/activations.def"
    case CLACT_ACT_COUNT:
        break;
    }
    return false;
}

table_compact table_compact_of(clact_activation activation) {
    return rows[activation].compact;
}

const char *table_rule_text(clact_activation activation) {
    return rows[activation].rule_text;
}

const char *table_y_text(clact_activation activation) {
    return rows[activation].y_text;
}

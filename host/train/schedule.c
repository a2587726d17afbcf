/* schedule.c: the learning rate as training goes on. */
#include "schedule.h"

#include "cli_common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static const char *const names[] = {"constant", "step", "cosine"};

enum { NUM_KINDS = sizeof names / sizeof *names };

schedule schedule_default(void) {
    return (schedule){.kind = SCHEDULE_CONSTANT, .every = 10.0, .factor = 0.1};
}

const char *schedule_name(schedule_kind kind) {
    return names[kind];
}

/* ---- words ---- */

typedef struct schedule_number {
    schedule_kind kind;
    const char *name;
    double *value;
    double least, most;
} schedule_number;

/* One "name=value" after the kind */
static bool parse_number(const char *text, schedule *s, char *message, size_t size) {
    const schedule_number numbers[] = {{SCHEDULE_STEP, "every", &s->every, 1e-3, 1e9},
                                       {SCHEDULE_STEP, "factor", &s->factor, 0.0, 1.0},
                                       {SCHEDULE_COSINE, "least", &s->least, 0.0, 1.0}};
    const size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const schedule_number *n = &numbers[i];
        char *end = NULL;
        if (n->kind != s->kind || strlen(n->name) != length || strncmp(text, n->name, length) != 0)
            continue;
        const char *value = text + length + (text[length] == '=');
        const double v = strtod(value, &end);
        if (end == value || *end || !(v >= n->least && v <= n->most))
            return cli_fail(message, size, "%s of --schedule %s must be a number from %g to %g",
                            n->name, names[s->kind], n->least, n->most);
        *n->value = v;
        return true;
    }
    return cli_fail(message, size, "--schedule %s has no '%s'; it is %s", names[s->kind], text,
                    s->kind == SCHEDULE_STEP     ? "step:every=10:factor=0.1"
                    : s->kind == SCHEDULE_COSINE ? "cosine:least=0"
                                                 : "constant alone");
}

bool schedule_parse(const char *text, schedule *out, char *message, size_t size) {
    schedule s = schedule_default();
    char *copy = strdup(text);
    if (!copy) return cli_fail(message, size, "out of memory");
    char *rest = strchr(copy, ':');
    if (rest) *rest++ = '\0';
    const int kind = cli_find_word("schedule", copy, names, NUM_KINDS, message, size);
    bool done = kind >= 0;
    if (done) s.kind = (schedule_kind)kind;
    s.warm_up = out->warm_up;
    while (done && rest) {
        char *next = strchr(rest, ':');
        if (next) *next++ = '\0';
        done = parse_number(rest, &s, message, size);
        rest = next;
    }
    free(copy);
    if (done) *out = s;
    return done;
}

void schedule_text(const schedule *s, char *text, size_t size) {
    char kind[96] = "", warm_up[64] = "";
    if (s->kind == SCHEDULE_STEP)
        snprintf(kind, sizeof kind, ", times %g every %g epochs", s->factor, s->every);
    if (s->kind == SCHEDULE_COSINE)
        snprintf(kind, sizeof kind, ", cosine down to %g of it", s->least);
    if (s->warm_up > 0.0)
        snprintf(warm_up, sizeof warm_up, ", warm-up over %g epoch%s", s->warm_up,
                 s->warm_up > 1.0 ? "s" : "");
    snprintf(text, size, "%s%s", kind, warm_up);
}

/* ---- the rate ---- */

double schedule_rate(const schedule *s, double lr, uint64_t step, size_t steps_each,
                     size_t epochs) {
    const double n = (double)step, each = (double)steps_each, all = (double)epochs * each;
    const double warm_up = s->warm_up * each;
    if (n + 1.0 < warm_up) return lr * (n + 1.0) / warm_up;
    if (s->kind == SCHEDULE_STEP) return lr * pow(s->factor, floor(n / each / s->every));
    if (s->kind == SCHEDULE_CONSTANT || all <= warm_up) return lr;
    const double gone = (n - warm_up) / (all - warm_up);
    return lr * (s->least + (1.0 - s->least) * 0.5 * (1.0 + cos(pi * fmin(fmax(gone, 0.0), 1.0))));
}

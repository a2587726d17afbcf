/* verify_walk.c: all floats in chunks, evaluated by one thread and compared by others. */
#include "verify_judge.h"
#include "verify_block.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#define CHUNK       (1u << 20) /* inputs of one call of the evaluator */
#define BLOCK       2048u      /* inputs of one comparison: they stay in the first cache */
#define MAX_THREADS 64

/* A chunk on its way from the evaluator to a comparing thread. */
enum slot_state { EMPTY, FILLED, BUSY };
struct slot {
    enum slot_state state;
    uint32_t first;
    size_t count;
    float *input, *output[VERIFY_CASES];
};

/* A walk; `lock` guards the states of slots and `ended`. */
struct walk {
    const verify_case *cases;
    size_t num_cases, num_slots;
    const reference *r;
    float *ones;
    struct slot *slots;
    mtx_t lock;
    cnd_t changed;
    bool ended;
};

struct comparer {
    struct walk *walk;
    verify_result results[VERIFY_CASES];
    double want[BLOCK], ulps[BLOCK];
};

/* ---- Comparing ------------------------------------------------------------------------------- */

/* One case of one chunk. */
struct chunk {
    const verify_case *c;
    verify_result *result;
    bool found;        /* anything that is promised; if so, */
    uint64_t greatest; /* bits of the greatest ulps that the reference shows, and where */
    uint32_t worst_bits;
    float worst_got;
    unsigned kept; /* failures that the oracle was asked for their points */
};

static verify_point point_at(uint32_t bits, float got) {
    verify_point p = {.index = bits, .dy = 1, .got = (double)got};
    float input;
    memcpy(&input, &bits, sizeof input);
    p.input = (double)input;
    return p;
}

/* Inputs whose sign rules are their own: +-0 and +-inf. */
static bool is_special(uint32_t bits) {
    return (bits & 0x7fffffffu) == 0 || (bits & 0x7fffffffu) == 0x7f800000u;
}

/* A result near or above the bound, as the reference shows it. Where that leaves no doubt, and no
 * point is wanted any more, the oracle need not be asked. */
static void suspect(struct chunk *k, uint32_t bits, float got, double ulps) {
    const bool certain = !(ulps <= k->c->bound + REFERENCE_ULPS);
    if (certain && k->kept == VERIFY_SHOWN) {
        k->result->failures++;
        k->result->wrong_nans += isnan(ulps);
        k->result->wrong_signs += isinf(ulps);
        return;
    }
    verify_point p = point_at(bits, got);
    if (!judge_point(k->c, &p)) return;
    judge_worst(k->result, &p, false);
    if (p.ulps <= k->c->bound && !p.wrong_sign) return;
    judge_failure(k->result, &p);
    if (k->kept < VERIFY_SHOWN) k->kept++;
}

static void find_suspects(struct chunk *k, uint32_t first, size_t n, const float *got,
                          const double *ulps, double limit) {
    for (size_t i = 0; i < n; i++)
        if (!(ulps[i] <= limit) && !is_special(first + (uint32_t)i))
            suspect(k, first + (uint32_t)i, got[i], ulps[i]);
}

static void note_greatest(struct chunk *k, uint32_t first, size_t n, const struct comparer *w,
                          const float *got, uint64_t greatest) {
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &w->ulps[i], sizeof bits);
        if ((bits & INT64_MAX) != greatest || w->want[i] == REFERENCE_NOTHING) continue;
        k->found = true;
        k->greatest = greatest;
        k->worst_bits = first + (uint32_t)i;
        k->worst_got = got[i];
        return;
    }
}

/* Where the bound is 0, exact values are floats, and what is off is off by half an ulp. */
static double suspicion_limit(double bound) {
    return bound > 2 * REFERENCE_ULPS ? bound - REFERENCE_ULPS : REFERENCE_ULPS;
}

static void compare_block(struct comparer *w, struct chunk *k, uint32_t first, size_t n,
                          const float *got) {
    size_t nothing = 0;
    const double limit = suspicion_limit(k->c->bound);
    const uint64_t greatest = block_ulps(n, w->want, got, w->ulps, &nothing);
    double greatest_ulps;
    memcpy(&greatest_ulps, &greatest, sizeof greatest);
    if (greatest > k->greatest || (!k->found && nothing < n))
        note_greatest(k, first, n, w, got, greatest);
    const bool signs =
        !k->c->backward && judge_follows_sign(k->c) && block_signs(first, n, w->want, got, w->ulps);
    if (signs || !(greatest_ulps <= limit)) find_suspects(k, first, n, got, w->ulps, limit);
    k->result->inputs += n;
    k->result->promised += n - nothing;
    k->result->checksum += block_checksum(first, n, got);
}

/* The oracle's word on the worst of a chunk and on the special inputs in it. */
static void finish_chunk(struct chunk *k, const struct slot *s, const float *got) {
    static const uint32_t special[] = {0, 0x7f800000u, 0x80000000u, 0xff800000u};
    verify_point p = point_at(k->worst_bits, k->worst_got);
    if (k->found && judge_point(k->c, &p)) judge_worst(k->result, &p, false);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i] >= s->first && special[i] - s->first < s->count)
            suspect(k, special[i], got[special[i] - s->first], 0);
}

static void compare_slot(struct comparer *w, const struct slot *s) {
    struct chunk chunks[VERIFY_CASES] = {{0}};
    const size_t count = w->walk->num_cases;
    for (size_t c = 0; c < count; c++) {
        chunks[c].c = &w->walk->cases[c];
        chunks[c].result = &w->results[c];
    }
    for (size_t i = 0; i < s->count; i += BLOCK) {
        const size_t n = s->count - i < BLOCK ? s->count - i : BLOCK;
        const uint32_t first = s->first + (uint32_t)i;
        reference_evaluate(w->walk->r, first, n, w->want);
        for (size_t c = 0; c < count; c++)
            compare_block(w, &chunks[c], first, n, s->output[c] + i);
    }
    for (size_t c = 0; c < count; c++)
        finish_chunk(&chunks[c], s, s->output[c]);
}

/* Waits until there is a slot in this state and returns it; NULL if the walk has ended without. */
static struct slot *take_slot(struct walk *w, enum slot_state wanted, enum slot_state becomes) {
    struct slot *found = NULL;
    mtx_lock(&w->lock);
    for (;;) {
        for (size_t i = 0; i < w->num_slots && !found; i++)
            if (w->slots[i].state == wanted) found = &w->slots[i];
        if (found || w->ended) break;
        cnd_wait(&w->changed, &w->lock);
    }
    if (found) found->state = becomes;
    mtx_unlock(&w->lock);
    return found;
}

static void pass_slot(struct walk *w, struct slot *s, enum slot_state state) {
    mtx_lock(&w->lock);
    s->state = state;
    cnd_broadcast(&w->changed);
    mtx_unlock(&w->lock);
}

static int compare_in_thread(void *comparer) {
    struct comparer *c = comparer;
    struct slot *s;
    while ((s = take_slot(c->walk, FILLED, BUSY)) != NULL) {
        compare_slot(c, s);
        pass_slot(c->walk, s, EMPTY);
    }
    mpfr_free_cache();
    return 0;
}

/* ---- Evaluating ------------------------------------------------------------------------------ */

static verify_status fill_slot(struct walk *w, struct slot *s, uint32_t first, size_t count,
                               const verify_run *run) {
    s->first = first;
    s->count = count;
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = first + (uint32_t)i;
        memcpy(&s->input[i], &bits, sizeof bits);
    }
    for (size_t c = 0; c < w->num_cases; c++) {
        memset(s->output[c], 0x5a, count * sizeof(float));
        if (!run->evaluate(run->user, &w->cases[c], count, s->input,
                           w->cases[c].backward ? w->ones : NULL, s->output[c]))
            return VERIFY_EVALUATOR;
    }
    return VERIFY_DONE;
}

static verify_status evaluate_all(struct walk *w, uint32_t first, uint32_t last,
                                  const verify_run *run) {
    const uint64_t total = (uint64_t)last - first + 1;
    verify_status status = VERIFY_DONE;
    for (uint64_t done = 0; done < total && status == VERIFY_DONE;) {
        const size_t count = total - done < CHUNK ? (size_t)(total - done) : CHUNK;
        struct slot *s = take_slot(w, EMPTY, BUSY);
        status = fill_slot(w, s, first + (uint32_t)done, count, run);
        pass_slot(w, s, status == VERIFY_DONE ? FILLED : EMPTY);
        done += count;
        if (status == VERIFY_DONE && run->progress && !run->progress(run->user, done, total))
            status = VERIFY_CANCELLED;
    }
    return status;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool allocate_slots(struct walk *w) {
    w->slots = calloc(w->num_slots, sizeof *w->slots);
    w->ones = malloc(CHUNK * sizeof(float));
    if (!w->slots || !w->ones) return false;
    for (size_t i = 0; i < CHUNK; i++)
        w->ones[i] = 1;
    for (size_t i = 0; i < w->num_slots; i++) {
        struct slot *s = &w->slots[i];
        s->input = malloc(CHUNK * sizeof(float));
        if (!s->input) return false;
        for (size_t c = 0; c < w->num_cases; c++)
            if (!(s->output[c] = malloc(CHUNK * sizeof(float)))) return false;
    }
    return true;
}

static void free_slots(struct walk *w) {
    for (size_t i = 0; w->slots && i < w->num_slots; i++) {
        free(w->slots[i].input);
        for (size_t c = 0; c < VERIFY_CASES; c++)
            free(w->slots[i].output[c]);
    }
    free(w->slots);
    free(w->ones);
}

/* Walks with up to num_slots - 1 threads and this one; adds to results. */
static verify_status walk_with(struct walk *w, struct comparer *comparers, uint32_t first,
                               uint32_t last, const verify_run *run, verify_result *results) {
    thrd_t threads[MAX_THREADS];
    size_t count = 0;
    verify_status status = VERIFY_MEMORY;
    while (count < w->num_slots - 1) {
        comparers[count].walk = w;
        for (size_t c = 0; c < w->num_cases; c++)
            comparers[count].results[c].worst.ulps = -1; /* anything is worse */
        if (thrd_create(&threads[count], compare_in_thread, &comparers[count]) != thrd_success)
            break;
        count++;
    }
    if (count > 0) status = evaluate_all(w, first, last, run);
    mtx_lock(&w->lock);
    w->ended = true;
    cnd_broadcast(&w->changed);
    mtx_unlock(&w->lock);
    for (size_t i = 0; i < count; i++)
        thrd_join(threads[i], NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < w->num_cases; c++)
            judge_merge(&results[c], &comparers[i].results[c]);
    return status;
}

static bool go_together(const verify_case *a, const verify_case *b) {
    return a->activation == b->activation && a->backward == b->backward && a->saved == b->saved &&
           memcmp(a->params, b->params, sizeof a->params) == 0;
}

verify_status verify_exhaustive(const verify_case *cases, size_t count, const reference *r,
                                uint32_t first, uint32_t last, const verify_run *run,
                                verify_result *results) {
    if (count == 0 || count > VERIFY_CASES || first > last) return VERIFY_UNSUPPORTED;
    for (size_t c = 0; c < count; c++)
        if (cases[c].dtype != CLACT_F32 || !go_together(&cases[0], &cases[c]))
            return VERIFY_UNSUPPORTED;
    memset(results, 0, count * sizeof *results);
    const size_t threads = run->threads == 0 || !mpfr_buildopt_tls_p() ? 1 : run->threads;
    struct walk w = {.cases = cases, .num_cases = count, .r = r};
    w.num_slots = (threads < MAX_THREADS ? threads : MAX_THREADS) + 1;
    struct comparer *comparers = calloc(w.num_slots - 1, sizeof *comparers);
    verify_status status = VERIFY_MEMORY;
    if (comparers && allocate_slots(&w) && mtx_init(&w.lock, mtx_plain) == thrd_success) {
        if (cnd_init(&w.changed) == thrd_success) {
            status = walk_with(&w, comparers, first, last, run, results);
            cnd_destroy(&w.changed);
        }
        mtx_destroy(&w.lock);
    }
    free_slots(&w);
    free(comparers);
    return status;
}

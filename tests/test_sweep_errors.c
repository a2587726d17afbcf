/* test_sweep_errors.c: what a sweep's tensors are refused for, with their name in the message and
 * nothing enqueued; and its kernels wait for events and for one another on any queue.
 */
#include "device_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

enum { ROWS = 3, COLS = 5, BYTES = 4096, MATRICES = 15 };

/* ---- commands are counted, and fail on demand ---- */

static struct {
    unsigned commands;
    int left; /* until a launch fails; -1: none does */
} enqueued = {0, -1};

cl_int __real_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e) {
    if (enqueued.left == 0) return CL_OUT_OF_RESOURCES;
    if (enqueued.left > 0) enqueued.left--;
    enqueued.commands++;
    return __real_clEnqueueNDRangeKernel(q, k, dims, o, g, l, n, w, e);
}

/* ---- a call that is right ---- */

typedef struct setup {
    fixture f;
    cl_mem buffers[MATRICES + 4], small;
    clact_sweep sweep;
    clact_forward_tensors forward;
    clact_backward_tensors backward;
} setup;

typedef struct field {
    const char *name;
    size_t at; /* of a clact_matrix in the tensors */
    bool output, packed, single_row;
} field;

#define F(name)      offsetof(clact_forward_tensors, name)
#define B(name)      offsetof(clact_backward_tensors, name)
#define LENGTH(list) (sizeof(list) / sizeof *(list))

static const field forward_fields[] = {{"x", F(x), false, true, false},
                                       {"value", F(value), false, false, false},
                                       {"bias", F(bias), false, true, true},
                                       {"value_bias", F(value_bias), false, false, true},
                                       {"slopes", F(slopes), false, false, true},
                                       {"residual", F(residual), false, false, false},
                                       {"y", F(y), true, false, false}};
static const field backward_fields[] = {{"the saved tensor", B(saved), false, true, false},
                                        {"value", B(value), false, false, false},
                                        {"bias", B(bias), false, true, true},
                                        {"value_bias", B(value_bias), false, false, true},
                                        {"slopes", B(slopes), false, false, true},
                                        {"dy", B(dy), false, false, false},
                                        {"dx", B(dx), true, true, false},
                                        {"dvalue", B(dvalue), true, false, false},
                                        {"dbias", B(dbias), true, true, true},
                                        {"dvalue_bias", B(dvalue_bias), true, false, true},
                                        {"dslopes", B(dslopes), true, false, true},
                                        {"dresidual", B(dresidual), true, false, false}};

static clact_matrix *matrix_at(void *tensors, size_t at) {
    return (clact_matrix *)(void *)((char *)tensors + at);
}

/* All stages, every tensor in a buffer of its own */
static void make_right(setup *s, clact_gate gate) {
    size_t next = 0;
    clact_sweep_init(&s->sweep, CLACT_ACT_PRELU);
    s->sweep.bias = s->sweep.slopes = s->sweep.residual = s->sweep.health = true;
    s->sweep.gate = gate;
    s->sweep.dropout = 0.5f;
    s->sweep.scale = 2.0f;
    s->forward = (clact_forward_tensors){.rows = ROWS, .cols = COLS};
    s->backward = (clact_backward_tensors){.rows = ROWS, .cols = COLS};
    for (size_t i = 0; i < LENGTH(forward_fields); i++)
        matrix_at(&s->forward, forward_fields[i].at)->buffer = s->buffers[next++];
    next = 0;
    for (size_t i = 0; i < LENGTH(backward_fields); i++)
        matrix_at(&s->backward, backward_fields[i].at)->buffer = s->buffers[next++];
    s->forward.workspace = s->backward.workspace = s->buffers[next++];
    s->forward.health = s->backward.health = s->buffers[next++];
}

static clact_status run(setup *s, bool backward, cl_command_queue queue, cl_uint num_wait,
                        const cl_event *wait, cl_event *event) {
    if (backward)
        return clact_sweep_backward(s->f.clact, queue, &s->sweep, &s->backward, num_wait, wait,
                                    event);
    return clact_sweep_forward(s->f.clact, queue, &s->sweep, &s->forward, num_wait, wait, event);
}

static void expect(setup *s, bool backward, clact_status want, const char *words) {
    char message[512] = "";
    cl_event event = s->f.queue ? (cl_event)(void *)s : NULL; /* anything but NULL */
    const unsigned before = enqueued.commands;
    const clact_status got = run(s, backward, s->f.queue, 0, NULL, &event);
    clact_context_message(s->f.clact, message, sizeof message);
    if (got != want || (words && !strstr(message, words)) ||
        (got != CLACT_SUCCESS && (event || enqueued.commands != before))) {
        print_error("%s: %s: '%s'; wanted %s with '%s'; %u commands, event %p\n",
                    backward ? "backward" : "forward", clact_status_text(got), message,
                    clact_status_text(want), words ? words : "", enqueued.commands - before,
                    (void *)event);
        fail();
    }
    if (got == CLACT_SUCCESS) clReleaseEvent(event);
}

static bool is_packed(const setup *s) {
    return s->sweep.gate == CLACT_GATE_FIRST || s->sweep.gate == CLACT_GATE_LAST;
}

/* Whether the gate at hand has this tensor */
static bool is_used(const setup *s, const field *m) {
    return s->sweep.gate == CLACT_GATE_APART ||
           (strcmp(m->name, "value") != 0 && strcmp(m->name, "value_bias") != 0 &&
            strcmp(m->name, "dvalue") != 0 && strcmp(m->name, "dvalue_bias") != 0);
}

/* ---- every tensor ---- */

static void spoil(setup *s, bool backward, const field *m) {
    clact_matrix *at = matrix_at(backward ? (void *)&s->backward : &s->forward, m->at);
    const clact_matrix right = *at;
    const size_t cols = m->packed && is_packed(s) ? 2 * COLS : COLS;
    char named[64];
    snprintf(named, sizeof named, "of %s ", m->name);
    at->buffer = NULL;
    expect(s, backward, CLACT_INVALID_ARGUMENT, named);
    *at = right;
    at->offset = BYTES / 4 - cols + 1;
    expect(s, backward, CLACT_BUFFER_SIZE, named);
    at->offset = SIZE_MAX - COLS + 1;
    expect(s, backward, CLACT_SHAPE, m->name);
    *at = right;
    at->ld = cols - 1;
    expect(s, backward, CLACT_SHAPE, named);
    at->ld = 1;
    expect(s, backward, CLACT_SHAPE, named);
    at->ld = SIZE_MAX / 64;
    expect(s, backward, m->single_row ? CLACT_SUCCESS : CLACT_BUFFER_SIZE,
           m->single_row ? NULL : named);
    *at = right;
    at->ld = cols;
    expect(s, backward, CLACT_SUCCESS, NULL);
    at->ld = cols + 3;
    expect(s, backward, CLACT_SUCCESS, NULL);
    at->offset = m->single_row ? BYTES / 4 - cols : BYTES / 4 - 2 * (cols + 3) - cols;
    expect(s, backward, CLACT_SUCCESS, NULL);
    *at = right;
}

static void every_tensor_is_checked(void **state) {
    setup *s = *state;
    for (clact_gate gate = CLACT_GATE_OFF; gate <= CLACT_GATE_APART; gate++) {
        make_right(s, gate);
        expect(s, false, CLACT_SUCCESS, NULL);
        expect(s, true, CLACT_SUCCESS, NULL);
        for (size_t i = 0; i < LENGTH(forward_fields); i++)
            if (is_used(s, &forward_fields[i])) spoil(s, false, &forward_fields[i]);
        for (size_t i = 0; i < LENGTH(backward_fields); i++)
            if (is_used(s, &backward_fields[i])) spoil(s, true, &backward_fields[i]);
    }
}

/* ---- overlaps ---- */

/* Which pairs may be the very same matrix: an output, and an input of its shape */
static bool may_be_same(const setup *s, bool backward, const char *out, const char *other) {
    const bool packed = is_packed(s);
    if (!backward)
        return strcmp(out, "y") == 0 && (strcmp(other, "residual") == 0 ||
                                         strcmp(other, "value") == 0 || strcmp(other, "x") == 0);
    if (strcmp(out, "dx") == 0)
        return strcmp(other, "the saved tensor") == 0 ||
               (!packed && (strcmp(other, "dy") == 0 || strcmp(other, "value") == 0));
    return strcmp(out, "dvalue") == 0 && (strcmp(other, "value") == 0 || strcmp(other, "dy") == 0 ||
                                          strcmp(other, "the saved tensor") == 0);
}

static void overlap_pair(setup *s, bool backward, const field *out, const field *other) {
    void *tensors = backward ? (void *)&s->backward : &s->forward;
    clact_matrix *a = matrix_at(tensors, out->at), *b = matrix_at(tensors, other->at);
    const clact_matrix before = *a;
    const bool two = is_packed(s) && other->packed;
    *a = *b; /* y as wide as one half of a packed x has its leading dimension */
    if (two && !out->packed) a->ld = 2 * COLS;
    const bool same = may_be_same(s, backward, out->name, other->name);
    expect(s, backward, same ? CLACT_SUCCESS : CLACT_OVERLAP, same ? NULL : "overlaps");
    a->offset = 1;
    expect(s, backward, CLACT_OVERLAP, "overlaps");
    *a = before;
}

static void outputs_overlap_nothing_else(void **state) {
    setup *s = *state;
    for (clact_gate gate = CLACT_GATE_OFF; gate <= CLACT_GATE_APART; gate++) {
        for (int backward = 0; backward < 2; backward++) {
            const field *list = backward ? backward_fields : forward_fields;
            const size_t n = backward ? LENGTH(backward_fields) : LENGTH(forward_fields);
            make_right(s, gate);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                    if (i != j && list[i].output && is_used(s, &list[i]) && is_used(s, &list[j]))
                        overlap_pair(s, backward, &list[i], &list[j]);
        }
    }
}

static void what_is_added_to_replaces_nothing(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_OFF);
    s->backward.dx = s->backward.dy;
    expect(s, true, CLACT_SUCCESS, NULL);
    s->sweep.accumulate = CLACT_GRADIENT_X;
    expect(s, true, CLACT_OVERLAP, "dx overlaps dy");
    s->sweep.beta = 0.0f; /* adds nothing */
    expect(s, true, CLACT_SUCCESS, NULL);
}

static void single_passes_may_add_to_dx(void **state) {
    setup *s = *state;
    const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
    float sums[4] = {0};
    clact_matrix m[3];
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.accumulate = CLACT_GRADIENT_X;
    w.beta = 3.0f;
    for (int i = 0; i < 3; i++) {
        m[i] = (clact_matrix){s->buffers[i], 0, 0};
        assert_int_equal(clEnqueueWriteBuffer(s->f.queue, m[i].buffer, CL_TRUE, 0, sizeof one, one,
                                              0, NULL, NULL),
                         CL_SUCCESS);
    }
    assert_int_equal(
        clact_backward(s->f.clact, s->f.queue, &w, 2, 2, m[0], m[1], m[2], 0, NULL, NULL),
        CLACT_SUCCESS);
    assert_int_equal(
        clEnqueueReadBuffer(s->f.queue, m[2].buffer, CL_TRUE, 0, sizeof sums, sums, 0, NULL, NULL),
        CL_SUCCESS);
    for (int i = 0; i < 4; i++)
        assert_true(sums[i] == 4.0f);
    assert_int_equal(
        clact_backward(s->f.clact, s->f.queue, &w, 2, 2, m[0], m[1], m[1], 0, NULL, NULL),
        CLACT_OVERLAP);
}

static void halves_may_lie_in_one_matrix_with_others(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_FIRST);
    s->forward.x.ld = 3 * COLS; /* y beside them */
    s->forward.y = (clact_matrix){s->forward.x.buffer, 2 * COLS, 3 * COLS};
    expect(s, false, CLACT_SUCCESS, NULL);
    s->forward.y.offset--;
    expect(s, false, CLACT_OVERLAP, "y overlaps x");
    s->forward.y.offset = COLS; /* over the value */
    expect(s, false, CLACT_SUCCESS, NULL);
}

/* ---- scratch and health ---- */

static void scratch_and_health_have_room(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_FIRST);
    for (int backward = 0; backward < 2; backward++) {
        cl_mem *workspace = backward ? &s->backward.workspace : &s->forward.workspace;
        cl_mem *health = backward ? &s->backward.health : &s->forward.health;
        size_t *first = backward ? &s->backward.health_offset : &s->forward.health_offset;
        const cl_mem w = *workspace, h = *health;
        *workspace = NULL;
        expect(s, backward, CLACT_INVALID_ARGUMENT, "workspace");
        *workspace = s->small;
        expect(s, backward, CLACT_BUFFER_SIZE, "workspace");
        *workspace = h;
        expect(s, backward, CLACT_OVERLAP, "workspace");
        *workspace = backward ? s->backward.dx.buffer : s->forward.y.buffer;
        expect(s, backward, CLACT_OVERLAP, "workspace");
        *workspace = w;
        *health = NULL;
        expect(s, backward, CLACT_INVALID_ARGUMENT, "health");
        *health = s->small;
        expect(s, backward, CLACT_BUFFER_SIZE, "health");
        *health = backward ? s->backward.dy.buffer : s->forward.residual.buffer;
        expect(s, backward, CLACT_OVERLAP, "health");
        *health = h;
        *first = BYTES / sizeof(clact_health) - COLS - 1;
        expect(s, backward, CLACT_SUCCESS, NULL);
        ++*first;
        expect(s, backward, CLACT_BUFFER_SIZE, "health");
        *first = SIZE_MAX / 50;
        expect(s, backward, CLACT_SHAPE, NULL);
        *first = 0;
    }
}

/* What is not needed is not looked at. */
static void unused_tensors_are_not_looked_at(void **state) {
    setup *s = *state;
    const clact_matrix wrong = {(cl_mem)(void *)s, SIZE_MAX, 1};
    clact_sweep_init(&s->sweep, CLACT_ACT_SILU);
    s->forward = (clact_forward_tensors){.rows = ROWS,
                                         .cols = COLS,
                                         .x = {s->buffers[0], 0, 0},
                                         .y = {s->buffers[1], 0, 0},
                                         .value = wrong,
                                         .bias = wrong,
                                         .value_bias = wrong,
                                         .slopes = wrong,
                                         .residual = wrong,
                                         .saved = wrong,
                                         .health = wrong.buffer,
                                         .health_offset = SIZE_MAX,
                                         .workspace = wrong.buffer};
    s->backward = (clact_backward_tensors){.rows = ROWS,
                                           .cols = COLS,
                                           .saved = {s->buffers[0], 0, 0},
                                           .dy = {s->buffers[1], 0, 0},
                                           .dx = {s->buffers[2], 0, 0},
                                           .value = wrong,
                                           .bias = wrong,
                                           .value_bias = wrong,
                                           .slopes = wrong,
                                           .dvalue = wrong,
                                           .dbias = wrong,
                                           .dvalue_bias = wrong,
                                           .dslopes = wrong,
                                           .dresidual = wrong,
                                           .health = wrong.buffer,
                                           .health_offset = SIZE_MAX,
                                           .workspace = wrong.buffer};
    expect(s, false, CLACT_SUCCESS, NULL);
    expect(s, true, CLACT_SUCCESS, NULL);
}

/* ---- mask and tail ---- */

static void masks_are_measured_in_words(void **state) {
    setup *s = *state;
    const size_t words = 4, holds = BYTES / 4;
    make_right(s, CLACT_GATE_OFF);
    clact_sweep_init(&s->sweep, CLACT_ACT_RELU);
    s->sweep.saved = CLACT_SAVED_MASK;
    s->sweep.dtype = CLACT_F16; /* words all the same */
    cl_mem mask = s->buffers[MATRICES];
    clact_matrix *const both[2] = {&s->forward.saved, &s->backward.saved};
    for (int backward = 0; backward < 2; backward++) {
        clact_matrix *m = both[backward];
        *m = (clact_matrix){NULL, 0, 0};
        expect(s, backward, CLACT_INVALID_ARGUMENT, "the mask");
        *m = (clact_matrix){mask, holds - ROWS * words, 0};
        expect(s, backward, CLACT_SUCCESS, NULL);
        m->offset++;
        expect(s, backward, CLACT_BUFFER_SIZE, "the mask");
        *m = (clact_matrix){mask, 0, words - 1};
        expect(s, backward, CLACT_SHAPE, "the mask");
        *m = (clact_matrix){mask, 0, words + 1};
        expect(s, backward, CLACT_SUCCESS, NULL);
        m->buffer = backward ? s->backward.dy.buffer : s->forward.x.buffer;
        expect(s, backward, CLACT_OVERLAP, "the mask");
        m->buffer = mask;
    }
    /* a mask that looks like a matrix of the gradient's size is none */
    s->sweep.dtype = CLACT_F32;
    s->backward.cols = 4;
    s->backward.saved.ld = 4;
    s->backward.dx = s->backward.saved;
    expect(s, true, CLACT_OVERLAP, "overlaps");
}

static void tails_are_matrices_of_their_own(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_OFF);
    clact_sweep_init(&s->sweep, CLACT_ACT_TANH);
    s->sweep.saved = CLACT_SAVED_TAIL;
    expect(s, false, CLACT_INVALID_ARGUMENT, "the saved tensor");
    s->forward.saved = s->forward.x;
    expect(s, false, CLACT_OVERLAP, "the saved tensor");
    s->forward.saved = s->forward.y;
    expect(s, false, CLACT_OVERLAP, "the saved tensor");
    s->forward.saved = (clact_matrix){s->buffers[MATRICES], 7, 9};
    expect(s, false, CLACT_SUCCESS, NULL);
    s->backward.dx = s->backward.saved;
    expect(s, true, CLACT_SUCCESS, NULL);
}

/* ---- the call itself ---- */

static void calls_that_name_nothing(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_OFF);
    const clact_sweep w = s->sweep;
    clact_context *c = s->f.clact;
    const unsigned before = enqueued.commands;
    const cl_event *list = NULL;
    assert_int_equal(clact_sweep_forward(c, s->f.queue, &w, NULL, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_backward(c, s->f.queue, NULL, &s->backward, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_forward(NULL, s->f.queue, &w, &s->forward, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_forward(c, NULL, &w, &s->forward, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_forward(c, s->f.queue, &w, &s->forward, 1, list, NULL),
                     CLACT_INVALID_ARGUMENT);
    s->forward.cols = SIZE_MAX / 3;
    expect(s, false, CLACT_SHAPE, "columns");
    s->forward.cols = SIZE_MAX / 5;
    expect(s, false, CLACT_SHAPE, NULL);
    s->forward.cols = COLS;
    s->forward.rows = SIZE_MAX / 2;
    expect(s, false, CLACT_SHAPE, NULL);
    /* single passes do not take stages */
    const clact_matrix x = s->forward.x, y = s->forward.y;
    assert_int_equal(clact_forward(c, s->f.queue, &w, ROWS, COLS, x, y, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_backward(c, s->f.queue, &w, ROWS, COLS, x, x, y, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(enqueued.commands, before);
}

static void a_launch_that_fails_gives_no_event(void **state) {
    setup *s = *state;
    make_right(s, CLACT_GATE_FIRST);
    for (int kernels = 0; kernels < 4; kernels++) { /* backward has four */
        cl_event event = (cl_event)(void *)s;
        enqueued.left = kernels;
        assert_int_equal(run(s, true, s->f.queue, 0, NULL, &event), CLACT_OPENCL);
        enqueued.left = -1;
        assert_null(event);
    }
}

/* ---- events ---- */

static void fill(setup *s) {
    float values[BYTES / 4];
    uint64_t state = 77;
    for (size_t b = 0; b < MATRICES + 4; b++) {
        for (size_t i = 0; i < BYTES / 4; i++)
            values[i] = random_normal(&state);
        assert_int_equal(clEnqueueWriteBuffer(s->f.queue, s->buffers[b], CL_TRUE, 0, BYTES, values,
                                              0, NULL, NULL),
                         CL_SUCCESS);
    }
}

static void read_all(setup *s, char (*bytes)[BYTES]) {
    for (size_t b = 0; b < MATRICES + 4; b++)
        assert_int_equal(clEnqueueReadBuffer(s->f.queue, s->buffers[b], CL_TRUE, 0, BYTES, bytes[b],
                                             0, NULL, NULL),
                         CL_SUCCESS);
}

static bool is_complete(cl_event event) {
    cl_int progress = CL_COMPLETE;
    clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    return progress == CL_COMPLETE;
}

/* Waits for the gate, and its kernels for one another; the event is that of the last. */
static void run_gated(setup *s, bool backward, cl_command_queue queue) {
    cl_event gate = clCreateUserEvent(s->f.context, NULL), done = NULL;
    require_success(&s->f, run(s, backward, queue, 1, &gate, &done), "a gated pass");
    assert_non_null(done);
    clFlush(queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* time to go wrong */
    assert_false(is_complete(done));
    clSetUserEventStatus(gate, CL_COMPLETE);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    clReleaseEvent(gate);
    clReleaseEvent(done);
}

static void kernels_of_a_pass_wait_for_one_another(void **state) {
    setup *s = *state;
    static char want[MATRICES + 4][BYTES], got[MATRICES + 4][BYTES];
    cl_command_queue other = clCreateCommandQueue(s->f.context, s->f.device,
                                                  CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, NULL);
    if (!other) skip();
    make_right(s, CLACT_GATE_LAST);
    for (int backward = 0; backward < 2; backward++) {
        fill(s);
        require_success(&s->f, run(s, backward, s->f.queue, 0, NULL, NULL), "a pass");
        read_all(s, want);
        for (int repeat = 0; repeat < 4; repeat++) {
            fill(s);
            run_gated(s, backward, repeat % 2 ? s->f.queue : other);
            read_all(s, got);
            assert_memory_equal(got, want, sizeof got);
        }
    }
    clReleaseCommandQueue(other);
}

int main(void) {
    static setup s;
    if (!fixture_open(&s.f, 0)) return TEST_SKIPPED;
    for (size_t b = 0; b < MATRICES + 4; b++)
        s.buffers[b] = clCreateBuffer(s.f.context, CL_MEM_READ_WRITE, BYTES, NULL, NULL);
    s.small = clCreateBuffer(s.f.context, CL_MEM_READ_WRITE, 64, NULL, NULL);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &s }
    const struct CMUnitTest tests[] = {
        CASE(every_tensor_is_checked),
        CASE(outputs_overlap_nothing_else),
        CASE(what_is_added_to_replaces_nothing),
        CASE(single_passes_may_add_to_dx),
        CASE(halves_may_lie_in_one_matrix_with_others),
        CASE(scratch_and_health_have_room),
        CASE(unused_tensors_are_not_looked_at),
        CASE(masks_are_measured_in_words),
        CASE(tails_are_matrices_of_their_own),
        CASE(calls_that_name_nothing),
        CASE(a_launch_that_fails_gives_no_event),
        CASE(kernels_of_a_pass_wait_for_one_another),
    };
    const int failed = cmocka_run_group_tests_name("sweep errors", tests, NULL, NULL);
    clFinish(s.f.queue);
    for (size_t b = 0; b < MATRICES + 4; b++)
        clReleaseMemObject(s.buffers[b]);
    clReleaseMemObject(s.small);
    fixture_close(&s.f);
    return failed;
}

/* command_apply.c: `clact apply` and `clact grad`, activations and gradients over .npy files. */
#include "cli_common.h"
#include "commands.h"
#include "device_pick.h"
#include "file_write.h"
#include "npy.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_OF_BOTH                                                                               \
    "  -p, --param NAME=VALUE   set a parameter; `clact list ACT` shows them\n"                    \
    "      --tier TIER          one of:" CLI_TIER_NAMES                                            \
    " (default fast); `clact list ACT` shows\n"                                                    \
    "                           their bounds on the error\n"                                       \
    "      --dtype TYPE         what is computed and written, one of:" CLI_DTYPE_NAMES "\n"        \
    "                           (default: the type of IN.npy)\n"                                   \
    "  -d, --device DEVICE      a number of `clact devices`, or a part of a device's name\n"       \
    "      --no-cache           compile anew, and keep nothing; see `clact cache --help`\n"        \
    "      --tuning FILE        of `clact tune`, or none; the device's own by default\n"           \
    "  -v, --verbose            device, sizes and times on stderr\n"                               \
    "  -h, --help               this text\n"                                                       \
    "\n"                                                                                           \
    "Files are NumPy .npy of float16, float32 or float64, in C order, any shape. An input of\n"    \
    "another type than TYPE is converted first, each element rounded to nearest, ties to even.\n"  \
    "NumPy has no bfloat16: with bf16 the output is float32 that hold exact bfloat16 values.\n"    \
    "ACT is a name or alias of `clact list`. The output is replaced only when everything has\n"    \
    "worked, and may be one of the inputs.\n"

static const char apply_help[] = "usage: clact apply ACT IN.npy -o OUT.npy [OPTION...]\n"
                                 "\n"
                                 "Writes ACT(x) for every x of IN.npy.\n"
                                 "\n"
                                 "  -o, --output OUT.npy     the file to write\n" HELP_OF_BOTH "\n"
                                 "  clact apply leaky_relu x.npy -o y.npy --param slope=0.1\n";

static const char grad_help[] =
    "usage: clact grad ACT IN.npy --dy DY.npy -o DX.npy [OPTION...]\n"
    "\n"
    "Writes dx = dy * ACT'(x): the gradient on the way back through ACT.\n"
    "\n"
    "      --dy DY.npy          the gradient that arrives, of the shape of IN.npy\n"
    "  -o, --output DX.npy      the file to write\n"
    "      --saved x|y          what IN.npy holds: the input x of ACT (default) or its output y,\n"
    "                           for the activations where y is enough\n" HELP_OF_BOTH "\n"
    "  clact grad tanh y.npy --saved y --dy dy.npy -o dx.npy\n";

enum {
    MAX_SETTINGS = 8,    /* of --param on one command line */
    MAX_CHUNK = 1 << 24, /* elements on the device at a time, so that any array fits */
    OPTION_DY = 1000,
    OPTION_SAVED,
    OPTION_TIER,
    OPTION_DTYPE,
    OPTION_NO_CACHE,
    OPTION_TUNING
};

typedef struct job {
    const char *command;
    bool is_backward, is_verbose, no_cache;
    const char *name, *input, *dy, *output, *device; /* as the user gave them; NULL if not */
    const char *tier, *dtype, *tuning;
    const char *settings[MAX_SETTINGS];
    size_t num_settings;
    clact_sweep sweep;
} job;

/* ---- The command line ------------------------------------------------------------------------ */

static int take_saved(job *work, const char *word) {
    if (strcmp(word, "x") != 0 && strcmp(word, "y") != 0)
        return cli_error(work->command, CLI_USAGE, "--saved is x or y, not '%s'", word);
    work->sweep.saved = word[0] == 'y' ? CLACT_SAVED_Y : CLACT_SAVED_X;
    return CLI_DONE;
}

static int take_option(job *work, int option, char **argv) {
    switch (option) {
    case 'o':
        work->output = optarg;
        return CLI_DONE;
    case 'd':
        work->device = optarg;
        return CLI_DONE;
    case 'v':
        work->is_verbose = true;
        return CLI_DONE;
    case OPTION_NO_CACHE:
        work->no_cache = true;
        return CLI_DONE;
    case OPTION_TUNING:
        work->tuning = optarg;
        return CLI_DONE;
    case OPTION_DY:
        work->dy = optarg;
        return CLI_DONE;
    case OPTION_SAVED:
        return take_saved(work, optarg);
    case OPTION_TIER:
        work->tier = optarg;
        return CLI_DONE;
    case OPTION_DTYPE:
        work->dtype = optarg;
        return CLI_DONE;
    case 'p':
        if (work->num_settings == MAX_SETTINGS)
            return cli_error(work->command, CLI_USAGE, "more than %d times --param; give each once",
                             (int)MAX_SETTINGS);
        work->settings[work->num_settings++] = optarg;
        return CLI_DONE;
    default:
        return cli_option_error(work->command, option, argv);
    }
}

/* Sets *is_help and stops there when help is asked for. */
static int parse_arguments(job *work, int argc, char **argv, bool *is_help) {
    static const struct option all[] = {{"dy", required_argument, NULL, OPTION_DY},
                                        {"saved", required_argument, NULL, OPTION_SAVED},
                                        {"output", required_argument, NULL, 'o'},
                                        {"param", required_argument, NULL, 'p'},
                                        {"tier", required_argument, NULL, OPTION_TIER},
                                        {"dtype", required_argument, NULL, OPTION_DTYPE},
                                        {"device", required_argument, NULL, 'd'},
                                        {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                        {"tuning", required_argument, NULL, OPTION_TUNING},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
    const struct option *options = work->is_backward ? all : all + 2;
    int option, code;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:p:d:vh", options, NULL)) != -1) {
        *is_help = option == 'h';
        if (*is_help) return CLI_DONE;
        code = take_option(work, option, argv);
        if (code != CLI_DONE) return code;
    }
    if (argc - optind > 2)
        return cli_error(work->command, CLI_USAGE,
                         "one argument too many: '%s'; see `clact %s --help`", argv[optind + 2],
                         work->command);
    work->name = optind < argc ? argv[optind] : NULL;
    work->input = optind + 1 < argc ? argv[optind + 1] : NULL;
    return CLI_DONE;
}

static const char *missing_argument(const job *work) {
    return !work->name                          ? "the activation"
           : !work->input                       ? "the input file"
           : work->is_backward && !work->dy     ? "--dy DY.npy"
           : !work->output && work->is_backward ? "-o DX.npy"
           : !work->output                      ? "-o OUT.npy"
                                                : NULL;
}

/* The sweep in all but the element type where that is the input's. */
static bool describe_sweep(job *work, char *message, size_t size) {
    clact_activation activation;
    const clact_saved saved = work->sweep.saved;
    if (!cli_parse_activation(work->name, &activation, message, size)) return false;
    clact_status status = clact_sweep_init(&work->sweep, activation);
    if (status != CLACT_SUCCESS) return cli_fail(message, size, "%s", clact_status_text(status));
    work->sweep.saved = saved;
    if (work->tier && !cli_parse_tier(work->tier, &work->sweep.tier, message, size)) return false;
    if (work->dtype && !cli_parse_dtype(work->dtype, &work->sweep.dtype, message, size))
        return false;
    for (size_t i = 0; i < work->num_settings; i++)
        if (!cli_parse_param(&work->sweep, work->settings[i], message, size)) return false;
    return cli_check_sweep(&work->sweep, work->is_backward, message, size);
}

static int check_arguments(job *work) {
    char message[CLI_MESSAGE_SIZE];
    const char *missing = missing_argument(work);
    if (missing)
        return cli_error(work->command, CLI_USAGE, "%s is missing; see `clact %s --help`", missing,
                         work->command);
    if (!describe_sweep(work, message, sizeof message))
        return cli_error(work->command, CLI_USAGE, "%s", message);
    return CLI_DONE;
}

/* ---- The device ------------------------------------------------------------------------------ */

/* Two buffers of chunk elements: x or y, and dy for backward. Results take the place of inputs. */
typedef struct sweep_run {
    const job *work;
    picked_device *picked;
    cl_mem saved, dy;
    size_t chunk, element; /* elements at a time, bytes of one */
    double kernel_seconds;
    char *message;
    size_t size;
} sweep_run;

static bool opencl_failed(const sweep_run *run, const char *call, cl_int error) {
    return cli_fail(run->message, run->size, "device %u (%s): %s gave OpenCL error %d%s",
                    run->picked->index, run->picked->info.name, call, (int)error,
                    error == CL_MEM_OBJECT_ALLOCATION_FAILURE || error == CL_OUT_OF_RESOURCES ||
                            error == CL_OUT_OF_HOST_MEMORY
                        ? " (out of memory)"
                        : "");
}

static bool clact_failed(const sweep_run *run, clact_status status) {
    char detail[1024] = "", log[2048] = "";
    clact_context_message(run->picked->clact, detail, sizeof detail);
    if (status == CLACT_BUILD) clact_context_build_log(run->picked->clact, log, sizeof log);
    return cli_fail(run->message, run->size, "device %u (%s): %s%s%s%s%s", run->picked->index,
                    run->picked->info.name, clact_status_text(status), detail[0] ? ": " : "",
                    detail, log[0] ? "\n" : "", log);
}

static bool create_buffers(sweep_run *run, size_t count) {
    cl_int error = CL_SUCCESS;
    const uint64_t most = run->picked->info.max_alloc_bytes / run->element;
    run->chunk = count < MAX_CHUNK ? count : MAX_CHUNK;
    if (run->chunk > most && most > 0) run->chunk = (size_t)most;
    const size_t bytes = run->chunk * run->element;
    run->saved = clCreateBuffer(run->picked->context, CL_MEM_READ_WRITE, bytes, NULL, &error);
    if (run->saved && run->work->is_backward)
        run->dy = clCreateBuffer(run->picked->context, CL_MEM_READ_WRITE, bytes, NULL, &error);
    return error == CL_SUCCESS || opencl_failed(run, "clCreateBuffer", error);
}

/* Call only after the event has completed. */
static double event_seconds(cl_event event) {
    cl_ulong start = 0, end = 0;
    if (clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL) !=
            CL_SUCCESS ||
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL) !=
            CL_SUCCESS)
        return 0.0;
    return 1e-9 * (double)(end - start);
}

/* The queue is in order and the last step waits, so the steps before need not. */
static bool sweep_chunk(sweep_run *run, void *saved, void *dy, size_t n) {
    picked_device *picked = run->picked;
    cl_event event = NULL;
    clact_matrix saved_matrix = {run->saved, 0, 0}, dy_matrix = {run->dy, 0, 0};
    clact_status status;
    const size_t bytes = n * run->element;
    cl_int error =
        clEnqueueWriteBuffer(picked->queue, run->saved, CL_FALSE, 0, bytes, saved, 0, NULL, NULL);
    if (error == CL_SUCCESS && dy)
        error = clEnqueueWriteBuffer(picked->queue, run->dy, CL_FALSE, 0, bytes, dy, 0, NULL, NULL);
    if (error != CL_SUCCESS) return opencl_failed(run, "clEnqueueWriteBuffer", error);
    if (dy)
        status = clact_backward(picked->clact, picked->queue, &run->work->sweep, 1, n, saved_matrix,
                                dy_matrix, dy_matrix, 0, NULL, &event);
    else
        status = clact_forward(picked->clact, picked->queue, &run->work->sweep, 1, n, saved_matrix,
                               saved_matrix, 0, NULL, &event);
    if (status != CLACT_SUCCESS) return clact_failed(run, status);
    error = clEnqueueReadBuffer(picked->queue, dy ? run->dy : run->saved, CL_TRUE, 0, bytes,
                                dy ? dy : saved, 0, NULL, NULL);
    if (error == CL_SUCCESS) run->kernel_seconds += event_seconds(event);
    clReleaseEvent(event);
    return error == CL_SUCCESS || opencl_failed(run, "clEnqueueReadBuffer", error);
}

static void report(const sweep_run *run, size_t count) {
    unsigned builds = 0, hits = 0, misses = 0;
    double seconds = clact_context_build_seconds(run->picked->clact, &builds);
    clact_context_cache_counts(run->picked->clact, &hits, &misses);
    fprintf(stderr, "device    %u: %s\n", run->picked->index, run->picked->info.name);
    fprintf(stderr, "kind      %s, %s tier\n", clact_dtype_name(run->work->sweep.dtype),
            clact_tier_name(run->work->sweep.tier));
    fprintf(stderr, "elements  %zu\n", count);
    fprintf(stderr, "compile   %.3f s\n", seconds);
    if (hits + misses > 0)
        fprintf(stderr, "cache     had %u of %u programs\n", hits, hits + misses);
    fprintf(stderr, "kernel    %.3f ms\n", 1e3 * run->kernel_seconds);
}

/* The result is left in dy for backward, else in input. */
static bool sweep_arrays(const job *work, npy_array *input, npy_array *dy, char *message,
                         size_t size) {
    picked_device picked = {0};
    sweep_run run = {.work = work,
                     .picked = &picked,
                     .element = clact_dtype_size(work->sweep.dtype),
                     .message = message,
                     .size = size};
    bool is_done =
        device_open(work->device, !work->no_cache, work->tuning, &picked, message, size) &&
        (input->count == 0 || create_buffers(&run, input->count));
    for (size_t at = 0; is_done && at < input->count; at += run.chunk) {
        const size_t left = input->count - at, byte = at * run.element;
        is_done = sweep_chunk(&run, (char *)input->data + byte,
                              work->is_backward ? (char *)dy->data + byte : NULL,
                              left < run.chunk ? left : run.chunk);
    }
    if (picked.queue)
        clFinish(picked.queue); /* after a failure something may still be on its way */
    if (is_done && work->is_verbose) report(&run, input->count);
    if (run.dy) clReleaseMemObject(run.dy);
    if (run.saved) clReleaseMemObject(run.saved);
    device_close(&picked);
    return is_done;
}

/* ---- The commands ---------------------------------------------------------------------------- */

/* Both inputs, as elements of the sweep's type; that of the first where none was asked for. */
static bool read_inputs(job *work, npy_array *input, npy_array *dy, char *message, size_t size) {
    char shape[NPY_SHAPE_SIZE], dy_shape[NPY_SHAPE_SIZE];
    if (!npy_read(work->input, input, message, size)) return false;
    if (!work->dtype) work->sweep.dtype = input->dtype;
    if (!npy_convert(input, work->sweep.dtype, message, size)) return false;
    if (!work->is_backward) return true;
    if (!npy_read(work->dy, dy, message, size)) return false;
    if (npy_same_shape(input, dy)) return npy_convert(dy, work->sweep.dtype, message, size);
    npy_shape_text(input, shape);
    npy_shape_text(dy, dy_shape);
    return cli_fail(message, size, "%s has shape %s and %s has shape %s; they must be equal",
                    work->input, shape, work->dy, dy_shape);
}

static bool write_result(const job *work, npy_array *result, char *message, size_t size) {
    const clact_dtype dtype = npy_descr(result->dtype) ? result->dtype : CLACT_F32;
    return npy_convert(result, dtype, message, size) &&
           npy_write(work->output, result, message, size);
}

static int run_job(job *work, int argc, char **argv) {
    char message[CLI_MESSAGE_SIZE] = "";
    npy_array input = {0}, dy = {0};
    bool is_help = false;
    int code = parse_arguments(work, argc, argv, &is_help);
    if (is_help)
        fputs(work->is_backward ? grad_help : apply_help, stdout);
    else if (code == CLI_DONE)
        code = check_arguments(work);
    if (is_help || code != CLI_DONE) return code;
    if (!file_check_output(work->output, message, sizeof message) ||
        !read_inputs(work, &input, &dy, message, sizeof message) ||
        !sweep_arrays(work, &input, &dy, message, sizeof message) ||
        !write_result(work, work->is_backward ? &dy : &input, message, sizeof message))
        code = cli_error(work->command, CLI_FAILED, "%s", message);
    npy_clear(&input);
    npy_clear(&dy);
    return code;
}

int command_apply(int argc, char **argv) {
    job work = {.command = "apply"};
    return run_job(&work, argc, argv);
}

int command_grad(int argc, char **argv) {
    job work = {.command = "grad", .is_backward = true};
    return run_job(&work, argc, argv);
}

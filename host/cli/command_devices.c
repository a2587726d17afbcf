/* command_devices.c: `clact devices` shows every OpenCL device and what clact knows of it. */
#include "cli_common.h"
#include "commands.h"
#include "device_pick.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact devices [--json] [--no-self-test] [--no-cache]\n"
    "\n"
    "Shows the OpenCL devices. The other commands take --device with a number of this list or\n"
    "a part of a name; without it they use the one marked *: the first GPU, else the first "
    "device.\n"
    "\n"
    "Each device is put to the self-test: elementary functions and operations on numbers whose\n"
    "answers are known, bit by bit. The other commands refuse a device that fails it, unless\n"
    "insist: stands before its number or name, as in --device insist:0. Taking subnormal numbers\n"
    "for 0 is no failure. The first time it takes the compiler a few seconds.\n"
    "\n"
    "  -j, --json            an array of objects instead of text\n"
    "  -n, --no-self-test    only what the drivers say\n"
    "      --no-cache        the self-test is compiled anew, see `clact cache --help`\n"
    "  -h, --help            this text\n"
    "\n"
    "No device at all: a message on stderr and exit code 1.\n";

typedef struct listed_device {
    clact_device_info info;
    clact_status status; /* of asking for info */
    bool is_tested;
    clact_status test_status; /* of running the self-test */
    clact_self_test_report report;
} listed_device;

static const char *type_text(cl_device_type type) {
    if (type & CL_DEVICE_TYPE_GPU) return "GPU";
    if (type & CL_DEVICE_TYPE_CPU) return "CPU";
    return type & CL_DEVICE_TYPE_ACCELERATOR ? "accelerator" : "other";
}

/* ---- The self-test --------------------------------------------------------------------------- */

static void test_device(cl_device_id id, bool with_cache, listed_device *device) {
    cl_int error = CL_SUCCESS;
    device->is_tested = true;
    cl_context context = clCreateContext(NULL, 1, &id, NULL, NULL, &error);
    if (!context) {
        device->test_status = CLACT_OPENCL;
        snprintf(device->report.message, sizeof device->report.message,
                 "clCreateContext gave OpenCL error %d", (int)error);
        return;
    }
    device->test_status = device_self_test(context, id, with_cache, &device->report);
    clReleaseContext(context);
}

static void print_test(const listed_device *device) {
    const clact_self_test_report *r = &device->report;
    if (!device->is_tested) return;
    if (device->test_status != CLACT_SUCCESS) {
        printf("     self-test   could not be run: %s\n", r->message);
        return;
    }
    printf("     measured    subnormals");
    if (r->subnormal_inputs && r->subnormal_results && r->fma_subnormals)
        printf(" kept");
    else
        printf(" flushed:%s%s%s", r->subnormal_inputs ? "" : " inputs",
               r->subnormal_results ? "" : " results", r->fma_subnormals ? "" : " in fma");
    printf(", fma %s, a * b + c %s\n", r->fma_exact ? "exact" : "not exact",
           r->contracts ? "contracted" : "not contracted");
    if (r->passed)
        printf("     self-test   passed: %u answers, %.2f s\n", r->answers, r->seconds);
    else
        printf("     self-test   FAILED: %s\n", r->message);
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void print_device(unsigned index, const listed_device *device, bool is_default) {
    const clact_device_info *info = &device->info;
    char global[CLI_BYTES_SIZE], alloc[CLI_BYTES_SIZE];
    if (device->status != CLACT_SUCCESS) {
        printf("%s %u  (cannot be asked: %s)\n", is_default ? "*" : " ", index,
               clact_status_text(device->status));
        return;
    }
    cli_bytes_text(info->global_bytes, global);
    cli_bytes_text(info->max_alloc_bytes, alloc);
    printf("%s %u  %s\n", is_default ? "*" : " ", index, info->name);
    printf("     platform    %s\n", info->platform);
    printf("     OpenCL      %s\n", info->version);
    printf("     driver      %s\n", info->driver);
    printf("     type        %s, %u compute unit%s\n", type_text(info->type), info->compute_units,
           info->compute_units == 1 ? "" : "s");
    printf("     memory      %s, at most %s in one buffer\n", global, alloc);
    printf("     arithmetic  fp16 %s, fp64 %s\n", info->fp16 ? "yes" : "no",
           info->fp64 ? "yes" : "no");
    printf("     float32     subnormals %s, fma %s, rounded division %s (as the driver says)\n",
           info->subnormals ? "yes" : "no", info->fma ? "yes" : "no",
           info->rounded_division ? "yes" : "no");
    print_test(device);
    printf("     clact       vectors of %u\n", info->vector_width);
}

static void print_text(const listed_device *devices, unsigned count, unsigned chosen) {
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) putchar('\n');
        print_device(i, &devices[i], i == chosen);
    }
    fputs("\n* the default; choose another with --device and its number or a part of its name\n",
          stdout);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* A driver's text that is not UTF-8 becomes null. */
static json_t *text_or_null(const char *text) {
    json_t *string = json_string(text);
    return string ? string : json_null();
}

static json_t *test_json(const listed_device *device) {
    const clact_self_test_report *r = &device->report;
    if (!device->is_tested) return json_null();
    if (device->test_status != CLACT_SUCCESS)
        return json_pack("{s:b, s:o}", "passed", false, "message", text_or_null(r->message));
    json_t *failed = r->passed ? json_null()
                               : json_pack("{s:s, s:s}", "function", r->function, "tier",
                                           clact_tier_name(r->tier));
    return json_pack("{s:b, s:i, s:i, s:i, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:f}", "passed",
                     r->passed, "answers", (int)r->answers, "wrong", (int)r->wrong, "left_out",
                     (int)r->left_out, "first_failure", failed, "message", text_or_null(r->message),
                     "contracts", r->contracts, "fma_exact", r->fma_exact, "fma_subnormals",
                     r->fma_subnormals, "subnormal_inputs", r->subnormal_inputs,
                     "subnormal_results", r->subnormal_results, "seconds", r->seconds);
}

static json_t *device_json(unsigned index, const listed_device *device, bool is_default) {
    const clact_device_info *info = &device->info;
    if (device->status != CLACT_SUCCESS)
        return json_pack("{s:i, s:b, s:s}", "index", (int)index, "default", is_default, "error",
                         clact_status_text(device->status));
    return json_pack(
        "{s:i, s:b, s:o, s:o, s:o, s:s, s:o, s:o,"
        " s:i, s:i, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:b, s:b, s:i, s:o}",
        "index", (int)index, "default", is_default, "name", text_or_null(info->name), "vendor",
        text_or_null(info->vendor), "platform", text_or_null(info->platform), "type",
        type_text(info->type), "opencl_version", text_or_null(info->version), "driver",
        text_or_null(info->driver), "compute_units", (int)info->compute_units, "clock_mhz",
        (int)info->clock_mhz, "global_bytes", (json_int_t)info->global_bytes, "max_alloc_bytes",
        (json_int_t)info->max_alloc_bytes, "cache_bytes", (json_int_t)info->cache_bytes,
        "max_work_group", (json_int_t)info->max_work_group, "fp16", info->fp16, "fp64", info->fp64,
        "subnormals", info->subnormals, "fma", info->fma, "rounded_division",
        info->rounded_division, "vector_width", (int)info->vector_width, "self_test",
        test_json(device));
}

static bool print_json(const listed_device *devices, unsigned count, unsigned chosen) {
    bool is_good = true;
    json_t *array = json_array();
    for (unsigned i = 0; i < count && is_good; i++)
        is_good = json_array_append_new(array, device_json(i, &devices[i], i == chosen)) == 0;
    char *text = is_good ? json_dumps(array, JSON_INDENT(2)) : NULL;
    is_good = text != NULL;
    if (is_good) puts(text);
    free(text);
    json_decref(array);
    return is_good;
}

/* ---- The command ----------------------------------------------------------------------------- */

static int show_devices(bool as_json, bool with_test, bool with_cache) {
    char message[CLI_MESSAGE_SIZE] = "no OpenCL device found";
    picked_device none;
    int code = CLI_DONE;
    unsigned count = device_list(NULL, 0);
    if (count == 0) {
        device_open(NULL, false, NULL, &none, message, sizeof message); /* for its advice */
        device_close(&none);
        return cli_error("devices", CLI_FAILED, "%s", message);
    }
    cl_device_id *ids = calloc(count, sizeof *ids);
    listed_device *devices = calloc(count, sizeof *devices);
    if (!ids || !devices) {
        code = cli_error("devices", CLI_FAILED, "not enough memory");
        goto done;
    }
    unsigned now = device_list(ids, count);
    count = now < count ? now : count;
    for (unsigned i = 0; i < count; i++) {
        devices[i].status = clact_device_query(ids[i], &devices[i].info);
        if (with_test && devices[i].status == CLACT_SUCCESS)
            test_device(ids[i], with_cache, &devices[i]);
    }
    const unsigned chosen = device_default(ids, count);
    if (!as_json)
        print_text(devices, count, chosen);
    else if (!print_json(devices, count, chosen))
        code = cli_error("devices", CLI_FAILED, "the list cannot be put into JSON");
done:
    free(devices);
    free(ids);
    return code;
}

enum { OPTION_NO_CACHE = 1000 };

int command_devices(int argc, char **argv) {
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"no-self-test", no_argument, NULL, 'n'},
                                            {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool as_json = false, with_test = true, with_cache = true;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":jnh", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return CLI_DONE;
        }
        if (option != 'j' && option != 'n' && option != OPTION_NO_CACHE)
            return cli_option_error("devices", option, argv);
        as_json = as_json || option == 'j';
        with_test = with_test && option != 'n';
        with_cache = with_cache && option != OPTION_NO_CACHE;
    }
    if (optind < argc)
        return cli_error("devices", CLI_USAGE,
                         "takes no argument, so not '%s'; see `clact devices --help`",
                         argv[optind]);
    return show_devices(as_json, with_test, with_cache);
}

/* command_cache.c: `clact cache`, the folder of compiled kernels. */
#include "cache_place.h"
#include "cli_common.h"
#include "commands.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char help[] =
    "usage: clact cache info [--json]\n"
    "       clact cache clear\n"
    "\n"
    "Compiled kernels are kept in a folder, so that later runs need not compile them:\n"
    "$XDG_CACHE_HOME/clact, or $HOME/.cache/clact where that is not set. A file is used only for\n"
    "the same kernels, options, device and driver, and only if every bit of it is as it was\n"
    "written; else the kernels are compiled as if it were not there. Beyond 256 MiB the files\n"
    "longest unused are removed. A run with --no-cache neither reads nor writes there; use it "
    "with\n"
    "environment variables that change what a driver compiles, such as POCL_EXTRA_BUILD_FLAGS.\n"
    "\n"
    "  info          says what is in the folder\n"
    "  clear         removes the files that clact has written there, and no others\n"
    "  -j, --json    an object instead of text\n"
    "  -h, --help    this text\n";

/* ---- What is there --------------------------------------------------------------------------- */

/* Local time, "2026-11-21 15:04:05". */
static void print_time(const char *label, int64_t seconds) {
    const time_t moment = (time_t)seconds;
    char text[32] = "";
    struct tm parts;
    if (localtime_r(&moment, &parts)) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    printf("%s%s", label, text);
}

static void print_count(const char *label, size_t count, const char *text) {
    if (count > 0) printf("%-11s%zu, %s\n", label, count, text);
}

static void print_info(const char *folder, const clact_cache_info *info) {
    char bytes[CLI_BYTES_SIZE];
    cli_bytes_text(info->bytes, bytes);
    printf("folder     %s\n", folder);
    printf("programs   %zu, %s\n", info->programs, bytes);
    if (info->programs > 0) {
        print_time("last used  ", info->oldest);
        print_time(" to ", info->newest);
        putchar('\n');
    }
    print_count("unusable", info->unusable, "replaced when their kernels are compiled");
    print_count("leftovers", info->leftovers, "of runs that are writing or were stopped");
    print_count("foreign", info->foreign, "not kernels, and never touched");
}

static bool print_json(const char *folder, const clact_cache_info *info) {
    json_t *none = json_null();
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:I}", "folder", folder, "programs",
        (json_int_t)info->programs, "bytes", (json_int_t)info->bytes, "oldest",
        info->programs ? json_integer(info->oldest) : none, "newest",
        info->programs ? json_integer(info->newest) : none, "unusable", (json_int_t)info->unusable,
        "leftovers", (json_int_t)info->leftovers, "foreign", (json_int_t)info->foreign);
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text) puts(text);
    const bool is_good = text != NULL;
    free(text);
    json_decref(object);
    return is_good;
}

static int show(const char *folder, bool as_json) {
    clact_cache_info info = {.struct_size = sizeof info};
    const clact_status status = clact_cache_query(folder, &info);
    if (status != CLACT_SUCCESS)
        return cli_error("cache", CLI_FAILED, "%s: %s", folder, clact_status_text(status));
    if (!as_json)
        print_info(folder, &info);
    else if (!print_json(folder, &info))
        return cli_error("cache", CLI_FAILED, "the figures cannot be put into JSON");
    return CLI_DONE;
}

static int clear(const char *folder) {
    size_t removed = 0;
    const clact_status status = clact_cache_clear(folder, &removed);
    if (status != CLACT_SUCCESS)
        return cli_error("cache", CLI_FAILED, "%s: %s; %zu file%s removed", folder,
                         clact_status_text(status), removed, removed == 1 ? " was" : "s were");
    printf("removed %zu file%s from %s\n", removed, removed == 1 ? "" : "s", folder);
    return CLI_DONE;
}

/* ---- The command ----------------------------------------------------------------------------- */

int command_cache(int argc, char **argv) {
    enum { INFO, CLEAR, NUM_ACTIONS };
    static const char *const actions[NUM_ACTIONS] = {"info", "clear"};
    char message[CLI_MESSAGE_SIZE], place[CACHE_PLACE_SIZE];
    bool as_json = false;
    int code = CLI_DONE;
    if (!cli_list_options("cache", help, argc, argv, &as_json, &code)) return code;
    if (optind == argc)
        return cli_error("cache", CLI_USAGE,
                         "takes one of info and clear; see `clact cache --help`");
    const int action =
        cli_find_word("action", argv[optind], actions, NUM_ACTIONS, message, sizeof message);
    if (action < 0) return cli_error("cache", CLI_USAGE, "%s", message);
    if (optind + 1 < argc)
        return cli_error("cache", CLI_USAGE, "%s takes no argument, so not '%s'", actions[action],
                         argv[optind + 1]);
    if (as_json && action != INFO)
        return cli_error("cache", CLI_USAGE, "--json goes with info, not with %s", actions[action]);
    const char *folder = cache_place(place);
    if (!folder)
        return cli_error("cache", CLI_FAILED,
                         "there is no cache: neither XDG_CACHE_HOME nor HOME is an absolute path");
    return action == INFO ? show(folder, as_json) : clear(folder);
}

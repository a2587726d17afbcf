/* bench_origin.c: where results come from: the machine, the commit, the command. */
#include "bench_origin.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

extern const char bench_commit[]; /* made by commit.cmake */

/* "model name : AMD EPYC 9B14" of Linux; false where there is none. */
static int origin_processor(char *text, size_t size) {
    static const char key[] = "model name";
    char line[256];
    int found = 0;
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && !found && fgets(line, sizeof line, in)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, key, sizeof key - 1) != 0 || value == NULL) continue;
        value += 1 + strspn(value + 1, " \t");
        snprintf(text, size, "%.*s", (int)strcspn(value, "\n"), value);
        found = 1;
    }
    if (in) fclose(in);
    return found;
}

void bench_origin_host(char *text, size_t size) {
    struct utsname system;
    char processor[256];
    const int known = origin_processor(processor, sizeof processor);
    if (uname(&system) < 0)
        snprintf(text, size, "%s", known ? processor : "");
    else
        snprintf(text, size, "%s%s%s %s", known ? processor : "", known ? ", " : "", system.sysname,
                 system.machine);
}

const char *bench_origin_commit(void) {
    return bench_commit;
}

static void origin_append(char *text, size_t size, const char *more) {
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s", more);
}

/* A word as a shell reads it back. */
static void origin_append_word(char *text, size_t size, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=+,./:^%@";
    if (*word && word[strspn(word, plain)] == '\0') {
        origin_append(text, size, word);
        return;
    }
    origin_append(text, size, "'");
    for (; *word; ++word)
        origin_append(text, size, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
    origin_append(text, size, "'");
}

void bench_origin_command(int argc, char *const *argv, char *text, size_t size) {
    snprintf(text, size, "clact-bench");
    for (int i = 1; i < argc; ++i) {
        origin_append(text, size, " ");
        origin_append_word(text, size, argv[i]);
    }
}

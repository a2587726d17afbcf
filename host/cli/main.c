/* main.c: the program clact: finds the command and sees that what it wrote has arrived. */
#include "cli_common.h"
#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct command {
    const char *name, *text;
    int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
#define COMMAND_ROW(name, text) {#name, text, command_##name},
    CLI_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

enum { NUM_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *stream) {
    fputs("clact: neural activations and their gradients on OpenCL devices\n"
          "\n"
          "usage: clact COMMAND [ARGUMENT...]\n"
          "\n",
          stream);
    for (int i = 0; i < NUM_COMMANDS; i++)
        fprintf(stream, "  %-8s  %s\n", commands[i].name, commands[i].text);
    fputs("\n"
          "`clact help COMMAND` or `clact COMMAND --help` says more; `clact --version` prints the\n"
          "version. Exit code 0: done, 1: failed, 2: wrong usage.\n"
          "\n"
          "For a start:\n"
          "  clact list gelu\n"
          "  clact apply gelu x.npy -o y.npy\n",
          stream);
}

static int unknown_command(const char *word) {
    cli_suggestion suggestion = {word, NULL, 0};
    for (int i = 0; i < NUM_COMMANDS; i++)
        cli_suggest(&suggestion, commands[i].name, strlen(commands[i].name), commands[i].name);
    if (suggestion.best)
        return cli_error(NULL, CLI_USAGE,
                         "there is no command '%s'; did you mean '%s'? `clact --help` shows all",
                         word, suggestion.best);
    return cli_error(NULL, CLI_USAGE, "there is no command '%s'; `clact --help` shows all", word);
}

static int run_command(int argc, char **argv) {
    for (int i = 0; i < NUM_COMMANDS; i++)
        if (strcmp(argv[0], commands[i].name) == 0) return commands[i].run(argc, argv);
    return unknown_command(argv[0]);
}

static int run_help(int argc, char **argv) {
    char help_option[] = "--help";
    char *help_argv[] = {argv[0], help_option, NULL};
    if (argc == 0) {
        print_help(stdout);
        return CLI_DONE;
    }
    if (argc > 1) return cli_error(NULL, CLI_USAGE, "help takes one command, so not '%s'", argv[1]);
    return run_command(2, help_argv);
}

static int run(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return run_help(argc - 2, argv + 2);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("clact %s\n", clact_version());
        return CLI_DONE;
    }
    if (word[0] == '-')
        return cli_error(NULL, CLI_USAGE, "unknown option '%s'; see `clact --help`", word);
    return run_command(argc - 1, argv + 1);
}

/* A full disk or closed pipe shows only here, where the last of stdout leaves its buffer. */
static int finish(int code) {
    errno = 0;
    bool had_error = ferror(stdout) != 0;
    bool is_flushed = fflush(stdout) == 0;
    if (is_flushed && !had_error) return code;
    cli_error(NULL, CLI_FAILED, "standard output cannot be written%s%s", errno ? ": " : "",
              errno ? strerror(errno) : "");
    return code == CLI_DONE ? CLI_FAILED : code;
}

int main(int argc, char **argv) {
#ifdef SIGXFSZ
    signal(SIGXFSZ, SIG_IGN); /* a file over the size limit is an error to report, not the end */
#endif
    return finish(run(argc, argv));
}

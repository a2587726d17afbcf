/* cli_common.h: what the commands share: messages, suggestions, and the words of the user. */
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include <clact/clact.h>

#if defined(__GNUC__)
#define CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_PRINTF(text, first)
#endif

/* Exit codes of the program. */
typedef enum cli_exit { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 } cli_exit;

enum {
    CLI_MESSAGE_SIZE = 4096, /* a message with two long file names in it */
    CLI_FLOAT_SIZE = 32,     /* cli_float_text */
    CLI_BYTES_SIZE = 32      /* cli_bytes_text */
};

/* ---- Errors ---------------------------------------------------------------------------------- */

/* Prints "clact COMMAND: message" and a newline to stderr ("clact: " for command NULL) and returns
 * code, so that a command can end with it. */
int cli_error(const char *command, int code, const char *format, ...) CLI_PRINTF(3, 4);

/* Writes a message and returns false, so that a check can end with it. */
bool cli_fail(char *message, size_t size, const char *format, ...) CLI_PRINTF(3, 4);

/* Reports what getopt_long has returned '?' or ':' for (opterr 0, option string with a leading
 * ':'). Returns CLI_USAGE. */
int cli_option_error(const char *command, int code, char *const *argv);

/* Parses the command line of a command that lists something: --json and --help. Returns true to go
 * on, with optind at the first argument; false with *code to exit with, after help or an error. */
bool cli_list_options(const char *command, const char *help, int argc, char **argv, bool *as_json,
                      int *code);

/* ---- Suggestions ----------------------------------------------------------------------------- */

/* The best of several candidates for a mistyped word; start with {word, NULL, 0}. */
typedef struct cli_suggestion {
    const char *word, *best; /* best stays NULL where nothing is near enough */
    size_t distance;
} cli_suggestion;

/* Compares another candidate, length characters of text; keeps `answer` if it is the nearest. */
void cli_suggest(cli_suggestion *suggestion, const char *text, size_t length, const char *answer);

/* The place of a word among count names; -1 with a message that suggests the nearest and lists them
 * all. `what` is what they are names of: "tier". */
int cli_find_word(const char *what, const char *word, const char *const *names, int count,
                  char *message, size_t size);

/* ---- Tiers and element types ----------------------------------------------------------------- */

/* Their names for help texts: " fast accurate". */
#define CLI_TIER_NAME(NAME, value, name)        " " name
#define CLI_DTYPE_NAME(NAME, value, name, size) " " name
#define CLI_TIER_NAMES                          CLACT_TIER_MAP(CLI_TIER_NAME)
#define CLI_DTYPE_NAMES                         CLACT_DTYPE_MAP(CLI_DTYPE_NAME)

/* All of them, in the order of their maps. */
#define CLI_COUNT_ONE(...) +1
enum {
    CLI_NUM_TIERS = 0 CLACT_TIER_MAP(CLI_COUNT_ONE),
    CLI_NUM_DTYPES = 0 CLACT_DTYPE_MAP(CLI_COUNT_ONE)
};
extern const clact_tier cli_tiers[CLI_NUM_TIERS];
extern const clact_dtype cli_dtypes[CLI_NUM_DTYPES];

/* Find one by its name; suggest one on failure. */
bool cli_parse_tier(const char *name, clact_tier *tier, char *message, size_t size);
bool cli_parse_dtype(const char *name, clact_dtype *dtype, char *message, size_t size);

/* ---- Activations and parameters -------------------------------------------------------------- */

/* Finds an activation as the user wrote it; suggests one on failure. */
bool cli_parse_activation(const char *name, clact_activation *activation, char *message,
                          size_t size);

/* Sets one parameter of an initialised sweep from "name=value". The value is one finite decimal or
 * C hexadecimal number, nothing around it. On failure the sweep is as it was. */
bool cli_parse_param(clact_sweep *sweep, const char *text, char *message, size_t size);

/* Parameters that go together and, for backward, a saved tensor that gives the right gradient;
 * says in words what is wrong otherwise. */
bool cli_check_sweep(const clact_sweep *sweep, bool backward, char *message, size_t size);

/* ---- Texts ----------------------------------------------------------------------------------- */

/* The shortest decimal that reads back as this float. */
void cli_float_text(float value, char text[CLI_FLOAT_SIZE]);

/* "7.6 GiB". */
void cli_bytes_text(uint64_t bytes, char text[CLI_BYTES_SIZE]);

#endif

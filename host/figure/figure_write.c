/* figure_write.c: has gnuplot draw a figure into a file; see figure.h.
 *
 * gnuplot works in a folder of its own under $TMPDIR, from where the whole files are taken.
 */
#include "figure_gnuplot.h"

#include "cli_common.h"
#include "file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PLACE_SIZE = 1024, LINE_SIZE = 512 };

/* ---- Names of files -------------------------------------------------------------------------- */

static const char *const endings[FIGURE_NUM_FORMATS] = {
    [FIGURE_SVG] = ".svg", [FIGURE_PNG] = ".png", [FIGURE_PDF] = ".pdf"};

static bool find_format(const char *path, figure_format *format, char *message, size_t size) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot && dot > name && i < FIGURE_NUM_FORMATS; i++)
        if (strcmp(dot, endings[i]) == 0) {
            *format = (figure_format)i;
            return true;
        }
    return cli_fail(message, size,
                    "'%s' is no name for a picture: it must end in .svg, .png or .pdf", path);
}

/* The path with another ending in place of its own, to be freed; NULL without memory. */
static char *with_ending(const char *path, const char *ending) {
    const size_t stem = (size_t)(strrchr(path, '.') - path);
    char *other = malloc(stem + strlen(ending) + 1);
    if (!other) return NULL;
    memcpy(other, path, stem);
    strcpy(other + stem, ending);
    return other;
}

static const char *name_in(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- The program gnuplot --------------------------------------------------------------------- */

/* Runs gnuplot with its messages into the file `errors`. Returns its exit status, 127 if it is not
 * there, -1 for a failure with its reason in errno. */
static int run_gnuplot(const char *argument, const char *errors) {
    char name[] = "gnuplot", no_settings[] = "-d";
    char *argument_copy = strdup(argument);
    char *argv[] = {name, no_settings, argument_copy, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = 0, error = argument_copy ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (error == 0) {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        error = posix_spawnp(&child, name, &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(argument_copy);
    if (error == ENOENT) return 127;
    while (error == 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR) error = errno;
    errno = error;
    return error ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What gnuplot says is wrong: its line that names the script's, else the first with text. */
static void read_error(const char *errors, const char *script, char *text, size_t size) {
    char line[LINE_SIZE], first[LINE_SIZE] = "";
    FILE *stream = fopen(errors, "r");
    text[0] = '\0';
    while (stream && !text[0] && fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        const char *at = strstr(line, script);
        const char *colon = at ? strstr(at, ": ") : NULL;
        if (colon) snprintf(text, size, "%s", colon + 2);
        if (!first[0] && line[strspn(line, " \t")]) snprintf(first, sizeof first, "%s", line);
    }
    if (!text[0]) snprintf(text, size, "%s", first[0] ? first : "it says nothing more");
    if (stream) fclose(stream);
}

static bool check_status(int status, const char *errors, const char *script, char *message,
                         size_t size) {
    char text[LINE_SIZE];
    if (status == 0) return true;
    if (status == 127)
        return cli_fail(message, size,
                        "gnuplot is not installed (on Debian: apt-get install gnuplot-nox); or use "
                        "--text");
    if (status < 0) return cli_fail(message, size, "gnuplot cannot be run: %s", strerror(errno));
    read_error(errors, script, text, sizeof text);
    return cli_fail(message, size, "gnuplot failed with exit status %d: %s", status, text);
}

/* ---- The folder gnuplot works in ------------------------------------------------------------- */

typedef struct workshop {
    char folder[PLACE_SIZE];
    char script[PLACE_SIZE + 16], data[PLACE_SIZE + 16], picture[PLACE_SIZE + 16],
        errors[PLACE_SIZE + 16];
} workshop;

static bool open_workshop(workshop *w, figure_format format, char *message, size_t size) {
    const char *parent = getenv("TMPDIR");
    if (!parent || !parent[0]) parent = "/tmp";
    const int length = snprintf(w->folder, sizeof w->folder, "%s/clact-figure-XXXXXX", parent);
    if (length < 0 || (size_t)length >= sizeof w->folder || !mkdtemp(w->folder)) {
        w->folder[0] = '\0';
        return cli_fail(message, size, "a temporary folder cannot be made in %s: %s", parent,
                        strerror(errno));
    }
    snprintf(w->script, sizeof w->script, "%s/figure.gp", w->folder);
    snprintf(w->data, sizeof w->data, "%s/figure.tsv", w->folder);
    snprintf(w->picture, sizeof w->picture, "%s/figure%s", w->folder, endings[format]);
    snprintf(w->errors, sizeof w->errors, "%s/errors", w->folder);
    return true;
}

static void close_workshop(workshop *w) {
    if (!w->folder[0]) return;
    unlink(w->script);
    unlink(w->data);
    unlink(w->picture);
    unlink(w->errors);
    rmdir(w->folder);
}

/* ---- Contents -------------------------------------------------------------------------------- */

typedef struct content {
    char *bytes;
    size_t length;
} content;

/* The script, or the data where picture is NULL. */
static bool compose(const figure *f, figure_format format, const char *picture, const char *data,
                    content *out, char *message, size_t size) {
    FILE *stream = open_memstream(&out->bytes, &out->length);
    bool is_done = stream != NULL;
    if (stream && picture) figure_put_script(f, format, picture, data, stream);
    if (stream && !picture) figure_put_data(f, stream);
    if (stream) is_done = !ferror(stream);
    if (stream && fclose(stream) != 0) is_done = false;
    return is_done || cli_fail(message, size, "not enough memory for the figure");
}

static bool read_picture(const char *path, content *out, char *message, size_t size) {
    struct stat about;
    FILE *stream = fopen(path, "rb");
    bool is_done = stream && fstat(fileno(stream), &about) == 0 && about.st_size > 0;
    if (is_done) out->bytes = malloc((size_t)about.st_size);
    is_done = is_done && out->bytes;
    if (is_done) {
        out->length = fread(out->bytes, 1, (size_t)about.st_size, stream);
        is_done = out->length == (size_t)about.st_size;
    }
    if (stream) fclose(stream);
    return is_done || cli_fail(message, size, "gnuplot has left no picture");
}

static bool write_content(const char *path, const content *c, char *message, size_t size) {
    const file_part part = {c->bytes, c->length};
    return file_write(path, &part, 1, message, size);
}

/* ---- The figure ------------------------------------------------------------------------------ */

/* data: whose content is the same wherever it lies. */
static bool draw(const figure *f, figure_format format, const content *data, workshop *w,
                 content *picture, char *message, size_t size) {
    content script = {0};
    bool is_done =
        compose(f, format, w->picture, w->data, &script, message, size) &&
        write_content(w->script, &script, message, size) &&
        write_content(w->data, data, message, size) &&
        check_status(run_gnuplot(w->script, w->errors), w->errors, w->script, message, size) &&
        read_picture(w->picture, picture, message, size);
    free(script.bytes);
    return is_done;
}

/* Script and data beside the picture, by relative names. */
static bool keep_beside(const figure *f, figure_format format, const content *data,
                        const char *path, char *message, size_t size) {
    content script = {0};
    char *script_path = with_ending(path, ".gp"), *data_path = with_ending(path, ".tsv");
    bool is_done =
        (script_path && data_path) || cli_fail(message, size, "not enough memory for the figure");
    is_done = is_done &&
              compose(f, format, name_in(path), name_in(data_path), &script, message, size) &&
              write_content(script_path, &script, message, size) &&
              write_content(data_path, data, message, size);
    free(script.bytes);
    free(script_path);
    free(data_path);
    return is_done;
}

bool figure_check(const char *path, bool keep, char *message, size_t size) {
    figure_format format = FIGURE_SVG;
    if (!find_format(path, &format, message, size) || !file_check_output(path, message, size))
        return false;
    for (int i = 0; keep && i < 2; i++) {
        char *beside = with_ending(path, i == 0 ? ".gp" : ".tsv");
        const bool is_good = beside ? file_check_output(beside, message, size)
                                    : cli_fail(message, size, "not enough memory for the figure");
        free(beside);
        if (!is_good) return false;
    }
    return check_status(run_gnuplot("--version", "/dev/null"), "/dev/null", "", message, size);
}

bool figure_write(const figure *f, const char *path, bool keep, char *message, size_t size) {
    figure_format format = FIGURE_SVG;
    workshop w = {{0}, {0}, {0}, {0}, {0}};
    content data = {0}, picture = {0};
    bool is_done = find_format(path, &format, message, size) &&
                   file_check_output(path, message, size) &&
                   compose(f, format, NULL, NULL, &data, message, size) &&
                   open_workshop(&w, format, message, size) &&
                   draw(f, format, &data, &w, &picture, message, size) &&
                   (!keep || keep_beside(f, format, &data, path, message, size)) &&
                   write_content(path, &picture, message, size);
    close_workshop(&w);
    free(data.bytes);
    free(picture.bytes);
    return is_done;
}

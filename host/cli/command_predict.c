/* command_predict.c: `clact predict`, what a model says of new rows, as CSV. */
#include "commands.h"
#include "file_write.h"
#include "model_use.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact predict MODEL.safetensors DATA [-o OUT.csv] [options]\n"
    "\n"
    "Writes a line of CSV for each row of DATA: what `clact train -o` has learned says of it. For\n"
    "classes the most probable one, `prediction`, and the probability of each, `p_CLASS` (of two\n"
    "classes that of the second); for a number that number. Columns of a CSV are found by name, "
    "in\n"
    "any order; it need not have the label. .npy and IDX have the inputs in the order of "
    "training.\n"
    "\n"
    "  -o, --output OUT.csv    the file to write (default: standard output)\n" MODEL_USE_HELP;

/* Text that grows; `failed` once memory was short */
typedef struct growing_text {
    char *text;
    size_t length, room;
    bool failed;
} growing_text;

static void add(growing_text *t, const char *text, size_t length) {
    if (t->failed) return;
    if (t->length + length + 1 > t->room) {
        const size_t room = 2 * (t->length + length) + 4096;
        char *larger = realloc(t->text, room);
        if (!larger) {
            t->failed = true;
            return;
        }
        t->text = larger;
        t->room = room;
    }
    memcpy(t->text + t->length, text, length);
    t->length += length;
}

/* A field, quoted where its text asks for it */
static void add_field(growing_text *t, const char *text, const char *before) {
    const size_t length = strlen(text), most = 2 * length + 2;
    char *quoted = malloc(most + 1);
    add(t, before, strlen(before));
    if (!quoted) {
        t->failed = true;
        return;
    }
    if (strpbrk(text, ",\"\r\n"))
        add(t, quoted, csv_write(quoted, most, text, length));
    else
        add(t, text, length);
    free(quoted);
}

static void add_header(growing_text *t, const model *m) {
    add_field(t, "prediction", "");
    const size_t first = m->schema.kind == LABEL_BINARY ? 1 : 0;
    for (size_t c = first; m->schema.kind != LABEL_VALUE && c < m->schema.num_classes; c++) {
        const size_t size = strlen(m->schema.classes[c]) + 3;
        char *name = malloc(size);
        if (name) snprintf(name, size, "p_%s", m->schema.classes[c]);
        add_field(t, name ? name : "", ",");
        t->failed = t->failed || !name;
        free(name);
    }
    add(t, "\n", 1);
}

static void add_row(growing_text *t, const model *m, size_t best, const float *values) {
    char number[CLI_FLOAT_SIZE];
    if (m->schema.kind == LABEL_VALUE) {
        cli_float_text(values[0], number);
        add_field(t, number, "");
    } else
        add_field(t, m->schema.classes[best], "");
    for (size_t c = 0; m->schema.kind != LABEL_VALUE && c < m->outputs; c++) {
        cli_float_text(values[c], number);
        add_field(t, number, ",");
    }
    add(t, "\n", 1);
}

static int write_predictions(model_use *use) {
    char message[CLI_MESSAGE_SIZE];
    const size_t rows = model_use_rows(use), columns = use->m.outputs;
    size_t *best = malloc((rows + 1) * sizeof *best);
    growing_text t = {.failed = best == NULL};
    for (size_t i = 0; best && i < rows; i++)
        best[i] = score_class(use->m.settings.loss, use->outputs + i * columns,
                              columns); /* before they are rounded */
    bool done =
        predictor_finish(&use->device, &use->m, use->outputs, rows, message, sizeof message);
    add_header(&t, &use->m);
    for (size_t i = 0; best && done && i < rows; i++)
        add_row(&t, &use->m, best[i], use->outputs + i * columns);
    if (done && t.failed) done = cli_fail(message, sizeof message, "out of memory");
    if (done && use->output)
        done = file_write(use->output, &(file_part){t.text, t.length}, 1, message, sizeof message);
    else if (done)
        fwrite(t.text, 1, t.length, stdout);
    free(t.text);
    free(best);
    if (!done) return cli_error("predict", CLI_FAILED, "%s", message);
    if (use->output) printf("wrote %zu predictions to %s\n", rows, use->output);
    return CLI_DONE;
}

int command_predict(int argc, char **argv) {
    model_use use = {.command = "predict"};
    int code = CLI_DONE;
    if (!model_use_parse(&use, "o", help, argc, argv, &code)) return code;
    if (use.source.targets)
        return cli_error("predict", CLI_USAGE, "predict looks at no labels; leave out --targets");
    if (!use.source.path)
        return cli_error("predict", CLI_USAGE,
                         "which data? `clact predict MODEL.safetensors DATA.csv`");
    code = model_use_run(&use, false);
    if (code == CLI_DONE) code = write_predictions(&use);
    model_use_close(&use);
    return code;
}

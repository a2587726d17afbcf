/* command_eval.c: `clact eval`, how well a model does on labelled rows. */
#include "commands.h"
#include "file_write.h"
#include "model_use.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES_SHOWN = 16 };

static const char help[] =
    "usage: clact eval MODEL.safetensors [DATA] [options]\n"
    "\n"
    "Scores what `clact train -o` has learned on labelled rows: loss, accuracy, confusion matrix,\n"
    "precision and recall; for a number RMSE, mean absolute error and R^2. Without DATA on the "
    "rows\n"
    "that were held out of its training.\n"
    "\n"
    "      --held-out          of DATA that it was trained on, score the rows held out alone\n"
    "      --json FILE         all of it as JSON; - for standard output, without the "
    "text\n" MODEL_USE_HELP;

/* Rows by actual class and predicted class; of no classes where these are not asked for */
typedef struct confusion {
    size_t classes, *counts;
} confusion;

static size_t count_of(const confusion *c, size_t actual, size_t predicted) {
    return c->counts[actual * c->classes + predicted];
}

static size_t count_actual(const confusion *c, size_t actual) {
    size_t count = 0;
    for (size_t p = 0; p < c->classes; p++)
        count += count_of(c, actual, p);
    return count;
}

static size_t count_predicted(const confusion *c, size_t predicted) {
    size_t count = 0;
    for (size_t a = 0; a < c->classes; a++)
        count += count_of(c, a, predicted);
    return count;
}

/* NaN where there is nothing to take a share of */
static double share(size_t part, size_t all) {
    return all > 0 ? (double)part / (double)all : NAN;
}

static bool confusion_init(confusion *c, const model_use *use) {
    const size_t classes = use->m.schema.num_classes, rows = model_use_rows(use);
    const size_t n = classes <= MOST_CLASSES_SHOWN || use->json ? classes : 0;
    *c = (confusion){.classes = n, .counts = calloc(n * n + 1, sizeof *c->counts)};
    for (size_t i = 0; c->counts && n > 0 && i < rows; i++) {
        const size_t actual = (size_t)use->data.label[use->first + i];
        const size_t predicted =
            score_class(use->m.settings.loss, use->outputs + i * use->m.outputs, use->m.outputs);
        c->counts[actual * n + predicted]++;
    }
    return c->counts != NULL;
}

/* ---- text ---- */

static void print_confusion(const confusion *c, char *const *names) {
    int width = 5;
    for (size_t k = 0; k < c->classes; k++)
        if ((int)strlen(names[k]) > width) width = (int)strlen(names[k]);
    if (width > 12) width = 12;
    printf("\nconfusion matrix: a row for each actual class, a column for each predicted\n%*s",
           width, "");
    for (size_t k = 0; k < c->classes; k++)
        printf(" %*.*s", width, width, names[k]);
    puts("  precision  recall");
    for (size_t a = 0; a < c->classes; a++) {
        printf("%*.*s", width, width, names[a]);
        for (size_t p = 0; p < c->classes; p++)
            printf(" %*zu", width, count_of(c, a, p));
        printf("  %9.4f  %6.4f\n", share(count_of(c, a, a), count_predicted(c, a)),
               share(count_of(c, a, a), count_actual(c, a)));
    }
}

static void print_score(const model_use *use, const score *s, const confusion *c) {
    const size_t rows = model_use_rows(use);
    printf("model     %s, after epoch %zu\n", use->model_path,
           use->m.progress.best ? use->m.progress.best_epoch : use->m.progress.epoch);
    printf("data      %s: %zu rows%s\n", use->data.name, rows,
           use->held_out ? ", held out of its training" : "");
    printf("loss      %.6f (%s)\n", s->loss, train_loss_words(use->m.settings.loss));
    if (use->m.schema.kind == LABEL_VALUE) {
        printf("RMSE      %.6g\nMAE       %.6g\nR^2       %.6f\n", s->value, s->mae, s->r2);
        return;
    }
    printf("accuracy  %.4f (%zu of %zu)\n", s->value, s->correct, s->rows);
    if (c->classes <= MOST_CLASSES_SHOWN) print_confusion(c, use->m.schema.classes);
}

/* ---- JSON ---- */

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *classes_json(const model_use *use, const confusion *c) {
    json_t *all = json_array();
    for (size_t a = 0; a < c->classes; a++) {
        json_t *row = json_array();
        for (size_t p = 0; p < c->classes; p++)
            json_array_append_new(row, json_integer((json_int_t)count_of(c, a, p)));
        json_array_append_new(
            all,
            json_pack("{s:s, s:o, s:o, s:o}", "class", use->m.schema.classes[a], "predicted", row,
                      "precision", number(share(count_of(c, a, a), count_predicted(c, a))),
                      "recall", number(share(count_of(c, a, a), count_actual(c, a)))));
    }
    return all;
}

static json_t *score_json(const model_use *use, const score *s, const confusion *c) {
    json_t *all = json_pack("{s:s, s:s, s:I, s:b, s:o}", "model", use->model_path, "data",
                            use->data.name, "rows", (json_int_t)s->rows, "held_out",
                            (int)use->held_out, "loss", number(s->loss));
    if (all && use->m.schema.kind == LABEL_VALUE) {
        json_object_set_new(all, "rmse", number(s->value));
        json_object_set_new(all, "mae", number(s->mae));
        json_object_set_new(all, "r2", number(s->r2));
    } else if (all) {
        json_object_set_new(all, "accuracy", number(s->value));
        json_object_set_new(all, "correct", json_integer((json_int_t)s->correct));
        json_object_set_new(all, "classes", classes_json(use, c));
    }
    return all;
}

static bool write_json(const model_use *use, const score *s, const confusion *c, char *message,
                       size_t size) {
    json_t *all = score_json(use, s, c);
    char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(all);
    bool done = text != NULL || cli_fail(message, size, "out of memory");
    if (done && strcmp(use->json, "-") == 0)
        puts(text);
    else if (done)
        done =
            file_write(use->json, (file_part[]){{text, strlen(text)}, {"\n", 1}}, 2, message, size);
    free(text);
    return done;
}

static int show(const model_use *use) {
    char message[CLI_MESSAGE_SIZE];
    confusion c;
    const score s =
        score_outputs(use->m.settings.loss, use->outputs, use->m.outputs,
                      use->data.label + use->first, model_use_rows(use), use->m.label.deviation);
    if (!confusion_init(&c, use)) return cli_error("eval", CLI_FAILED, "out of memory");
    const bool json_alone = use->json && strcmp(use->json, "-") == 0;
    const bool done = !use->json || write_json(use, &s, &c, message, sizeof message);
    if (done && !json_alone) print_score(use, &s, &c);
    free(c.counts);
    return done ? CLI_DONE : cli_error("eval", CLI_FAILED, "%s", message);
}

int command_eval(int argc, char **argv) {
    model_use use = {.command = "eval"};
    int code = CLI_DONE;
    if (!model_use_parse(&use, "jH", help, argc, argv, &code)) return code;
    if (!use.source.path) use.held_out = true;
    code = model_use_run(&use, true);
    if (code == CLI_DONE) {
        if (use.m.schema.kind == LABEL_VALUE)
            label_scaling_apply(use.m.label, use.data.label, use.data.rows);
        code = show(&use);
    }
    model_use_close(&use);
    return code;
}

/* dataset_classes.c: labels that name a class: their order, their number, and a model's own. */
#include "cli_common.h"
#include "dataset_parts.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool dataset_number(const char *text, float *value) {
    char *end = NULL;
    *value = strtof(text, &end);
    if (end == text) return false;
    while (*end == ' ' || *end == '\t' || *end == '\r')
        end++;
    return *end == '\0' && isfinite(*value);
}

int dataset_compare_classes(const void *a, const void *b) {
    const char *s = *(char *const *)a, *t = *(char *const *)b;
    float u, v;
    const bool s_number = dataset_number(s, &u), t_number = dataset_number(t, &v);
    if (s_number && t_number && u != v) return u < v ? -1 : 1;
    if (s_number != t_number) return s_number ? -1 : 1;
    return strcmp(s, t);
}

bool dataset_check_classes(const dataset_task *t) {
    const dataset *d = t->out;
    if (d->num_classes < 2)
        return cli_fail(t->message, t->size,
                        "%s: the label '%s' has a single value; choose another", d->name,
                        d->label_name);
    if (t->kind == LABEL_BINARY && d->num_classes != 2)
        return cli_fail(t->message, t->size,
                        "%s: the label '%s' has %zu classes; --loss bce takes two, use --loss "
                        "softmax",
                        d->name, d->label_name, d->num_classes);
    if (t->kind == LABEL_CLASS && d->num_classes > d->rows / 2)
        return cli_fail(t->message, t->size,
                        "%s: the label '%s' has %zu classes in %zu rows; is it a number to predict "
                        "(--loss mse)?",
                        d->name, d->label_name, d->num_classes, d->rows);
    return true;
}

/* The classes of a model are in order when clact has written it; the search by halves is tried
 * first, and no more than tried. */
size_t dataset_find_class(const dataset_schema *s, const char *text) {
    float value, other;
    char *const key = (char *)text;
    if (s->num_classes == 0) return SIZE_MAX;
    char **found =
        bsearch(&key, s->classes, s->num_classes, sizeof *s->classes, dataset_compare_classes);
    if (found) return (size_t)(found - s->classes);
    for (size_t i = 0; i < s->num_classes; i++)
        if (strcmp(text, s->classes[i]) == 0) return i;
    for (size_t i = 0; i < s->num_classes && dataset_number(text, &value); i++)
        if (dataset_number(s->classes[i], &other) && value == other) return i;
    return SIZE_MAX;
}

bool dataset_unknown_class(const dataset_task *t, const char *place, const char *text) {
    const dataset_schema *s = t->schema;
    cli_suggestion suggestion = {text, NULL, 0};
    for (size_t i = 0; i < s->num_classes; i++)
        cli_suggest(&suggestion, s->classes[i], strlen(s->classes[i]), s->classes[i]);
    if (suggestion.best)
        return cli_fail(t->message, t->size,
                        "%s, %s: the model knows no class '%s' of '%s'; did you mean '%s'?",
                        t->out->name, place, text, t->out->label_name, suggestion.best);
    return cli_fail(t->message, t->size,
                    "%s, %s: the model knows no class '%s' of '%s'; its %zu classes are from '%s' "
                    "to '%s'",
                    t->out->name, place, text, t->out->label_name, s->num_classes,
                    s->num_classes ? s->classes[0] : "",
                    s->num_classes ? s->classes[s->num_classes - 1] : "");
}

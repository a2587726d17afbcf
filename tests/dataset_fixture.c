/* dataset_fixture.c: datasets read in tests; see dataset_fixture.h. */
#include "dataset_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 4096 };

int fixture_set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    scratch_make(f->folder);
    scratch_path(f->folder, "inputs", f->inputs);
    scratch_path(f->folder, "targets", f->targets);
    scratch_path(f->folder, "t.csv", f->csv);
    return 0;
}

int fixture_tear_down(void **state) {
    scratch_remove(((fixture *)*state)->folder);
    free(*state);
    return 0;
}

void fixture_csv(const fixture *f, const char *text) {
    scratch_write(f->folder, "t.csv", text, strlen(text));
}

dataset_source fixture_arrays(const fixture *f) {
    return (dataset_source){f->inputs, f->targets, NULL};
}

dataset_source fixture_table(const fixture *f, const char *label) {
    return (dataset_source){f->csv, NULL, label};
}

dataset reads(dataset_source source, label_kind kind) {
    char message[MESSAGE_SIZE] = "";
    dataset data;
    if (!dataset_read(&source, kind, &data, message, sizeof message)) fail_msg("%s", message);
    assert_int_equal(data.kind, kind);
    return data;
}

dataset reads_as(dataset_source source, const dataset_schema *schema, bool with_labels) {
    char message[MESSAGE_SIZE] = "";
    dataset data;
    if (!dataset_read_as(&source, schema, with_labels, &data, message, sizeof message))
        fail_msg("%s", message);
    assert_int_equal(data.inputs, schema->inputs);
    assert_int_equal(data.num_classes, schema->num_classes);
    assert_int_equal(data.label != NULL, with_labels);
    return data;
}

static void check_refusal(bool is_read, const dataset *data, const char *message, va_list words) {
    static const dataset none;
    const char *word = va_arg(words, const char *);
    if (is_read) fail_msg("read, and was not to be: %s", word ? word : "");
    for (; word; word = va_arg(words, const char *))
        if (!strstr(message, word)) fail_msg("'%s' does not say '%s'", message, word);
    assert_memory_equal(data, &none, sizeof none);
}

void refuses(dataset_source source, int kind, ...) {
    char message[MESSAGE_SIZE] = "";
    dataset data;
    va_list words;
    const bool is_read = dataset_read(&source, (label_kind)kind, &data, message, sizeof message);
    va_start(words, kind);
    check_refusal(is_read, &data, message, words);
    va_end(words);
}

void refuses_as(dataset_source source, const dataset_schema *schema, int with_labels, ...) {
    char message[MESSAGE_SIZE] = "";
    dataset data;
    va_list words;
    const bool is_read =
        dataset_read_as(&source, schema, with_labels != 0, &data, message, sizeof message);
    va_start(words, with_labels);
    check_refusal(is_read, &data, message, words);
    va_end(words);
}

void assert_same_data(const dataset *got, const dataset *want) {
    assert_int_equal(got->rows, want->rows);
    assert_int_equal(got->inputs, want->inputs);
    assert_memory_equal(got->x, want->x, want->rows * want->inputs * sizeof *want->x);
    assert_memory_equal(got->label, want->label, want->rows * sizeof *want->label);
    assert_int_equal(got->num_classes, want->num_classes);
    for (size_t i = 0; i < want->num_classes; i++)
        assert_string_equal(got->classes[i], want->classes[i]);
}

/* lab_words.c: what reports of experiments say; see lab_words.h. */
#include "lab_words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

heard *hear(lab_report *report) {
    heard *h = calloc(1, sizeof *h);
    char message[CLI_MESSAGE_SIZE] = "";
    size_t i;
    json_t *sentence;
    assert_non_null(h);
    assert_true(lab_report_is_whole(report, message, sizeof message));
    h->all = lab_report_json(report);
    assert_non_null(h->all);
    lab_report_destroy(report);
    json_array_foreach(json_object_get(h->all, "sentences"), i, sentence) {
        strncat(h->text, json_string_value(sentence), sizeof h->text - strlen(h->text) - 1);
        strncat(h->text, " ", sizeof h->text - strlen(h->text) - 1);
    }
    assert_null(strstr(h->text, "nan"));
    return h;
}

void heard_free(heard *h) {
    json_decref(h->all);
    free(h);
}

void heard_words(const heard *h, const char *words) {
    if (!strstr(h->text, words)) fail_msg("'%s' is not in: %s", words, h->text);
}

void heard_not(const heard *h, const char *words) {
    if (strstr(h->text, words)) fail_msg("'%s' is in: %s", words, h->text);
}

void heard_fact(const heard *h, const char *key, double value) {
    const json_t *fact = json_object_get(json_object_get(h->all, "facts"), key);
    if (!json_is_number(fact)) fail_msg("there is no fact %s", key);
    assert_true(json_number_value(fact) == value);
}

lab_report *hear_nothing(void) {
    lab_report *report = lab_report_create("words", 1);
    assert_non_null(report);
    return report;
}

/* lab_words.h: what reports of experiments say, for tests of their words. */
#ifndef LAB_WORDS_H
#define LAB_WORDS_H

#include "lab/lab_report.h"

/* A report's sentences, all in one text, and its JSON */
typedef struct heard {
    json_t *all;
    char text[8192];
} heard;

/* An empty report. */
lab_report *hear_nothing(void);

/* What a whole report says, which is destroyed. Nowhere may it say "nan". */
heard *hear(lab_report *report);
void heard_free(heard *h);

/* Fail unless these words are there, or are not. */
void heard_words(const heard *h, const char *words);
void heard_not(const heard *h, const char *words);

/* Fails unless the fact is there and has that value. */
void heard_fact(const heard *h, const char *key, double value);

#endif

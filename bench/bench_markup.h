/* bench_markup.h: text that others gave, in HTML and SVG. */
#ifndef BENCH_MARKUP_H
#define BENCH_MARKUP_H

#include <stdio.h>

/* Writes a text so that it means itself in content and in quoted attributes of HTML and XML. What
 * is no character there (control characters, bytes that are no UTF-8) becomes U+FFFD. */
void bench_markup_text(FILE *out, const char *text);

/* <name>text</name>; the name may have attributes behind it: `td class="n"`. */
void bench_markup_element(FILE *out, const char *name, const char *text);

#endif

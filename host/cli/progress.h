/* progress.h: a bar on a terminal for long work. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output and error are both a terminal: then a bar, else lines. */
bool progress_on_terminal(void);

/* Redraws "label [#####.....] 50 %, 12 s left" on standard error, within 79 columns. */
void progress_draw(const char *label, size_t done, size_t total, double seconds);

/* Removes the bar. */
void progress_clear(void);

#endif

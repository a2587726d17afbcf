/* progress.h: a bar on a terminal for long work. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Seconds on a clock that never goes back. */
double progress_seconds(void);

/* Whether standard output and error are both a terminal: then a bar, else lines. */
bool progress_on_terminal(void);

/* Redraws "label [#####.....] 50 %, 12 s left" on standard error, cut to the terminal's
 * width (79 columns where it does not tell). */
void progress_draw(const char *label, size_t done, size_t total, double seconds);

/* Removes the bar. */
void progress_clear(void);

#endif

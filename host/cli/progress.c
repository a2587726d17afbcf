/* progress.c: a bar on a terminal for long work. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 20, LINE = 79 };

bool progress_on_terminal(void) {
    return isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}

void progress_draw(const char *label, size_t done, size_t total, double seconds) {
    char bar[BAR + 1], left[32] = "", line[LINE + 1];
    const size_t full = total ? done * BAR / total : BAR;
    for (size_t i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = '\0';
    if (done > 0)
        snprintf(left, sizeof left, ", %.0f s left",
                 seconds * (double)(total - done) / (double)done);
    snprintf(line, sizeof line, "%s [%s] %zu %%%s", label, bar, total ? done * 100 / total : 100,
             left);
    fprintf(stderr, "\r%-*s", LINE, line);
    fflush(stderr);
}

void progress_clear(void) {
    fprintf(stderr, "\r%*s\r", LINE, "");
    fflush(stderr);
}

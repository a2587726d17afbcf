/* progress.c: a bar on a terminal for long work. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

bool progress_on_terminal(void) {
    return isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}

void progress_draw(const char *label, size_t done, size_t total, double seconds) {
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    const size_t full = total ? done * WIDTH / total : WIDTH;
    for (size_t i = 0; i < WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    const double left = done ? seconds * (double)(total - done) / (double)done : 0.0;
    fprintf(stderr, "\r%s [%s] %3zu %%, %.0f s left \033[K", label, bar,
            total ? done * 100 / total : 100, left);
    fflush(stderr);
}

void progress_clear(void) {
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

/* progress.c: a bar on a terminal for long work. */
#include "progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 20, LINE = 256 };

/* A full last column would move some terminals to the next line, so it stays free. */
static int line_width(void) {
#ifdef TIOCGWINSZ
    struct winsize window = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1)
        return window.ws_col - 1;
#endif
    return 79;
}

double progress_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool progress_on_terminal(void) {
    return isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}

void progress_draw(const char *label, size_t done, size_t total, double seconds) {
    char bar[BAR + 1], left[32] = "", line[LINE];
    const size_t full = total ? done * BAR / total : BAR;
    for (size_t i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = '\0';
    const double to_come = done > 0 ? seconds * (double)(total - done) / (double)done : 0;
    if (done > 0 && to_come < 100)
        snprintf(left, sizeof left, ", %.0f s left", to_come);
    else if (done > 0)
        snprintf(left, sizeof left, ", %.0f min left", to_come / 60);
    snprintf(line, sizeof line, "%s [%s] %zu %%%s", label, bar, total ? done * 100 / total : 100,
             left);
    fprintf(stderr, "\r\033[K%.*s", line_width(), line);
    fflush(stderr);
}

void progress_clear(void) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

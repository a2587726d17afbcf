/* figure_print.c: what commands print of a figure; see figure_print.h. */
#include "figure_print.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TEXT_WIDTH = 79, TEXT_HEIGHT = 22 }; /* where no terminal tells */

/* The last column of a terminal stays free; panels of several are lower. */
void figure_print(const figure *f) {
    int width = TEXT_WIDTH, height = f->num_panels > 1 ? TEXT_HEIGHT - 6 : TEXT_HEIGHT;
#ifdef TIOCGWINSZ
    struct winsize window = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1) {
        width = window.ws_col - 1;
        if (f->num_panels == 1 && window.ws_row > 12) height = window.ws_row - 4;
    }
#endif
    figure_text(f, stdout, width, height);
}

void figure_print_names(const char *path, bool keep) {
    const int stem = (int)(strrchr(path, '.') - path);
    if (keep)
        printf("wrote %s, %.*s.gp and %.*s.tsv\n", path, stem, path, stem, path);
    else
        printf("wrote %s\n", path);
}

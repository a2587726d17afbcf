/* figure_print.h: what commands print of a figure: itself in characters, and the files it is in. */
#ifndef FIGURE_PRINT_H
#define FIGURE_PRINT_H

#include "figure.h"

/* Draws the figure on standard output in characters, as large as suits the terminal. */
void figure_print(const figure *f);

/* "wrote a.svg", or with keep "wrote a.svg, a.gp and a.tsv", for a picture that is written. */
void figure_print_names(const char *path, bool keep);

#endif

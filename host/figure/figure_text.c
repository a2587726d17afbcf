/* figure_text.c: a figure in characters; see figure.h. */
#include "figure.h"

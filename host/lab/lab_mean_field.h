/* lab_mean_field.h: what theory says of gradients in a wide stack of random layers. */
#ifndef LAB_MEAN_FIELD_H
#define LAB_MEAN_FIELD_H

#include <clact/clact.h>

/* By which factor the L2 norm of a gradient over all rows changes at each layer on its way back
 * through `depth` layers of y = scale act(W y), as the geometric mean over their depth - 1 steps,
 * where the layers are infinitely wide, the entries of W independent with mean 0 and variance
 * gain^2 / width, and the last y of all rows get gradients of one size. mean_square is that of the
 * inputs of each row. (The mean field of Poole et al. 2016 and Schoenholz et al. 2017, row by row.)
 * For sigmoid, tanh, relu, leaky_relu, gelu and selu with their default parameters; else NaN. */
double lab_mean_field(clact_activation act, double scale, double gain, const double *mean_square,
                      size_t rows, int depth);

#endif

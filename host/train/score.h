/* score.h: how good outputs of a network are beside the labels. */
#ifndef SCORE_H
#define SCORE_H

#include "dataset.h"

#include <clact/clact.h>

typedef struct score {
    size_t rows, correct; /* correct is 0 for MSE */
    double loss;          /* mean over the rows, as training lowers it */
    double value;   /* accuracy; for MSE the root of the mean square in the label's own scale */
    double mae, r2; /* MSE alone: mean absolute error, and the share of the variance explained;
                       NaN where the labels have none */
} score;

/* outputs are rows x num_outputs; labels as training has them: class indices, or scaled numbers
 * whose deviation is label_deviation. */
score score_outputs(clact_loss_kind loss, const float *outputs, size_t num_outputs,
                    const float *labels, size_t rows, double label_deviation);

/* The class of one row: the greatest output, or of the single logit of BCE whether it is positive.
 */
size_t score_class(clact_loss_kind loss, const float *output, size_t num_outputs);

#endif

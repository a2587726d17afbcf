/* score.c: how good outputs of a network are beside the labels. */
#include "score.h"

#include <math.h>

size_t score_class(clact_loss_kind loss, const float *output, size_t num_outputs) {
    if (loss == CLACT_LOSS_BCE_WITH_LOGITS) return output[0] > 0.0f;
    size_t best = 0;
    for (size_t c = 1; c < num_outputs; c++)
        if (output[c] > output[best]) best = c;
    return best;
}

static double cross_entropy(const float *output, size_t num_outputs, size_t label) {
    double most = (double)output[0], sum = 0.0;
    for (size_t c = 1; c < num_outputs; c++)
        most = fmax(most, (double)output[c]);
    for (size_t c = 0; c < num_outputs; c++)
        sum += exp((double)output[c] - most);
    return log(sum) + most - (double)output[label];
}

/* Of one logit: log(1 + e^-z) for 1, log(1 + e^z) for 0 */
static double binary_cross_entropy(double z, bool label) {
    const double m = label ? -z : z;
    return (m > 0.0 ? m : 0.0) + log1p(exp(-fabs(m)));
}

static score score_values(const float *outputs, const float *labels, size_t rows,
                          double deviation) {
    double squares = 0.0, magnitudes = 0.0, sum = 0.0, around_mean = 0.0;
    const double n = (double)rows;
    for (size_t i = 0; i < rows; i++) {
        const double error = (double)(outputs[i] - labels[i]);
        squares += error * error;
        magnitudes += fabs(error);
        sum += (double)labels[i];
    }
    for (size_t i = 0; i < rows; i++)
        around_mean += pow((double)labels[i] - sum / n, 2.0);
    return (score){.rows = rows,
                   .loss = squares / n,
                   .value = sqrt(squares / n) * deviation,
                   .mae = magnitudes / n * deviation,
                   .r2 = around_mean > 0.0 ? 1.0 - squares / around_mean : NAN};
}

score score_outputs(clact_loss_kind loss, const float *outputs, size_t num_outputs,
                    const float *labels, size_t rows, double label_deviation) {
    score s = {.rows = rows, .mae = NAN, .r2 = NAN};
    if (loss == CLACT_LOSS_MSE) return score_values(outputs, labels, rows, label_deviation);
    for (size_t i = 0; i < rows; i++) {
        const float *output = outputs + i * num_outputs;
        const size_t label = (size_t)labels[i];
        s.correct += score_class(loss, output, num_outputs) == label;
        s.loss += loss == CLACT_LOSS_BCE_WITH_LOGITS
                      ? binary_cross_entropy((double)output[0], label == 1)
                      : cross_entropy(output, num_outputs, label);
    }
    s.loss /= (double)rows;
    s.value = (double)s.correct / (double)rows;
    return s;
}

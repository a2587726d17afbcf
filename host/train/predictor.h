/* predictor.h: what a trained model says of new rows. */
#ifndef PREDICTOR_H
#define PREDICTOR_H

#include "model.h"

/* Scales the rows of inputs in place, as in training, and passes them through the network: outputs
 * is rows x model->outputs, logits or scaled numbers. */
bool predictor_outputs(picked_device *device, const clact_gemm_tuning *gemm, const model *m,
                       float *x, size_t rows, float *outputs, char *message, size_t size);

/* Makes outputs what people ask for: probabilities of the classes (of the second one, for two with
 * one output), by softmax or sigmoid on the device; or numbers in the label's own scale. */
bool predictor_finish(picked_device *device, const model *m, float *outputs, size_t rows,
                      char *message, size_t size);

#endif

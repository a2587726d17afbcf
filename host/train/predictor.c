/* predictor.c: what a trained model says of new rows. */
#include "predictor.h"

#include "cli_common.h"

enum { MOST_ROWS = 1024 }; /* of one pass */

/* A buffer with these floats, or NULL with a sentence */
static cl_mem upload(const picked_device *device, const float *values, size_t count, char *message,
                     size_t size) {
    cl_int code = CL_SUCCESS;
    cl_mem buffer =
        clCreateBuffer(device->context, CL_MEM_READ_WRITE, count * sizeof *values, NULL, &code);
    if (code == CL_SUCCESS)
        code = clEnqueueWriteBuffer(device->queue, buffer, CL_TRUE, 0, count * sizeof *values,
                                    values, 0, NULL, NULL);
    if (code == CL_SUCCESS) return buffer;
    if (buffer) clReleaseMemObject(buffer);
    cli_fail(message, size, "the device has no memory for the data");
    return NULL;
}

/* Passes of rows, each copied to the device on its own: a device has room for no more in one buffer
 * than it likes. */
static bool pass_rows(const train_net_place *place, clact_net *net, cl_mem on_device,
                      const float *x, size_t rows, float *outputs, char *message, size_t size) {
    for (size_t at = 0; at < rows; at += place->max_rows) {
        const size_t n = rows - at < place->max_rows ? rows - at : place->max_rows;
        if (clEnqueueWriteBuffer(place->device->queue, on_device, CL_TRUE, 0,
                                 n * place->inputs * sizeof *x, x + at * place->inputs, 0, NULL,
                                 NULL) != CL_SUCCESS)
            return cli_fail(message, size, "the data could not be written to the device");
        if (!train_net_outputs(place, net, on_device, n, outputs + at * place->outputs, message,
                               size))
            return false;
    }
    return true;
}

bool predictor_outputs(picked_device *device, const clact_gemm_tuning *gemm, const model *m,
                       float *x, size_t rows, float *outputs, char *message, size_t size) {
    train_settings settings = m->settings;
    const train_net_place place = {.device = device,
                                   .gemm = gemm,
                                   .inputs = m->schema.inputs,
                                   .outputs = m->outputs,
                                   .max_rows = rows < MOST_ROWS ? rows : MOST_ROWS};
    clact_net *net = NULL;
    clact_optimizer_init(&settings.optimizer, CLACT_OPTIMIZER_SGD); /* no states */
    scaling_apply(&m->inputs, x, rows);
    cl_mem on_device = upload(device, x, place.max_rows * place.inputs, message, size);
    const bool done =
        on_device && train_net_create(&place, &settings, true, &net, message, size) &&
        train_write_part(device, net, CLACT_NET_PARAMETERS, m->parameters, message, size) &&
        pass_rows(&place, net, on_device, x, rows, outputs, message, size);
    clact_net_destroy(net);
    if (on_device) clReleaseMemObject(on_device);
    return done;
}

/* The probabilities of logits, in their place */
static clact_status activate(picked_device *device, const model *m, cl_mem buffer, size_t rows) {
    const clact_matrix z = {buffer, 0, 0};
    clact_softmax softmax;
    clact_sweep sigmoid;
    if (m->settings.loss == CLACT_LOSS_BCE_WITH_LOGITS) {
        clact_sweep_init(&sigmoid, CLACT_ACT_SIGMOID);
        sigmoid.tier = m->settings.tier;
        return clact_forward(device->clact, device->queue, &sigmoid, rows, 1, z, z, 0, NULL, NULL);
    }
    size_t bytes = 0;
    clact_softmax_init(&softmax);
    softmax.tier = m->settings.tier;
    clact_status status =
        clact_softmax_workspace(device->clact, &softmax, rows, m->outputs, &bytes);
    cl_mem workspace =
        clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes + sizeof(float), NULL, NULL);
    if (status == CLACT_SUCCESS)
        status = clact_softmax_forward(device->clact, device->queue, &softmax, rows, m->outputs, z,
                                       z, workspace, 0, NULL, NULL);
    clFinish(device->queue);
    if (workspace) clReleaseMemObject(workspace);
    return status;
}

bool predictor_finish(picked_device *device, const model *m, float *outputs, size_t rows,
                      char *message, size_t size) {
    const size_t count = rows * m->outputs;
    if (m->schema.kind == LABEL_VALUE) {
        for (size_t i = 0; i < count; i++)
            outputs[i] = (float)((double)outputs[i] * m->label.deviation + m->label.mean);
        return true;
    }
    cl_mem buffer = upload(device, outputs, count, message, size);
    if (!buffer) return false;
    const clact_status status = activate(device, m, buffer, rows);
    bool done = status == CLACT_SUCCESS || train_explain(device, status, message, size);
    done = done && (clEnqueueReadBuffer(device->queue, buffer, CL_TRUE, 0, count * sizeof *outputs,
                                        outputs, 0, NULL, NULL) == CL_SUCCESS ||
                    cli_fail(message, size, "the outputs could not be read from the device"));
    clReleaseMemObject(buffer);
    return done;
}

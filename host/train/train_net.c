/* train_net.c: the network of a training or a model on a device, and its outputs for many rows. */
#include "train_net.h"

#include "cli_common.h"

size_t train_outputs(const train_settings *settings, size_t num_classes) {
    return settings->loss == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? num_classes : 1;
}

bool train_explain(const picked_device *device, clact_status status, char *message, size_t size) {
    char text[512];
    clact_context_message(device->clact, text, sizeof text);
    return cli_fail(message, size, "%s: %s", clact_status_text(status), text);
}

bool train_net_create(const train_net_place *place, const train_settings *s, bool blank,
                      clact_net **out, char *message, size_t size) {
    clact_layer layers[TRAIN_MAX_LAYERS + 1];
    clact_sweep identity;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    for (size_t i = 0; i < s->num_layers; i++)
        layers[i] = (clact_layer){s->layers[i].units, &s->layers[i].activation};
    layers[s->num_layers] = (clact_layer){place->outputs, &identity};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = place->inputs,
                                       .layers = layers,
                                       .num_layers = s->num_layers + 1,
                                       .loss = s->loss,
                                       .max_rows = place->max_rows,
                                       .seed = s->seed,
                                       .timing = place->timing,
                                       .gemm = place->gemm,
                                       .products = s->products,
                                       .optimizer = &s->optimizer,
                                       .max_norm = s->max_norm,
                                       .init = blank                        ? CLACT_INIT_ZEROS
                                               : s->init == TRAIN_INIT_LSUV ? CLACT_INIT_ORTHOGONAL
                                                                            : (clact_init)s->init,
                                       .init_scale = s->init_scale,
                                       .health = place->health};
    const clact_status status =
        clact_net_create(place->device->clact, place->device->queue, &options, out);
    return status == CLACT_SUCCESS || train_explain(place->device, status, message, size);
}

/* ---- parts ---- */

bool train_read_part(const picked_device *device, clact_net *net, clact_net_part part,
                     float *values, char *message, size_t size) {
    clact_matrix at;
    size_t count = 0;
    clact_net_array(net, part, &at, &count);
    return count == 0 ||
           clEnqueueReadBuffer(device->queue, at.buffer, CL_TRUE, at.offset * sizeof *values,
                               count * sizeof *values, values, 0, NULL, NULL) == CL_SUCCESS ||
           cli_fail(message, size, "the parameters could not be read from the device");
}

bool train_write_part(const picked_device *device, clact_net *net, clact_net_part part,
                      const float *values, char *message, size_t size) {
    clact_matrix at;
    size_t count = 0;
    clact_net_array(net, part, &at, &count);
    return count == 0 ||
           clEnqueueWriteBuffer(device->queue, at.buffer, CL_TRUE, at.offset * sizeof *values,
                                count * sizeof *values, values, 0, NULL, NULL) == CL_SUCCESS ||
           cli_fail(message, size, "the parameters could not be written to the device");
}

bool train_net_outputs(const train_net_place *place, clact_net *net, cl_mem x, size_t rows,
                       float *outputs, char *message, size_t size) {
    for (size_t at = 0; at < rows; at += place->max_rows) {
        const size_t n = rows - at < place->max_rows ? rows - at : place->max_rows;
        const clact_matrix batch = {x, at * place->inputs, 0};
        clact_matrix y;
        const clact_status status = clact_net_forward(net, n, batch, &y);
        if (status != CLACT_SUCCESS) return train_explain(place->device, status, message, size);
        if (clEnqueueReadBuffer(place->device->queue, y.buffer, CL_TRUE, y.offset * sizeof(float),
                                n * place->outputs * sizeof(float), outputs + at * place->outputs,
                                0, NULL, NULL) != CL_SUCCESS)
            return cli_fail(message, size, "the outputs could not be read from the device");
    }
    return true;
}

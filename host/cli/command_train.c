/* command_train.c: `clact train`, a dense network on a CSV table. */
#include "cli_common.h"
#include "commands.h"
#include "progress.h"
#include "train_options.h"
#include "tuning_pick.h"

#include <stdio.h>
#include <string.h>

/* " - 16 elu(alpha=0.5)": parameters where they are not the defaults */
static void print_layer(const train_layer *layer) {
    clact_activation_info info;
    clact_activation_query(layer->activation.activation, &info);
    printf(" - %zu %s", layer->units, info.name);
    for (int i = 0; i < info.num_params; i++)
        if (layer->activation.params[i] != info.params[i].value)
            printf("(%s=%g)", info.params[i].name, (double)layer->activation.params[i]);
}

static void print_setup(const train_options *o, const dataset *d, size_t num_train, size_t outputs,
                        const picked_device *device) {
    static const char *const losses[] = {"softmax cross-entropy", "binary cross-entropy",
                                         "mean squared error"};
    const train_settings *s = &o->settings;
    printf("data     %s: %zu rows of %zu inputs, label '%s'", d->name, d->rows, d->inputs,
           d->label_name);
    if (d->num_classes) printf(" of %zu classes", d->num_classes);
    printf("\n         %zu rows to train on, %zu held out\n", num_train, d->rows - num_train);
    printf("device   %s (%s)\n", device->info.name, device->info.platform);
    printf("network  %zu", d->inputs);
    for (size_t i = 0; i < o->num_layers; i++)
        print_layer(&o->layers[i]);
    printf(" - %zu%s; %s", outputs, s->loss == CLACT_LOSS_BCE_WITH_LOGITS ? " sigmoid" : "",
           losses[s->loss]);
    if (o->tier != CLACT_TIER_FAST) printf("; %s tier", clact_tier_name(o->tier));
    putchar('\n');
    printf("SGD      lr %g, momentum %g, batch %zu, %zu epochs, seed %llu\n", (double)s->lr,
           (double)s->momentum, s->batch, s->epochs, (unsigned long long)s->seed);
    fflush(stdout);
}

static const char *score_name(clact_loss_kind loss) {
    return loss == CLACT_LOSS_MSE ? "held-out RMSE" : "held-out accuracy";
}

static void print_epoch(void *user, size_t epoch, double loss, double score) {
    const train_settings *s = user;
    if (progress_on_terminal()) return;
    printf("epoch %3zu/%zu  loss %.6f  %s %.4f\n", epoch, s->epochs, loss, score_name(s->loss),
           score);
    fflush(stdout);
}

static void print_result(const train_options *o, size_t num_train, const train_result *r) {
    const clact_net_times *t = &r->times;
    const double total = t->gemm + t->activation + t->other;
    const double share = total > 0.0 ? 100.0 / total : 0.0;
    if (o->settings.loss == CLACT_LOSS_MSE)
        printf("\nheld-out RMSE      %.6g\n", r->score);
    else
        printf("\nheld-out accuracy  %.4f (%zu of %zu)\n", r->score, r->correct, r->held_out);
    printf("training loss      %.6f\n", r->loss);
    printf("speed              %.0f samples/s (%zu epochs in %.2f s)\n",
           (double)(num_train * o->settings.epochs) / r->train_seconds, o->settings.epochs,
           r->train_seconds);
    printf("device time        GEMM %.1f %%, activation kernels %.1f %%, rest %.1f %%\n",
           share * t->gemm, share * t->activation, share * t->other);
    printf("compile, warm-up   %.2f s, not counted above\n", r->warm_up_seconds);
}

/* The network over an opened device, trained and reported. */
static int train(train_options *o, dataset *d, picked_device *device) {
    char message[CLI_MESSAGE_SIZE];
    train_result result;
    clact_net *net = NULL;
    train_settings *s = &o->settings;
    const size_t num_train = dataset_hold_out(d);
    const size_t outputs = s->loss == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? d->num_classes : 1;
    label_scaling of_label = {0.0, 1.0};
    input_scaling of_inputs;
    if (!scaling_find(d, num_train, &of_inputs))
        return cli_error("train", CLI_FAILED, "out of memory");
    scaling_apply(&of_inputs, d->x, d->rows);
    scaling_clear(&of_inputs);
    if (s->loss == CLACT_LOSS_MSE) of_label = label_scaling_find(d, num_train);
    if (s->loss == CLACT_LOSS_MSE) label_scaling_apply(of_label, d->label, d->rows);
    if (s->batch > num_train) s->batch = num_train;

    clact_layer layers[TRAIN_MAX_LAYERS + 1];
    clact_sweep identity;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    for (size_t i = 0; i < o->num_layers; i++)
        layers[i] = (clact_layer){o->layers[i].units, &o->layers[i].activation};
    layers[o->num_layers] = (clact_layer){outputs, &identity};
    clact_gemm_tuning gemm;
    clact_optimizer optimizer;
    clact_optimizer_init(&optimizer, CLACT_OPTIMIZER_MOMENTUM);
    optimizer.momentum = s->momentum;
    const bool tuned = gemm_pick(o->tuning, device->device, &gemm);
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = d->inputs,
                                       .layers = layers,
                                       .num_layers = o->num_layers + 1,
                                       .loss = s->loss,
                                       .max_rows = s->batch,
                                       .seed = s->seed,
                                       .timing = true,
                                       .gemm = tuned ? &gemm : NULL,
                                       .products = o->products,
                                       .optimizer = &optimizer};
    const clact_status status = clact_net_create(device->clact, device->queue, &options, &net);
    if (status != CLACT_SUCCESS) {
        clact_context_message(device->clact, message, sizeof message);
        return cli_error("train", CLI_FAILED, "%s: %s", clact_status_text(status), message);
    }
    print_setup(o, d, num_train, outputs, device);
    puts("warm-up  compiling kernels; the first time this takes a while");
    fflush(stdout);
    const bool done = train_run(device, net, outputs, d, num_train, s, of_label.deviation,
                                print_epoch, s, &result, message, sizeof message);
    if (progress_on_terminal()) progress_clear();
    clact_net_destroy(net);
    if (!done) return cli_error("train", CLI_FAILED, "%s", message);
    print_result(o, num_train, &result);
    return CLI_DONE;
}

int command_train(int argc, char **argv) {
    static const label_kind kinds[] = {LABEL_CLASS, LABEL_BINARY, LABEL_VALUE};
    char message[CLI_MESSAGE_SIZE];
    train_options options;
    picked_device device = {0};
    dataset data;
    int code = CLI_DONE;
    if (!train_options_parse(argc, argv, &options, &code)) return code;
    const dataset_source source = {options.data, NULL, options.label};
    if (!dataset_read(&source, kinds[options.settings.loss], &data, message, sizeof message))
        return cli_error("train", CLI_FAILED, "%s", message);
    if (device_open(options.device, !options.no_cache, options.tuning, &device, message,
                    sizeof message))
        code = train(&options, &data, &device);
    else
        code = cli_error("train", CLI_FAILED, "%s", message);
    device_close(&device);
    dataset_free(&data);
    return code;
}

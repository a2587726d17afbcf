/* train_print.c: what `clact train` says. */
#include "train_print.h"

#include "progress.h"

#include <stdio.h>
#include <string.h>

/* "momentum 0.9, lr 0.02, weight decay 0.01, gradients clipped at 1" */
static void print_optimizer(const train_settings *s) {
    const clact_optimizer *o = &s->optimizer;
    char rate[192];
    schedule_text(&s->schedule, rate, sizeof rate);
    printf("update   %s", clact_optimizer_name(o->kind));
    if (o->kind == CLACT_OPTIMIZER_MOMENTUM || o->kind == CLACT_OPTIMIZER_NESTEROV)
        printf(" %g", (double)o->momentum);
    printf(", lr %g%s", (double)s->lr, rate);
    if (o->weight_decay > 0.0f) printf(", weight decay %g", (double)o->weight_decay);
    if (s->max_norm > 0.0f) printf(", gradients clipped at %g", (double)s->max_norm);
    if (s->init != CLACT_INIT_AUTO) printf(", init %s", train_init_name(s->init));
    printf("\n         batch %zu, %zu epochs, seed %llu", s->batch, s->epochs,
           (unsigned long long)s->seed);
    if (s->patience > 0) printf(", patience %zu", s->patience);
    putchar('\n');
}

void train_print_setup(const train_job *job, const char *network, size_t first_epoch) {
    const dataset *d = job->data;
    const picked_device *device = job->place.device;
    printf("data     %s: %zu rows of %zu inputs, label '%s'", d->name, d->rows, d->inputs,
           d->label_name);
    if (d->num_classes) printf(" of %zu classes", d->num_classes);
    printf("\n         %zu rows to train on, %zu held out\n", job->num_train,
           d->rows - job->num_train);
    printf("device   %s (%s)\n", device->info.name, device->info.platform);
    printf("network  %s\n", network);
    print_optimizer(job->settings);
    if (first_epoch > 1) printf("resumed  after epoch %zu\n", first_epoch - 1);
    puts("warm-up  compiling kernels; the first time this takes a while");
    fflush(stdout);
}

static const char *score_name(const train_settings *s) {
    return s->loss == CLACT_LOSS_MSE ? "held-out RMSE" : "held-out accuracy";
}

static void print_layers(const train_epoch *e) {
    puts("  layer  activation    units  dead %  zero %  saturated %      mean  deviation  "
         "gradient norm");
    for (size_t i = 0; i < e->num_layers; i++) {
        const layer_health *h = &e->layers[i];
        clact_activation_info info;
        clact_activation_query(h->activation, &info);
        printf("  %5zu  %-12s %6zu  %6.1f  %6.1f  %11.1f  %8.3f  %9.3f  %13.3e\n", i + 1, info.name,
               h->units, 100.0 * h->dead, 100.0 * h->zeros, 100.0 * h->saturated, h->mean,
               h->deviation, h->gradient_norm);
    }
}

/* A warning comes again only where it has become worse by a tenth of the units. */
static void print_warnings(const train_epoch *e, double *warned) {
    char text[256];
    for (size_t number = 1; number <= e->num_layers; number++) {
        const layer_health *h = &e->layers[number - 1];
        const double share = (h->dead > h->saturated ? h->dead : h->saturated) + 0.1;
        if (!train_health_warning(e->layers, e->num_layers, number, text, sizeof text) ||
            share < warned[number - 1] + 0.1)
            continue;
        warned[number - 1] = share;
        printf("  warning: %s\n", text);
    }
}

void train_print_epoch(const train_job *job, const train_epoch *e, double *warned) {
    const train_settings *s = job->settings;
    if (progress_on_terminal() && !e->layers) return;
    if (progress_on_terminal()) progress_clear();
    printf("epoch %3zu/%zu  loss %.6f  %s %.4f\n", e->epoch, s->epochs, e->loss, score_name(s),
           e->held_out.value);
    if (e->layers) {
        print_layers(e);
        print_warnings(e, warned);
    }
    fflush(stdout);
}

void train_print_result(const train_job *job, const train_result *r) {
    const clact_net_times *t = &r->times;
    const score *held_out = &r->last.held_out;
    const double total = t->gemm + t->activation + t->other;
    const double share = total > 0.0 ? 100.0 / total : 0.0;
    if (job->settings->loss == CLACT_LOSS_MSE)
        printf("\nheld-out RMSE      %.6g\n", held_out->value);
    else
        printf("\nheld-out accuracy  %.4f (%zu of %zu)\n", held_out->value, held_out->correct,
               held_out->rows);
    printf("training loss      %.6f\n", r->last.loss);
    printf("speed              %.0f samples/s (%zu epochs in %.2f s)\n",
           (double)(job->num_train * r->epochs) / r->train_seconds, r->epochs, r->train_seconds);
    printf("device time        GEMM %.1f %%, activation kernels %.1f %%, rest %.1f %%\n",
           share * t->gemm, share * t->activation, share * t->other);
    printf("compile, warm-up   %.2f s, not counted above\n", r->warm_up_seconds);
}

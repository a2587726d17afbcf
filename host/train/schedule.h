/* schedule.h: the learning rate as training goes on. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum schedule_kind { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE } schedule_kind;

typedef struct schedule {
    schedule_kind kind;
    double warm_up; /* epochs in which the rate rises from 0, in proportion; 0: none */
    double every;   /* step: epochs after which the rate is multiplied by factor, again and again */
    double factor;
    double least; /* cosine: the share of the rate that is left at the end */
} schedule;

/* Constant, and the defaults of the others: every 10 epochs a tenth; down to 0. */
schedule schedule_default(void);

/* "constant", "step:every=10:factor=0.1" or "cosine:least=0", each number optional. Leaves the
 * warm-up alone. On failure a sentence. */
bool schedule_parse(const char *text, schedule *out, char *message, size_t size);

/* "cosine, 2 epochs of warm-up" for people; "" for a constant rate. */
void schedule_text(const schedule *s, char *text, size_t size);

const char *schedule_name(schedule_kind kind);

/* The rate of step number `step`, from 0, of `epochs` times `steps_each`. */
double schedule_rate(const schedule *s, double lr, uint64_t step, size_t steps_each, size_t epochs);

#endif

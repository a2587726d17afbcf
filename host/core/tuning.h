/* tuning.h (L1): the numbers that cut kernels to a device: what ships, and what the caller asks
 * for.
 */
#ifndef CORE_TUNING_H
#define CORE_TUNING_H

#include "clact/tuning.h"

/* Classes of tuning.def */
typedef enum tuning_class {
#define TUNING_CLASS(class, ...) TUNING_##class,
#include "tuning.def"
    TUNING_CLASSES
} tuning_class;

tuning_class tuning_class_of(const clact_device_info *device);

/* A row of tuning.def; what is 0 is left to another one. */
typedef struct tuning_row {
    clact_tuning_shape families[CLACT_FAMILY_COUNT];
    uint32_t fetch_rows;
    unsigned stream_share;
} tuning_row;

/* Each number from the first row that has it; device may be NULL. */
tuning_row tuning_fall_back(const tuning_row *device, const tuning_row *class,
                            const tuning_row *otherwise);

/* What ships for the device, work-groups no larger than `most_local`; complete. A pure function. */
clact_tuning tuning_shipped(const clact_device_info *device, size_t most_local);

/* `wanted` (NULL for nothing) with what it leaves open taken from `otherwise`, widths from `width`
 * where that is not 0. */
clact_tuning tuning_completed(const clact_tuning *wanted, unsigned width,
                              const clact_tuning *otherwise);

/* As clact_tuning_check, for a device with work-groups of up to `most_local`. */
clact_status tuning_check(const clact_tuning *tuning, size_t most_local, char *text, size_t size);

#endif

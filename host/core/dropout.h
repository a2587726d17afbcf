/* dropout.h (L0): which elements dropout keeps. */
#ifndef CORE_DROPOUT_H
#define CORE_DROPOUT_H

#include <stdint.h>

/* Random words below it are dropped: p 2^32, rounded up. */
uint32_t dropout_threshold(float p);

#endif

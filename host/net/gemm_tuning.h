/* gemm_tuning.h: parameters of CLBlast by class of device. */
#ifndef NET_GEMM_TUNING_H
#define NET_GEMM_TUNING_H

#include "clact/gemm.h"

typedef enum gemm_class {
#define GEMM_CLASS(class, ...) GEMM_##class,
#include "gemm_tuning.def"
    GEMM_CLASSES /* CLBlast's own */
} gemm_class;

gemm_class gemm_class_of(const clact_device_info *device);

/* What ships for a class below GEMM_CLASSES. */
clact_gemm_tuning gemm_tuning_of(gemm_class class);

#endif

/* text.h (L0): kernel text, embedded at build time from kernels/. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

extern const char clact_text_kernel[]; /* head of every program: dialect, formulas, storage */
extern const char clact_text_sweep[];
extern const char clact_text_sums[];
extern const char clact_text_health[];
extern const char clact_text_softmax[];
extern const char clact_text_cross_entropy[];
extern const char clact_text_loss[];
extern const char clact_text_update[];
extern const char clact_text_self_test[];
extern const char clact_text_gemm[];

#endif

/* stages.h: numbers that host and kernels share: names of what a pass is made of, and orders of
 * sums.
 */
#ifndef STAGES_H
#define STAGES_H

#define STAGE_BIAS          1
#define STAGE_SLOPES        2 /* a parameter of prelu for each column */
#define STAGE_GATE          4
#define STAGE_DROPOUT       8
#define STAGE_SCALE         16
#define STAGE_RESIDUAL      32
#define STAGE_HEALTH        64
#define STAGE_DBIAS         128
#define STAGE_DSLOPES       256
#define STAGE_DRESIDUAL     512
#define STAGE_ADD_DX        1024 /* to beta times what is there */
#define STAGE_ADD_DRESIDUAL 2048

#define SAVED_X       0
#define SAVED_Y       1
#define SAVED_MASK    2
#define SAVED_TAIL    3
#define SAVED_NOTHING 4

/* Planes of partial sums: a pair has two; see health.h */
#define HEALTH_PLANES 13

/* Numbers that decide bits, because they decide an order of sums. Rows are summed in blocks of at
 * least so many, and of at least so many times as many as there are blocks; a long row, labels and
 * partial sums of losses in chunks, and elements of a loss too; the inner dimension of a matrix
 * product in blocks. */
#define SUM_LEAST_ROWS     32
#define SUM_ROWS_TO_BLOCKS 4
#define ROW_CHUNK          2048
#define LOSS_CHUNK         256
#define GEMM_BLOCK         256

#endif

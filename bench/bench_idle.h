/* bench_idle.h: quiet before a measurement. */
#ifndef BENCH_IDLE_H
#define BENCH_IDLE_H

/* Waits until no other thread of this process runs, 0.2 s at most: threads of OpenMP and of BLAS
 * spin for milliseconds after their work is done. Where the system does not tell, 20 ms. */
void bench_idle_wait(void);

#endif

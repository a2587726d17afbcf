/* bench_pin.h: threads of other libraries each on a core of its own. Without it two that wait for
 * each other can share a core for seconds, where a virtual machine leaves another one idle. Does
 * nothing where the system cannot. */
#ifndef BENCH_PIN_H
#define BENCH_PIN_H

/* Keeps the calling thread on one core: the n-th of those that the process may use. */
void bench_pin_thread(unsigned n);

/* Lets it run on all of them again. */
void bench_pin_release(void);

/* To be called before any thread is pinned, by main: which cores the process may use. */
void bench_pin_start(void);

#endif

/* bench_pin.c: threads on cores, on Linux. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_setaffinity */
#endif

#include "bench_pin.h"

#if defined(__linux__)
#include <sched.h>

static cpu_set_t pin_all; /* written by bench_pin_start alone */

void bench_pin_start(void) {
    if (sched_getaffinity(0, sizeof pin_all, &pin_all) != 0) CPU_ZERO(&pin_all);
}

void bench_pin_thread(unsigned n) {
    const unsigned count = (unsigned)CPU_COUNT(&pin_all);
    if (count == 0) return;
    n %= count;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (!CPU_ISSET(core, &pin_all) || n-- > 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(core, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

void bench_pin_release(void) {
    if (CPU_COUNT(&pin_all) > 0) sched_setaffinity(0, sizeof pin_all, &pin_all);
}

#else

void bench_pin_start(void) {}

void bench_pin_thread(unsigned n) {
    (void)n;
}

void bench_pin_release(void) {}

#endif

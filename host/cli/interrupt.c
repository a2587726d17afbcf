/* interrupt.c: Ctrl-C as a wish to end, for work that has something to save. */
#include "interrupt.h"

#include <stddef.h>
#include <string.h>

volatile sig_atomic_t interrupt_signal;

/* The second of either kind ends the program. */
static void note(int number) {
    interrupt_signal = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

/* What was ignored before, as nohup has it, stays so. */
static void watch(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) return;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void interrupt_watch(void) {
    watch(SIGINT);
    watch(SIGTERM);
}

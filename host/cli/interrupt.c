/* interrupt.c: Ctrl-C as a wish to end, for work that has something to save. */
#include "interrupt.h"

#include <stddef.h>
#include <string.h>

volatile sig_atomic_t interrupt_signal;

static void note(int signal) {
    interrupt_signal = signal;
}

void interrupt_watch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* interrupt.h: Ctrl-C as a wish to end, for work that has something to save. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <signal.h>

/* From here on the first SIGINT or SIGTERM is only noted; a second ends the program. */
void interrupt_watch(void);

/* The number of the signal that came, or 0 */
extern volatile sig_atomic_t interrupt_signal;

#endif

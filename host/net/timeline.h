/* timeline.h: device time of the commands of an in-order queue, by kind of work. */
#ifndef NET_TIMELINE_H
#define NET_TIMELINE_H

#include "clact/net.h"

typedef enum work_kind { WORK_GEMM, WORK_ACTIVATION, WORK_OTHER } work_kind;

typedef struct timeline_entry {
    work_kind kind;
    cl_event event;
} timeline_entry;

typedef struct timeline {
    bool on;
    timeline_entry *entries;
    size_t count, capacity;
} timeline;

/* Where a command is to put its event; NULL while the timeline is off or memory is short. */
cl_event *timeline_next(timeline *t, work_kind kind);

/* Adds up and forgets all entries; the queue must have finished. A command counts from the end of
 * the one before it, so that gaps count, and the parts of a GEMM or a sweep without an event of
 * their own. */
clact_net_times timeline_collect(timeline *t);

void timeline_clear(timeline *t);

#endif

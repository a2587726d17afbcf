/* timeline.c: device time of the commands of an in-order queue, by kind of work. */
#include "timeline.h"

#include <stdlib.h>

cl_event *timeline_next(timeline *t, work_kind kind) {
    if (!t || !t->on) return NULL;
    if (t->count == t->capacity) {
        const size_t capacity = t->capacity ? 2 * t->capacity : 256;
        timeline_entry *larger = realloc(t->entries, capacity * sizeof *larger);
        if (!larger) return NULL;
        t->entries = larger;
        t->capacity = capacity;
    }
    timeline_entry *entry = &t->entries[t->count++];
    *entry = (timeline_entry){kind, NULL};
    return &entry->event;
}

static double profiled(cl_event event, cl_profiling_info key) {
    cl_ulong ns = 0;
    clGetEventProfilingInfo(event, key, sizeof ns, &ns, NULL);
    return 1e-9 * (double)ns;
}

clact_net_times timeline_collect(timeline *t) {
    clact_net_times times = {0};
    double last_end = 0.0;
    for (size_t i = 0; i < t->count; i++) {
        const timeline_entry *entry = &t->entries[i];
        if (!entry->event) continue; /* its command failed */
        const double end = profiled(entry->event, CL_PROFILING_COMMAND_END);
        const double start = profiled(entry->event, CL_PROFILING_COMMAND_START);
        const double busy = end - (last_end > 0.0 && start > last_end ? last_end : start);
        if (entry->kind == WORK_GEMM)
            times.gemm += busy;
        else if (entry->kind == WORK_ACTIVATION)
            times.activation += busy;
        else
            times.other += busy;
        last_end = end;
        clReleaseEvent(entry->event);
    }
    t->count = 0;
    return times;
}

void timeline_clear(timeline *t) {
    for (size_t i = 0; i < t->count; i++)
        if (t->entries[i].event) clReleaseEvent(t->entries[i].event);
    free(t->entries);
    *t = (timeline){0};
}

/* bench_idle.c: asks Linux for the states of this process's threads. */
#include "bench_idle.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define IDLE_TASKS "/proc/self/task"

static void idle_sleep(long nanoseconds) {
    nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
}

/* The state stands behind the name, which is in parentheses and may hold any character. */
static bool idle_thread_runs(const char *id) {
    char path[300], text[256];
    snprintf(path, sizeof path, IDLE_TASKS "/%s/stat", id);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false; /* it has ended */
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' && end[2] == 'R';
}

/* How many threads run, this one among them; 0 where the system does not tell. */
static unsigned idle_count_running(void) {
    unsigned running = 0;
    DIR *folder = opendir(IDLE_TASKS);
    if (folder == NULL) return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        running += entry->d_name[0] != '.' && idle_thread_runs(entry->d_name);
    closedir(folder);
    return running;
}

void bench_idle_wait(void) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        const unsigned running = idle_count_running();
        if (running == 0) idle_sleep(20000000);
        if (running <= 1) return;
        idle_sleep(100000);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - start.tv_sec) + 1e-9 * (double)(now.tv_nsec - start.tv_nsec) <
             0.2);
}

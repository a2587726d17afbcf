/* bench_child.c: a program that is asked line by line. */
#include "bench_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_PATIENCE_MS = 120000 };

/* In the child. A program that is not there ends with 127, as from a shell. */
static void child_become(const char *const *arguments, const int *input, const int *output) {
    if (dup2(input[0], STDIN_FILENO) >= 0 && dup2(output[1], STDOUT_FILENO) >= 0) {
        close(input[0]), close(input[1]), close(output[0]), close(output[1]);
        execvp(arguments[0], (char *const *)arguments);
    }
    _exit(127);
}

bool bench_child_open(const char *const *arguments, bench_child *child, bench_error *error) {
    int input[2], output[2];
    *child = (bench_child){.process = 0};
    if (pipe(input) != 0) return bench_fail(error, "no pipe: %s", strerror(errno));
    if (pipe(output) != 0) {
        close(input[0]), close(input[1]);
        return bench_fail(error, "no pipe: %s", strerror(errno));
    }
    const pid_t process = fork();
    if (process == 0) child_become(arguments, input, output);
    close(input[0]), close(output[1]);
    child->to = input[1];
    child->from = output[0];
    child->process = process > 0 ? process : 0;
    if (process > 0) return true;
    close(input[1]), close(output[0]);
    return bench_fail(error, "cannot start %s: %s", arguments[0], strerror(errno));
}

void bench_child_close(bench_child *child) {
    if (child->process == 0) return;
    close(child->to);
    close(child->from);
    kill(child->process, SIGTERM);
    waitpid(child->process, NULL, 0);
    *child = (bench_child){.process = 0};
}

/* A child that has ended must not end us by a signal. */
static bool child_send(bench_child *child, const char *line, bench_error *error) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    sigaction(SIGPIPE, &ignore, &before);
    const ssize_t sent = write(child->to, line, strlen(line));
    sigaction(SIGPIPE, &before, NULL);
    return sent == (ssize_t)strlen(line) || bench_fail(error, "the program of the peer has ended");
}

/* Drops the line that the last call has answered with. */
static void child_drop_line(bench_child *child) {
    const char *end = memchr(child->buffer, '\0', child->filled);
    if (end == NULL) return;
    const size_t used = (size_t)(end - child->buffer) + 1;
    memmove(child->buffer, child->buffer + used, child->filled - used);
    child->filled -= used;
}

bool bench_child_ask(bench_child *child, const char *line, const char **answer,
                     bench_error *error) {
    char *end;
    child_drop_line(child);
    if (line && !child_send(child, line, error)) return false;
    while ((end = memchr(child->buffer, '\n', child->filled)) == NULL) {
        struct pollfd waiting = {.fd = child->from, .events = POLLIN};
        const size_t room = sizeof child->buffer - child->filled;
        const int ready = poll(&waiting, 1, CHILD_PATIENCE_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return bench_fail(error, "the program of the peer does not answer");
        const ssize_t got = read(child->from, child->buffer + child->filled, room);
        if (got <= 0) return bench_fail(error, "the program of the peer has ended");
        child->filled += (size_t)got;
    }
    *end = '\0';
    *answer = child->buffer;
    return true;
}

/* kernel_spec.c (L0): one kernel to be compiled. */
#include "kernel_spec.h"

#include <stdarg.h>
#include <string.h>

void kernel_words(char *text, size_t size, ...) {
    const char *word;
    size_t length = 0;
    va_list words;
    va_start(words, size);
    while ((word = va_arg(words, const char *))) {
        const size_t room = size - 1 - length, whole = strlen(word);
        memcpy(text + length, word, whole < room ? whole : room);
        length += whole < room ? whole : room;
    }
    va_end(words);
    text[length] = '\0';
}

kernel_number kernel_hex(unsigned value) {
    kernel_number n;
    char *digit = n.text + sizeof n.text;
    *--digit = '\0';
    do
        *--digit = "0123456789abcdef"[value % 16];
    while (value /= 16);
    memmove(n.text, digit, (size_t)(n.text + sizeof n.text - digit));
    return n;
}

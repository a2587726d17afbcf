/* fingerprint.c (L0): one number for the kernel texts. */
#include "clact/clact.h"
#include "text.h"

/* FNV-1a, the end of the text included */
static uint64_t hash_text(uint64_t hash, const char *text) {
    do {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++);
    return hash;
}

uint64_t clact_kernel_fingerprint(void) {
    const char *const texts[] = {clact_text_kernel,        clact_text_sweep,   clact_text_sums,
                                 clact_text_health,        clact_text_softmax, clact_text_loss,
                                 clact_text_cross_entropy, clact_text_update};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        hash = hash_text(hash, texts[i]);
    return hash;
}

/* sha256.h (L0): SHA-256 of a stream of bytes (FIPS 180-4). */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

typedef struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char block[64];
} sha256;

void sha256_init(sha256 *hash);
void sha256_add(sha256 *hash, const void *bytes, size_t size);

/* The size and then the bytes, so that no two lists of fields look alike. */
void sha256_add_field(sha256 *hash, const void *bytes, size_t size);

/* Leaves *hash as it was: more may be added. */
void sha256_digest(const sha256 *hash, unsigned char digest[SHA256_BYTES]);

#endif

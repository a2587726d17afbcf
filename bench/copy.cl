/* copy.cl: plain copies, the reference that clact-bench holds every kernel against.
 *
 * Each copies n floats; a work-item moves one vector, the one after the last full vector moves the
 * rest. The _stream kernels write past the caches and exist only where the compiler can do that.
 */
#if defined(__has_builtin)
#if __has_builtin(__builtin_nontemporal_store)
#define COPY_CAN_STREAM
#endif
#endif

#define COPY_PLAIN_STORE(value, pointer)  (*(pointer) = (value))
#define COPY_STREAM_STORE(value, pointer) __builtin_nontemporal_store(value, pointer)

#define COPY_KERNEL(NAME, TYPE, WIDTH, STORE)                                                      \
    __kernel void NAME(__global const float *restrict from, __global float *restrict to,           \
                       const ulong n) {                                                            \
        const size_t i = get_global_id(0);                                                         \
        const size_t full = (size_t)(n / WIDTH);                                                   \
        if (i < full) {                                                                            \
            const TYPE value = ((__global const TYPE *)from)[i];                                   \
            STORE(value, (__global TYPE *)to + i);                                                 \
        } else if (i == full) {                                                                    \
            for (size_t k = full * WIDTH; k < (size_t)n; ++k)                                      \
                to[k] = from[k];                                                                   \
        }                                                                                          \
    }

COPY_KERNEL(copy_plain_4, float4, 4, COPY_PLAIN_STORE)
COPY_KERNEL(copy_plain_16, float16, 16, COPY_PLAIN_STORE)

#ifdef COPY_CAN_STREAM
COPY_KERNEL(copy_stream_4, float4, 4, COPY_STREAM_STORE)
COPY_KERNEL(copy_stream_16, float16, 16, COPY_STREAM_STORE)
#endif

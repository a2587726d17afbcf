/* copy.cl: plain copies, the reference that clact-bench holds every kernel against.
 *
 * Each copies n floats. Of most, a work-item moves one vector, and the one after the last full
 * vector moves the rest. Those in parts are for a CPU: a work-group is one work-item that walks over
 * a large part of the arrays, as a thread of a C program would. The _stream kernels write past the
 * caches, a whole line with each store, and exist only where the compiler can do that.
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

#define COPY_PARTS_KERNEL(NAME, STORE)                                                             \
    __kernel void NAME(__global const float *restrict from, __global float *restrict to,           \
                       const ulong n) {                                                            \
        const size_t parts = get_num_groups(0), part = get_group_id(0);                            \
        const size_t full = (size_t)(n / 16), each = (full + parts - 1) / parts;                   \
        const size_t end = min((part + 1) * each, full);                                           \
        for (size_t i = part * each; i < end; ++i) {                                               \
            const float16 value = ((__global const float16 *)from)[i];                             \
            STORE(value, (__global float16 *)to + i);                                              \
        }                                                                                          \
        if (part + 1 == parts)                                                                     \
            for (size_t k = full * 16; k < (size_t)n; ++k)                                         \
                to[k] = from[k];                                                                   \
    }

COPY_KERNEL(copy_plain_4, float4, 4, COPY_PLAIN_STORE)
COPY_KERNEL(copy_plain_16, float16, 16, COPY_PLAIN_STORE)
COPY_PARTS_KERNEL(copy_plain_parts, COPY_PLAIN_STORE)

#ifdef COPY_CAN_STREAM
COPY_KERNEL(copy_stream_4, float4, 4, COPY_STREAM_STORE)
COPY_KERNEL(copy_stream_16, float16, 16, COPY_STREAM_STORE)
COPY_PARTS_KERNEL(copy_stream_parts, COPY_STREAM_STORE)
#endif

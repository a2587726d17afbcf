/* device_identity.c (L1): what decides the code that a device's compiler makes. */
#include "device_identity.h"

#include <stdlib.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__linux__)
#include <sys/auxv.h>
#endif

/* A driver names the processor, PoCL with the name LLVM has for it; but the compiler goes by its
 * features, and of one name some processors, or the virtual machines on them, lack a few. Left out
 * is what differs between the cores of one machine: numbers of the core, and its kind. */
static void add_processor(sha256 *hash) {
#if defined(__x86_64__) || defined(__i386__)
    static const struct {
        unsigned leaf, subleaf;
        bool a, b, c, d;
    } words[] = {
        {0, 0, false, true, true, true},           /* vendor */
        {1, 0, true, false, true, true},           /* family and model; features */
        {7, 0, false, true, true, false},          /* features */
        {7, 1, true, false, false, false},         /* features */
        {0xd, 0, false, true, false, false},       /* size of the registers the system saves */
        {0x80000001, 0, false, false, true, true}, /* features */
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        unsigned a = 0, b = 0, c = 0, d = 0;
        __get_cpuid_count(words[i].leaf, words[i].subleaf, &a, &b, &c, &d);
        const unsigned taken[4] = {words[i].a ? a : 0, words[i].b ? b : 0, words[i].c ? c : 0,
                                   words[i].d ? d : 0};
        sha256_add(hash, taken, sizeof taken);
    }
#elif defined(__linux__)
    const unsigned long features[2] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
    sha256_add(hash, features, sizeof features);
#else
    (void)hash;
#endif
}

typedef cl_int text_query(const void *object, cl_uint key, size_t size, void *text, size_t *length);

static cl_int query_device(const void *object, cl_uint key, size_t size, void *text,
                           size_t *length) {
    return clGetDeviceInfo(*(const cl_device_id *)object, key, size, text, length);
}

static cl_int query_platform(const void *object, cl_uint key, size_t size, void *text,
                             size_t *length) {
    return clGetPlatformInfo(*(const cl_platform_id *)object, key, size, text, length);
}

static bool add_text(sha256 *hash, text_query *query, const void *object, cl_uint key) {
    size_t length = 0;
    if (query(object, key, 0, NULL, &length) != CL_SUCCESS) return false;
    char *text = malloc(length + 1);
    const bool is_known = text && query(object, key, length, text, NULL) == CL_SUCCESS;
    if (is_known) sha256_add_field(hash, text, length);
    free(text);
    return is_known;
}

bool device_identity_add(cl_device_id device, sha256 *hash) {
    static const cl_uint of_device[] = {
        CL_DEVICE_NAME,    CL_DEVICE_VENDOR,    CL_DRIVER_VERSION,
        CL_DEVICE_VERSION, CL_DEVICE_PROFILE,   CL_DEVICE_OPENCL_C_VERSION,
        CL_DEVICE_TYPE,    CL_DEVICE_VENDOR_ID, CL_DEVICE_ADDRESS_BITS};
    static const cl_uint of_platform[] = {CL_PLATFORM_NAME, CL_PLATFORM_VENDOR,
                                          CL_PLATFORM_VERSION};
    cl_platform_id platform = NULL;
    cl_device_type type = 0;
    if (clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof platform, &platform, NULL) !=
            CL_SUCCESS ||
        clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL) != CL_SUCCESS)
        return false;
    for (size_t i = 0; i < sizeof of_device / sizeof *of_device; i++)
        if (!add_text(hash, query_device, &device, of_device[i])) return false;
    for (size_t i = 0; i < sizeof of_platform / sizeof *of_platform; i++)
        if (!add_text(hash, query_platform, &platform, of_platform[i])) return false;
    if (type & CL_DEVICE_TYPE_CPU) add_processor(hash);
    return true;
}

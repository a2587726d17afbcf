/* tuning.c (L1): the numbers that cut kernels to a device: what ships, and what the caller asks
 * for.
 */
#include "tuning.h"

#include "device.h"

#include <stdio.h>
#include <string.h>

enum { MAX_WIDTH = 16, MAX_ABREAST = 64, MAX_LOCAL = 1024, MAX_VECTORS = 32, MAX_FETCH = 64 };

/* Of sums: vectors of a work-item and of a work-group. Each has sums and health of its own, and
 * PoCL keeps those of a whole work-group on the stack of a thread: 3 MB of the 8 that are usual. */
enum { MAX_SUMS = 512, MAX_GROUP_SUMS = 2048 };

/* ---- What ships ------------------------------------------------------------------------------ */

#define SHAPE(width, local, vectors)                                                               \
    { width, local, vectors }

static const tuning_row class_rows[TUNING_CLASSES] = {
#define TUNING_CLASS(class, forward, backward, sums, columns, rows, short_rows, fetch, share)      \
    {{forward, backward, sums, columns, rows, short_rows}, fetch, share},
#include "tuning.def"
};

typedef struct device_row {
    const char *name; /* a part of the device's */
    tuning_class class;
    tuning_row row;
} device_row;

static const device_row device_rows[] = {
#define TUNING_DEVICE(name, class, forward, backward, sums, columns, rows, short_rows, fetch,      \
                      share)                                                                       \
    {name, TUNING_##class, {{forward, backward, sums, columns, rows, short_rows}, fetch, share}},
#include "tuning.def"
    {NULL, TUNING_DEFAULT, {.fetch_rows = 0}}};

tuning_class tuning_class_of(const clact_device_info *device) {
    if (device->type & CL_DEVICE_TYPE_GPU)
        return strstr(device->vendor, "NVIDIA")                   ? TUNING_GPU_NVIDIA
               : strstr(device->vendor, "Advanced Micro Devices") ? TUNING_GPU_AMD
               : strstr(device->vendor, "Intel")                  ? TUNING_GPU_INTEL
                                                                  : TUNING_DEFAULT;
    if (!(device->type & CL_DEVICE_TYPE_CPU)) return TUNING_DEFAULT;
    return device->vector_width >= 16  ? TUNING_CPU_AVX512
           : device->vector_width == 8 ? TUNING_CPU_AVX2
                                       : TUNING_CPU;
}

static const tuning_row *row_of_device(const clact_device_info *device, tuning_class class) {
    for (const device_row *d = device_rows; d->name; d++)
        if (d->class == class && strstr(device->name, d->name)) return &d->row;
    return NULL;
}

#define OR(value, other) ((value) ? (value) : (other))

static clact_tuning_shape shape_or(clact_tuning_shape shape, clact_tuning_shape other) {
    return (clact_tuning_shape){OR(shape.width, other.width), OR(shape.local, other.local),
                                OR(shape.vectors, other.vectors)};
}

static tuning_row row_or(tuning_row row, const tuning_row *other) {
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++)
        row.families[f] = shape_or(row.families[f], other->families[f]);
    row.fetch_rows = OR(row.fetch_rows, other->fetch_rows);
    row.stream_share = OR(row.stream_share, other->stream_share);
    return row;
}

tuning_row tuning_fall_back(const tuning_row *device, const tuning_row *class,
                            const tuning_row *otherwise) {
    const tuning_row row = device ? row_or(*device, class) : *class;
    return row_or(row, otherwise);
}

clact_tuning tuning_shipped(const clact_device_info *device, size_t most_local) {
    const tuning_class class = tuning_class_of(device);
    const tuning_row row = tuning_fall_back(row_of_device(device, class), &class_rows[class],
                                            &class_rows[TUNING_DEFAULT]);
    clact_tuning t = {.struct_size = sizeof t, .fetch_rows = row.fetch_rows};
    t.stream_bytes = row.stream_share ? device->cache_bytes / row.stream_share : 0;
    if (t.stream_bytes == 0) t.stream_bytes = CLACT_TUNING_NEVER;
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++) {
        t.families[f] = row.families[f];
        if (t.families[f].width == 0) t.families[f].width = device->vector_width;
        while (t.families[f].local > 1 && t.families[f].local > most_local)
            t.families[f].local /= 2;
    }
    return t;
}

/* The number that is left open gives way to the other. */
static void fit_sums(const clact_tuning *wanted, clact_tuning *t) {
    clact_tuning_shape *s = &t->families[CLACT_FAMILY_SUMS];
    const bool has_vectors = wanted && wanted->families[CLACT_FAMILY_SUMS].vectors;
    unsigned *open = has_vectors ? &s->local : &s->vectors;
    while (s->local * s->vectors > MAX_GROUP_SUMS && *open > 1)
        *open /= 2;
}

clact_tuning tuning_completed(const clact_tuning *wanted, unsigned width,
                              const clact_tuning *otherwise) {
    clact_tuning t = wanted ? *wanted : (clact_tuning){.struct_size = sizeof t};
    const clact_tuning_shape lanes = {width, 0, 0};
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++)
        t.families[f] = shape_or(shape_or(t.families[f], lanes), otherwise->families[f]);
    fit_sums(wanted, &t);
    t.fetch_rows = OR(t.fetch_rows, otherwise->fetch_rows);
    t.stream_bytes = OR(t.stream_bytes, otherwise->stream_bytes);
    return t;
}

clact_status clact_tuning_default(cl_device_id device, clact_tuning *tuning) {
    clact_device_info info;
    if (!tuning || tuning->struct_size != sizeof *tuning) return CLACT_INVALID_ARGUMENT;
    const clact_status status = clact_device_query(device, &info);
    if (status == CLACT_SUCCESS) *tuning = tuning_shipped(&info, device_most_local(device));
    return status;
}

/* ---- What may be asked for ------------------------------------------------------------------- */

const char *clact_family_name(clact_family family) {
    static const char *const names[CLACT_FAMILY_COUNT] = {
#define FAMILY_NAME(NAME, value, name) name,
        CLACT_FAMILY_MAP(FAMILY_NAME)
#undef FAMILY_NAME
    };
    return (unsigned)family < CLACT_FAMILY_COUNT ? names[family] : NULL;
}

/* 0, or a power of two up to `most` */
static bool is_legal(unsigned value, size_t most) {
    return value <= most && (value & (value - 1)) == 0;
}

static bool check_shape(clact_family family, clact_tuning_shape s, size_t most_local, char *text,
                        size_t size) {
    const unsigned most_vectors = family < CLACT_FAMILY_SUMS    ? MAX_VECTORS
                                  : family == CLACT_FAMILY_SUMS ? MAX_SUMS
                                                                : 1;
    const unsigned most_width = family <= CLACT_FAMILY_BACKWARD ? MAX_ABREAST : MAX_WIDTH;
    const size_t most = most_local < MAX_LOCAL ? most_local : MAX_LOCAL;
    const struct {
        const char *name;
        unsigned value;
        size_t most;
    } numbers[] = {{"width", s.width, most_width},
                   {"local", s.local, most},
                   {"vectors", s.vectors, most_vectors}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (is_legal(numbers[i].value, numbers[i].most)) continue;
        snprintf(text, size, "%s of %s must be a power of two of at most %zu, or 0, not %u",
                 numbers[i].name, clact_family_name(family), numbers[i].most, numbers[i].value);
        return false;
    }
    if (family == CLACT_FAMILY_SUMS && s.local * s.vectors > MAX_GROUP_SUMS) {
        snprintf(text, size, "local times vectors of sums must be at most %d, not %u",
                 MAX_GROUP_SUMS, s.local * s.vectors);
        return false;
    }
    return true;
}

clact_status tuning_check(const clact_tuning *tuning, size_t most_local, char *text, size_t size) {
    char unwanted[1];
    if (!text || size == 0) {
        text = unwanted;
        size = sizeof unwanted;
    }
    text[0] = '\0';
    if (!tuning || tuning->struct_size != sizeof *tuning) {
        snprintf(text, size, "the tuning is NULL, or its struct_size is not set");
        return CLACT_INVALID_ARGUMENT;
    }
    for (clact_family f = 0; f < CLACT_FAMILY_COUNT; f++)
        if (!check_shape(f, tuning->families[f], most_local, text, size))
            return CLACT_INVALID_ARGUMENT;
    if (tuning->fetch_rows > MAX_FETCH && tuning->fetch_rows != CLACT_TUNING_NO_FETCH) {
        snprintf(text, size, "fetch_rows must be at most %d, not %lu", MAX_FETCH,
                 (unsigned long)tuning->fetch_rows);
        return CLACT_INVALID_ARGUMENT;
    }
    return CLACT_SUCCESS;
}

clact_status clact_tuning_check(cl_device_id device, const clact_tuning *tuning, char *text,
                                size_t size) {
    if (text && size > 0) text[0] = '\0';
    if (!device) return CLACT_INVALID_ARGUMENT;
    return tuning_check(tuning, device_most_local(device), text, size);
}

/* gemm_tuning.c: parameters of CLBlast: what ships, and handing them over. */
#include "gemm_tuning.h"

#include <clblast_c.h>
#include <string.h>

static const char *const parameter_names[CLACT_GEMM_PARAMETERS] = {
#define PARAMETER_NAME(kernel, NAME) #NAME,
    CLACT_GEMM_MAP(PARAMETER_NAME)};
static const char *const kernel_names[CLACT_GEMM_PARAMETERS] = {
#define KERNEL_NAME(kernel, NAME) #kernel,
    CLACT_GEMM_MAP(KERNEL_NAME)};

const char *clact_gemm_parameter_name(clact_gemm_parameter parameter) {
    return (unsigned)parameter < CLACT_GEMM_PARAMETERS ? parameter_names[parameter] : NULL;
}

const char *clact_gemm_kernel_name(clact_gemm_parameter parameter) {
    return (unsigned)parameter < CLACT_GEMM_PARAMETERS ? kernel_names[parameter] : NULL;
}

/* ---- what ships ---- */

typedef struct class_row {
    uint32_t vwm, mwg, nwg, vwn, tile;
} class_row;

static const class_row class_rows[GEMM_CLASSES] = {
#define GEMM_CLASS(class, vwm, mwg, nwg, vwn, tile) {vwm, mwg, nwg, vwn, tile},
#include "gemm_tuning.def"
};

gemm_class gemm_class_of(const clact_device_info *device) {
    if (!(device->type & CL_DEVICE_TYPE_CPU) || (device->type & CL_DEVICE_TYPE_GPU))
        return GEMM_CLASSES;
    return device->vector_width >= 16  ? GEMM_CPU_AVX512
           : device->vector_width == 8 ? GEMM_CPU_AVX2
                                       : GEMM_CPU;
}

/* A work-group is one work-item that holds its tile in registers, without local memory: a barrier
 * would make a CPU put them away. The direct kernel, which lives on local memory, is left out by
 * XGEMM_MIN_INDIRECT_SIZE; it is as small as it can be because it is compiled all the same. KWI
 * unrolls, and at 2 the compiler keeps nothing in registers. Inner dimensions are padded to KWG. */
clact_gemm_tuning gemm_tuning_of(gemm_class class) {
    const class_row *row = &class_rows[class];
    return (clact_gemm_tuning){.struct_size = sizeof(clact_gemm_tuning),
                               .values = {[CLACT_GEMM_GEMMK] = 0,
                                          [CLACT_GEMM_KREG] = 1,
                                          [CLACT_GEMM_KWG] = 16,
                                          [CLACT_GEMM_KWI] = 1,
                                          [CLACT_GEMM_MDIMA] = 1,
                                          [CLACT_GEMM_MDIMC] = 1,
                                          [CLACT_GEMM_MWG] = row->mwg,
                                          [CLACT_GEMM_NDIMB] = 1,
                                          [CLACT_GEMM_NDIMC] = 1,
                                          [CLACT_GEMM_NWG] = row->nwg,
                                          [CLACT_GEMM_VWM] = row->vwm,
                                          [CLACT_GEMM_VWN] = row->vwn,
                                          [CLACT_GEMM_KWID] = 1,
                                          [CLACT_GEMM_MDIMAD] = 8,
                                          [CLACT_GEMM_MDIMCD] = 8,
                                          [CLACT_GEMM_NDIMBD] = 8,
                                          [CLACT_GEMM_NDIMCD] = 8,
                                          [CLACT_GEMM_VWMD] = 1,
                                          [CLACT_GEMM_VWND] = 1,
                                          [CLACT_GEMM_WGD] = 8,
                                          [CLACT_GEMM_XGEMM_MIN_INDIRECT_SIZE] = 1,
                                          [CLACT_GEMM_COPY_DIMX] = 8,
                                          [CLACT_GEMM_COPY_DIMY] = 8,
                                          [CLACT_GEMM_COPY_VW] = 4,
                                          [CLACT_GEMM_COPY_WPT] = 1,
                                          [CLACT_GEMM_PAD_DIMX] = 64,
                                          [CLACT_GEMM_PAD_DIMY] = 1,
                                          [CLACT_GEMM_PAD_WPTX] = 1,
                                          [CLACT_GEMM_PAD_WPTY] = 1,
                                          [CLACT_GEMM_TRA_DIM] = 1,
                                          [CLACT_GEMM_TRA_WPT] = row->vwm,
                                          [CLACT_GEMM_PADTRA_PAD] = 1,
                                          [CLACT_GEMM_PADTRA_TILE] = row->tile,
                                          [CLACT_GEMM_PADTRA_WPT] = 1}};
}

bool clact_gemm_shipped(const clact_device_info *device, clact_gemm_tuning *tuning) {
    const gemm_class class = device ? gemm_class_of(device) : GEMM_CLASSES;
    if (class == GEMM_CLASSES || !tuning) return false;
    *tuning = gemm_tuning_of(class);
    return true;
}

/* ---- handing over ---- */

/* The parameters of one kernel stand together: those from *first on. */
static clact_status apply_kernel(cl_device_id device, const clact_gemm_tuning *tuning,
                                 size_t *first) {
    const char *names[CLACT_GEMM_PARAMETERS], *const kernel = kernel_names[*first];
    size_t values[CLACT_GEMM_PARAMETERS], count = 0;
    for (size_t p = *first; p < CLACT_GEMM_PARAMETERS && strcmp(kernel_names[p], kernel) == 0;
         p++) {
        names[count] = parameter_names[p];
        values[count++] = tuning->values[p];
    }
    *first += count;
    return CLBlastOverrideParameters(device, kernel, CLBlastPrecisionSingle, count, names,
                                     values) == CLBlastSuccess
               ? CLACT_SUCCESS
               : CLACT_BLAS;
}

clact_status clact_gemm_apply(cl_device_id device, const clact_gemm_tuning *tuning) {
    clact_device_info info;
    clact_gemm_tuning shipped;
    clact_status status = clact_device_query(device, &info);
    if (status != CLACT_SUCCESS) return status;
    if (!tuning) {
        if (!clact_gemm_shipped(&info, &shipped)) return CLACT_SUCCESS;
        tuning = &shipped;
    }
    status = clact_gemm_check(tuning, info.max_work_group, NULL, 0);
    for (size_t p = 0; p < CLACT_GEMM_PARAMETERS && status == CLACT_SUCCESS;)
        status = apply_kernel(device, tuning, &p);
    return status;
}

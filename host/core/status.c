/* status.c (L0): texts of clact's and OpenCL's status codes. */
#include "status.h"

#include "clact/version.h"

const char *clact_status_text(clact_status status) {
    switch (status) {
#define STATUS_TEXT(name, value, text)                                                             \
    case CLACT_##name:                                                                             \
        return text;
        CLACT_STATUS_MAP(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "unknown status";
}

const char *clact_version(void) {
    return CLACT_VERSION;
}

const char *status_opencl_name(cl_int code) {
    switch (code) {
#define OPENCL_NAME(name)                                                                          \
    case name:                                                                                     \
        return #name;
        OPENCL_NAME(CL_DEVICE_NOT_AVAILABLE)
        OPENCL_NAME(CL_COMPILER_NOT_AVAILABLE)
        OPENCL_NAME(CL_MEM_OBJECT_ALLOCATION_FAILURE)
        OPENCL_NAME(CL_OUT_OF_RESOURCES)
        OPENCL_NAME(CL_OUT_OF_HOST_MEMORY)
        OPENCL_NAME(CL_BUILD_PROGRAM_FAILURE)
        OPENCL_NAME(CL_MISALIGNED_SUB_BUFFER_OFFSET)
        OPENCL_NAME(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST)
        OPENCL_NAME(CL_INVALID_VALUE)
        OPENCL_NAME(CL_INVALID_DEVICE)
        OPENCL_NAME(CL_INVALID_CONTEXT)
        OPENCL_NAME(CL_INVALID_COMMAND_QUEUE)
        OPENCL_NAME(CL_INVALID_MEM_OBJECT)
        OPENCL_NAME(CL_INVALID_BUILD_OPTIONS)
        OPENCL_NAME(CL_INVALID_PROGRAM)
        OPENCL_NAME(CL_INVALID_KERNEL)
        OPENCL_NAME(CL_INVALID_KERNEL_NAME)
        OPENCL_NAME(CL_INVALID_ARG_SIZE)
        OPENCL_NAME(CL_INVALID_KERNEL_ARGS)
        OPENCL_NAME(CL_INVALID_WORK_GROUP_SIZE)
        OPENCL_NAME(CL_INVALID_GLOBAL_WORK_SIZE)
        OPENCL_NAME(CL_INVALID_EVENT_WAIT_LIST)
        OPENCL_NAME(CL_INVALID_EVENT)
#undef OPENCL_NAME
    default:
        return "an OpenCL error";
    }
}

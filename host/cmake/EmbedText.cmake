# clact_embed_text(target symbol file [RAW]): links the text of a file into target as
#   extern const char symbol[];
# with its quoted includes from kernels/ flattened in, each once, and #line kept; or as it is (RAW).
set(CLACT_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_text_script.cmake")
set(CLACT_KERNEL_DIR "${PROJECT_SOURCE_DIR}/kernels")

function(clact_embed_text target symbol file)
    get_filename_component(input "${file}" ABSOLUTE)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
    file(GLOB headers CONFIGURE_DEPENDS "${CLACT_KERNEL_DIR}/*.h" "${CLACT_KERNEL_DIR}/*.def")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DINPUT=${input}" "-DOUTPUT=${output}" "-DSYMBOL=${symbol}"
                "-DINCLUDE_DIR=${CLACT_KERNEL_DIR}" "-DMODE=${ARGN}" -P "${CLACT_EMBED_SCRIPT}"
        DEPENDS "${input}" ${headers} "${CLACT_EMBED_SCRIPT}"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}")
endfunction()

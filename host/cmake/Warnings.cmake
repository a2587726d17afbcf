# clact_strict(target): C11 without extensions, our warnings, hidden symbols, the options' wishes.
function(clact_strict target)
    target_compile_features(${target} PRIVATE c_std_11)
    set_target_properties(${target} PROPERTIES C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
    target_compile_definitions(${target} PRIVATE _XOPEN_SOURCE=700)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wunused-function
        $<$<BOOL:${CLACT_WERROR}>:-Werror>)
    if(CLACT_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${CLACT_SANITIZE} -fno-sanitize-recover=all)
        target_link_options(${target} PRIVATE -fsanitize=${CLACT_SANITIZE})
    endif()
endfunction()

/* lab_list.c: the experiments there are. */
#include "lab.h"

const lab_entry lab_list[] = {
#define LAB(name, text) {#name, text, lab_##name},
#include "lab.def"
#undef LAB
};

const size_t lab_count = sizeof lab_list / sizeof *lab_list;

/* lab_list.c: the experiments there are. */
#include "lab.h"

const lab_entry lab_list[LAB_COUNT] = {
#define LAB(name, text) {#name, text, lab_##name},
#include "lab.def"
#undef LAB
};

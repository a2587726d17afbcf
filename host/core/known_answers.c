/* known_answers.c (L0): what the self-test asks a device, and what the C build answers. */
#include "known_answers.h"

#define ANSWER(a, b, c, fast, accurate)                                                            \
    {                                                                                              \
        {0x##a, 0x##b, 0x##c}, {                                                                   \
            0x##fast, 0x##accurate                                                                 \
        }                                                                                          \
    }

const known_answers known[KNOWN_ROWS] = {
#define KNOWN(name, num_inputs, ...)                                                               \
    {#name,                                                                                        \
     num_inputs,                                                                                   \
     sizeof((const known_answer[]){__VA_ARGS__}) / sizeof(known_answer),                           \
     {__VA_ARGS__}},
#include "known_answers.def"
};

bool known_is_subnormal(uint32_t bits) {
    const uint32_t magnitude = bits & 0x7fffffffu;
    return magnitude > 0 && magnitude < 0x00800000u;
}

bool known_has_subnormals(const known_answer *answer) {
    bool found = known_is_subnormal(answer->want[0]) || known_is_subnormal(answer->want[1]);
    for (int i = 0; i < 3; i++)
        found = found || known_is_subnormal(answer->input[i]);
    return found;
}

uint32_t known_canonical(uint32_t bits) {
    return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : bits;
}

/* test_safetensors.c: what is written comes back, bit for bit, in one order of bytes; a damaged or
 * foreign file is refused with its reason, whatever bytes it has. With two arguments it writes a
 * file for another reader, or reads that of another writer.
 */
#include "scratch.h"

#include "train/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct setup {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH];
} setup;

static int set_up(void **state) {
    setup *t = calloc(1, sizeof *t);
    *state = t;
    scratch_make(t->folder);
    scratch_path(t->folder, "t.safetensors", t->path);
    return 0;
}

static int tear_down(void **state) {
    scratch_remove(((setup *)*state)->folder);
    free(*state);
    return 0;
}

static const float weights[6] = {1.5f, -2.0f, 0.0f, -0.0f, 3e38f, 1e-45f};
static const double means[2] = {0.1, -7e300};
static const uint8_t bytes[3] = {1, 0, 255};
static const uint16_t halves[2] = {0x3c00, 0xfbff};
static const int64_t steps[1] = {-5};

static const safetensor some[] = {
    {"bytes", SAFETENSOR_U8, 1, {3}, bytes, sizeof bytes},
    {"layer.0.weight", SAFETENSOR_F32, 2, {2, 3}, weights, sizeof weights},
    {"half", SAFETENSOR_F16, 1, {2}, halves, sizeof halves},
    {"empty", SAFETENSOR_F32, 3, {4, 0, 2}, NULL, 0},
    {"step", SAFETENSOR_I64, 0, {0}, steps, sizeof steps},
    {"mean \"\xc3\xa4\"", SAFETENSOR_F64, 2, {1, 2}, means, sizeof means},
};
enum { NUM_SOME = sizeof some / sizeof *some };

static json_t *new_metadata(void) {
    return json_pack("{s:s, s:s, s:s}", "format", "clact", "classes", "[\"a\",\"\xc3\xb6\"]", "",
                     "");
}

static void write_some(const char *path) {
    char message[1024] = "";
    json_t *metadata = new_metadata();
    if (!safetensors_write(path, some, NUM_SOME, metadata, message, sizeof message))
        fail_msg("%s", message);
    json_decref(metadata);
}

static void check_some(const safetensors *file) {
    json_t *metadata = new_metadata();
    assert_int_equal(file->count, NUM_SOME);
    assert_true(json_equal(file->metadata, metadata));
    json_decref(metadata);
    assert_string_equal(safetensors_metadata(file, "format"), "clact");
    assert_null(safetensors_metadata(file, "nothing"));
    assert_null(safetensors_find(file, "nothing"));
    for (size_t i = 0; i < NUM_SOME; i++) {
        const safetensor *t = safetensors_find(file, some[i].name);
        assert_non_null(t);
        assert_int_equal(t->type, some[i].type);
        assert_int_equal(t->ndim, some[i].ndim);
        assert_int_equal(t->bytes, some[i].bytes);
        assert_memory_equal(t->shape, some[i].shape, (size_t)t->ndim * sizeof t->shape[0]);
        if (t->bytes) assert_memory_equal(t->data, some[i].data, t->bytes);
        assert_int_equal((uintptr_t)t->data % safetensor_type_size(t->type), 0);
    }
}

static void what_is_written_comes_back(void **state) {
    const setup *t = *state;
    char message[1024] = "x";
    safetensors file;
    write_some(t->path);
    assert_true(safetensors_read(t->path, &file, message, sizeof message));
    check_some(&file);
    for (size_t i = 1; i < file.count; i++) /* so that each is aligned in the file */
        assert_true(safetensor_type_size(file.tensors[i].type) <=
                    safetensor_type_size(file.tensors[i - 1].type));
    safetensors_clear(&file);
    assert_null(file.tensors);
}

static void bytes_do_not_depend_on_the_order_of_the_call(void **state) {
    const setup *t = *state;
    char message[1024] = "", other[SCRATCH_PATH];
    safetensor turned[NUM_SOME];
    size_t sizes[2];
    for (size_t i = 0; i < NUM_SOME; i++)
        turned[i] = some[NUM_SOME - 1 - i];
    write_some(t->path);
    scratch_path(t->folder, "other", other);
    json_t *metadata = new_metadata();
    assert_true(safetensors_write(other, turned, NUM_SOME, metadata, message, sizeof message));
    json_decref(metadata);
    unsigned char *a = scratch_read(t->folder, "t.safetensors", &sizes[0]);
    unsigned char *b = scratch_read(t->folder, "other", &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(a, b, sizes[0]);
    assert_int_equal((a[0] | a[1] << 8) % 8, 0);
    free(a);
    free(b);
}

static void a_file_may_be_empty(void **state) {
    const setup *t = *state;
    char message[1024] = "";
    safetensors file;
    assert_true(safetensors_write(t->path, NULL, 0, NULL, message, sizeof message));
    assert_true(safetensors_read(t->path, &file, message, sizeof message));
    assert_int_equal(file.count, 0);
    assert_null(file.metadata);
    assert_null(safetensors_metadata(&file, "format"));
    safetensors_clear(&file);
}

/* ---- Files by hand --------------------------------------------------------------------------- */

static void write_by_hand(const setup *t, uint64_t length, const char *header, size_t header_size,
                          size_t data) {
    unsigned char *whole = calloc(1, 8 + header_size + data);
    for (int i = 0; i < 8; i++)
        whole[i] = (unsigned char)(length >> 8 * i);
    memcpy(whole + 8, header, header_size);
    for (size_t i = 0; i < data; i++)
        whole[8 + header_size + i] = (unsigned char)i;
    scratch_write(t->folder, "t.safetensors", whole, 8 + header_size + data);
    free(whole);
}

static void refuses(const setup *t, const char *says) {
    char message[4096] = "";
    safetensors file;
    if (safetensors_read(t->path, &file, message, sizeof message)) fail_msg("not: %s", says);
    if (!strstr(message, t->path) || !strstr(message, says))
        fail_msg("'%s' does not say '%s'", message, says);
    assert_null(file.tensors);
    assert_null(file.header);
    assert_null(file.storage);
}

static void refuses_header(const setup *t, const char *header, size_t data, const char *says) {
    write_by_hand(t, strlen(header), header, strlen(header), data);
    refuses(t, says);
}

#define ENTRY(name, type, shape, offsets)                                                          \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void foreign_files_are_aligned_on_reading(void **state) {
    const setup *t = *state;
    const char *header = "{" ENTRY("b", "F32", "[1]", "[1,5]") "," ENTRY(
        "a", "U8", "[1]", "[0,1]") "," ENTRY("c", "F64", "[]", "[5,13]") "} ";
    char message[1024] = "";
    safetensors file;
    write_by_hand(t, strlen(header), header, strlen(header), 13);
    if (!safetensors_read(t->path, &file, message, sizeof message)) fail_msg("%s", message);
    assert_int_equal(file.count, 3);
    assert_string_equal(file.tensors[0].name, "a");
    assert_memory_equal(file.tensors[1].data, "\1\2\3\4", 4);
    assert_memory_equal(file.tensors[2].data, "\5\6\7\10\11\12\13\14", 8);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            (uintptr_t)file.tensors[i].data % safetensor_type_size(file.tensors[i].type), 0);
    safetensors_clear(&file);
}

static void every_type_has_its_name_and_size(void **state) {
    const setup *t = *state;
    for (int i = 0; i < SAFETENSOR_NUM_TYPES; i++) {
        const safetensor_type type = (safetensor_type)i;
        const char *name = safetensor_type_name(type);
        const size_t bits =
            strcmp(name, "BOOL") == 0 ? 8 : strtoul(strpbrk(name, "0123456789"), NULL, 10);
        const safetensor one = {"one", type, 1, {2}, weights, bits / 4};
        char message[1024] = "";
        safetensors file;
        assert_true(safetensors_write(t->path, &one, 1, NULL, message, sizeof message));
        assert_true(safetensors_read(t->path, &file, message, sizeof message));
        assert_int_equal(file.tensors[0].type, type);
        safetensors_clear(&file);
    }
}

static void damaged_files_are_refused_with_the_reason(void **state) {
    const setup *t = *state;
    refuses(t, "No such file");
    scratch_write(t->folder, "t.safetensors", "", 0);
    refuses(t, "too few");
    write_by_hand(t, 3, "{}", 2, 0);
    refuses(t, "header of 3 bytes");
    write_by_hand(t, UINT64_MAX, "{}", 2, 0);
    refuses(t, "header of 18446744073709551615 bytes");
    write_by_hand(t, 3, "{} x", 4, 0);
    refuses(t, "1 bytes after");
    refuses_header(t, " {}", 0, "begin with '{'");
    refuses_header(t, "[1]", 0, "begin with '{'");
    refuses_header(t, "{\"a\":}", 0, "JSON");
    refuses_header(t, "{} {}", 0, "JSON");
    refuses_header(t, "{\"a\":1,\"a\":1}", 0, "JSON: duplicate");
    refuses_header(t, "{\"\\u0000\":1}", 0, "JSON");
    refuses_header(t, "{\"\xff\":1}", 0, "JSON");
    refuses_header(t, "{\"a\":1}", 0, "'a'");
    refuses_header(t, "{\"a\":{}}", 0, "no dtype");
    refuses_header(t, "{\"a\":{\"dtype\":3}}", 0, "no dtype");
    refuses_header(t, "{\"a\":{\"dtype\":\"F4\"}}", 0, "'F4'");
    refuses_header(t, "{\"a\":{\"dtype\":\"F32\"}}", 0, "no shape");
    refuses_header(t, "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, "data_offsets");
    refuses_header(t, "{" ENTRY("a", "F32", "[-1]", "[0,4]") "}", 4, "whole numbers");
    refuses_header(t, "{" ENTRY("a", "F32", "[1.0]", "[0,4]") "}", 4, "whole numbers");
    refuses_header(t, "{" ENTRY("a", "F32", "1", "[0,4]") "}", 4, "no shape");
    refuses_header(t, "{" ENTRY("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "9 dimensions");
    refuses_header(t, "{" ENTRY("a", "F32", "[4611686018427387904]", "[0,0]") "}", 4, "more elem");
    refuses_header(t, "{" ENTRY("a", "F32", "[0,4294967296,4294967296]", "[0,0]") "}", 0,
                   "more el");
    refuses_header(t, "{" ENTRY("a", "F32", "[99999999999999999999]", "[0,0]") "}", 0, "JSON");
    refuses_header(t, "{" ENTRY("a", "F32", "[2]", "[0,4]") "}", 4, "its shape gives 8");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[0,8]") "}", 8, "its shape gives 4");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[4,0]") "}", 4, "bytes 4 to 0 of 4");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[-4,0]") "}", 4, "data_offsets");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[0,4,8]") "}", 4, "data_offsets");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[0,4]") "}", 3, "0 to 4 of 3");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[0,4]") "}", 5, "1 bytes after");
    refuses_header(t, "{" ENTRY("a", "F32", "[1]", "[1,5]") "}", 5, "1 bytes before tensor 'a'");
    refuses_header(t, "{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[2]", "[1,3]") "}",
                   3, "'a' and 'b' overlap");
    refuses_header(t, "{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[2]", "[0,2]") "}",
                   2, "overlap");
    refuses_header(t, "{\"__metadata__\":[]}", 0, "__metadata__ is not an object");
    refuses_header(t, "{\"__metadata__\":{\"a\":1}}", 0, "'a' is not a string");
    refuses_header(t, "{\"a\":{\"x\":1,\"y\":2,\"z\":3,\"dtype\":\"F32\"}}", 0,
                   "'a' in its header");
}

/* Nothing is written over. */
static void refuses_to_write(const setup *t, const safetensor *tensors, size_t count,
                             const json_t *metadata, const char *says) {
    char message[4096] = "";
    size_t size = 0;
    scratch_write(t->folder, "t.safetensors", "old", 3);
    assert_false(safetensors_write(t->path, tensors, count, metadata, message, sizeof message));
    if (!strstr(message, t->path) || !strstr(message, says))
        fail_msg("'%s' does not say '%s'", message, says);
    unsigned char *old = scratch_read(t->folder, "t.safetensors", &size);
    assert_int_equal(size, 3);
    assert_memory_equal(old, "old", 3);
    free(old);
}

static void what_cannot_be_read_back_is_not_written(void **state) {
    const setup *t = *state;
    const safetensor twice[] = {{"a", SAFETENSOR_F32, 1, {6}, weights, 24},
                                {"a", SAFETENSOR_F32, 1, {5}, weights, 20}};
    const safetensor meta = {"__metadata__", SAFETENSOR_F32, 1, {6}, weights, 24};
    const safetensor is_short = {"a", SAFETENSOR_F32, 1, {6}, weights, 20};
    const safetensor huge = {"a", SAFETENSOR_F32, 2, {SIZE_MAX / 2, 4}, weights, 20};
    const safetensor latin = {"\xe4", SAFETENSOR_F32, 1, {6}, weights, 24};
    json_t *number = json_pack("{s:i}", "a", 1), *list = json_array();
    refuses_to_write(t, twice, 2, NULL, "name 'a'");
    refuses_to_write(t, &meta, 1, NULL, "name '__metadata__'");
    refuses_to_write(t, &is_short, 1, NULL, "gives 24 bytes, and it has 20");
    refuses_to_write(t, &huge, 1, NULL, "as many elements");
    refuses_to_write(t, &latin, 1, NULL, "UTF-8");
    refuses_to_write(t, twice, 1, number, "metadata 'a'");
    refuses_to_write(t, twice, 1, list, "metadata");
    json_decref(number);
    json_decref(list);
}

/* ---- Any bytes ------------------------------------------------------------------------------- */

/* Every byte of every tensor can be read, and all of them are the file's. */
static void is_refused_or_consistent(const setup *t, const unsigned char *whole, size_t length) {
    char message[4096] = "";
    safetensors file;
    scratch_write(t->folder, "t.safetensors", whole, length);
    if (!safetensors_read(t->path, &file, message, sizeof message)) {
        if (!strstr(message, t->path)) fail_msg("'%s' does not name the file", message);
        assert_null(file.tensors);
        return;
    }
    size_t total = 0;
    unsigned sum = 0;
    for (size_t i = 0; i < file.count; i++) {
        const safetensor *tensor = &file.tensors[i];
        size_t product = safetensor_type_size(tensor->type);
        for (int d = 0; d < tensor->ndim; d++)
            product *= tensor->shape[d];
        assert_int_equal(product, tensor->bytes);
        assert_ptr_equal(safetensors_find(&file, tensor->name), tensor);
        for (size_t b = 0; b < tensor->bytes; b++)
            sum += ((const unsigned char *)tensor->data)[b];
        total += tensor->bytes;
    }
    assert_true(total + 8 <= length && sum <= 255 * total);
    safetensors_clear(&file);
}

static void no_truncation_or_changed_byte_is_believed(void **state) {
    const setup *t = *state;
    size_t length = 0;
    write_some(t->path);
    unsigned char *whole = scratch_read(t->folder, "t.safetensors", &length);
    const size_t header = 8 + (whole[0] | (size_t)whole[1] << 8);
    for (size_t cut = 0; cut < length; cut++) {
        scratch_write(t->folder, "t.safetensors", whole, cut);
        refuses(t, "cannot be read");
    }
    for (size_t at = 0; at < header; at++) {
        const unsigned char old = whole[at];
        const unsigned char other[] = {(unsigned char)(old ^ 1), (unsigned char)~old, '"', '9'};
        for (size_t i = 0; i < sizeof other; i++) {
            whole[at] = other[i];
            is_refused_or_consistent(t, whole, length);
        }
        whole[at] = old;
    }
    free(whole);
}

static int read_for_another(const char *path) {
    char message[1024] = "";
    safetensors file;
    if (!safetensors_read(path, &file, message, sizeof message)) {
        puts(message);
        return 1;
    }
    check_some(&file);
    safetensors_clear(&file);
    return 0;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_do_not_depend_on_the_order_of_the_call, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_may_be_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_files_are_aligned_on_reading, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_type_has_its_name_and_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused_with_the_reason, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_back_is_not_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_truncation_or_changed_byte_is_believed, set_up,
                                        tear_down),
    };
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        write_some(argv[2]);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "read") == 0) return read_for_another(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_tuning_file.c: a tuning comes back from its file as it was written, beside sections that
 * others have put there; whatever else is in the file is refused with a reason, and leaves the
 * default.
 */
#include "device_fixture.h"
#include "scratch.h"

#include <clact/tune.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct setup {
    fixture f;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH];
} setup;

static const clact_tuning some = {.struct_size = sizeof some,
                                  .families = {[CLACT_FAMILY_FORWARD] = {8, 16, 2},
                                               [CLACT_FAMILY_SUMS] = {.local = 1},
                                               [CLACT_FAMILY_SHORT_ROWS] = {4, 2, 1}},
                                  .fetch_rows = CLACT_TUNING_NO_FETCH,
                                  .stream_bytes = 123456789};
static const clact_tuning empty = {.struct_size = sizeof empty};

static void save(setup *t, const clact_tuning *tuning) {
    char message[1024] = "x";
    const clact_status status =
        clact_tuning_save(t->path, t->f.device, tuning, message, sizeof message);
    if (status != CLACT_SUCCESS) fail_msg("%s", message);
    assert_string_equal(message, "");
}

static clact_status load(setup *t, clact_tuning *tuning, bool *found, char *message, size_t size) {
    *tuning = some;
    return clact_tuning_load(t->path, t->f.device, tuning, found, message, size);
}

static void loads(setup *t, const clact_tuning *want, bool is_there) {
    char message[1024] = "x";
    clact_tuning got;
    bool found = !is_there;
    if (load(t, &got, &found, message, sizeof message) != CLACT_SUCCESS) fail_msg("%s", message);
    assert_string_equal(message, "");
    assert_int_equal(found, is_there);
    assert_memory_equal(&got, want, sizeof got);
}

/* Refused with a sentence that names the file and says why; the tuning is empty. */
static void refuses(setup *t, const char *says) {
    char message[1024] = "";
    clact_tuning got;
    bool found = true;
    assert_int_equal(load(t, &got, &found, message, sizeof message), CLACT_FILE);
    assert_false(found);
    assert_memory_equal(&got, &empty, sizeof got);
    if (!strstr(message, t->path) || !strstr(message, says))
        fail_msg("'%s' does not say '%s'", message, says);
}

static char *read_file(setup *t) {
    size_t size = 0;
    char *bytes = (char *)scratch_read(t->folder, "t.json", &size);
    assert_non_null(bytes);
    char *text = realloc(bytes, size + 1);
    text[size] = '\0';
    return text;
}

static void write_file(setup *t, const char *text) {
    scratch_write(t->folder, "t.json", text, strlen(text));
}

/* The file with `old` replaced, once. */
static void edit_file(setup *t, const char *old, const char *new) {
    char *text = read_file(t), *at = strstr(text, old);
    char *edited = malloc(strlen(text) + strlen(new) + 1);
    if (!at) fail_msg("no '%s' in %s", old, text);
    sprintf(edited, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    write_file(t, edited);
    free(edited);
    free(text);
}

static void it_comes_back_as_it_was_written(void **state) {
    setup *t = *state;
    clact_tuning all = {.struct_size = sizeof all};
    assert_int_equal(clact_tuning_default(t->f.device, &all), CLACT_SUCCESS);
    loads(t, &empty, false); /* no file */
    save(t, &some);
    loads(t, &some, true);
    save(t, &all);
    loads(t, &all, true);
    all.stream_bytes = CLACT_TUNING_NEVER;
    save(t, &all);
    loads(t, &all, true);
    save(t, &empty);
    loads(t, &empty, true);
}

static void sections_of_others_stay(void **state) {
    setup *t = *state;
    save(t, &some);
    edit_file(t, "\"kernels\"", "\"gemm\": {\"a\": [1, 2.5]}, \"kernels\"");
    loads(t, &some, true);
    save(t, &empty);
    loads(t, &empty, true);
    char *text = read_file(t);
    assert_non_null(strstr(text, "\"gemm\""));
    assert_non_null(strstr(text, "2.5"));
    free(text);
    edit_file(t, "\"kernels\"", "\"others\"");
    loads(t, &empty, false);
}

static void a_file_of_something_else_is_refused(void **state) {
    static const struct {
        const char *old, *new, *says;
    } edits[] = {
        {"\"device\": \"", "\"device\": \"another ", "it is of another "},
        {"\"driver\": \"", "\"driver\": \"9", "with driver 9"},
        {"\"format\": 1", "\"format\": 0", "its format is 0"},
        {"\"format\": 1", "\"format\": 2", "its format is 2"},
        {"\"format\": 1", "\"format\": \"1\"", "is no tuning"},
        {"clact tuning", "a tuning", "is no tuning"},
        {"\"sections\": {", "\"section\": {", "is no tuning"},
        {"\"width\": 8", "\"width\": 7", "width of forward"},
        {"\"width\": 8", "\"width\": -8", "a number in it"},
        {"\"width\": 8", "\"width\": 8.5", "a number in it"},
        {"\"width\": 8", "\"width\": \"never\"", "a number in it"},
        {"\"width\": 8", "\"width\": 4294967304", "a number in it"},
        {"\"width\": 8", "\"width\": 8, \"width\": 8", "duplicate"},
        {"\"local\": 1", "\"local\": 1048576", "local of "},
        {"\"families\": {", "\"family\": {", "a number in it"},
        {"\"never\"", "\"now and then\"", "a number in it"},
        {"123456789", "null", "a number in it"},
        {"}", "", "line "},
    };
    setup *t = *state;
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        save(t, &some);
        edit_file(t, edits[i].old, edits[i].new);
        refuses(t, edits[i].says);
        save(t, &some); /* in its place */
        loads(t, &some, true);
    }
    write_file(t, "");
    refuses(t, "line 1");
    write_file(t, "[]");
    refuses(t, "is no tuning");
    write_file(t, "{\"kind\": \"clact tuning\", \"format\": 1, \"sections\": []}");
    refuses(t, "is no tuning");
}

/* Cut anywhere, or with any byte changed: refused, or another tuning that is legal. */
static void damage_is_refused_or_legal(void **state) {
    setup *t = *state;
    char message[1024];
    clact_tuning got;
    save(t, &some);
    char *text = read_file(t);
    const size_t length = strlen(text) - 2; /* without the last brace it is none */
    for (size_t i = 0; i < length; i++) {
        scratch_write(t->folder, "t.json", text, i);
        refuses(t, "line ");
    }
    for (size_t i = 0; i < length; i++) {
        const char was = text[i];
        text[i] = (char)(was ^ (1 << i % 7));
        scratch_write(t->folder, "t.json", text, length + 2);
        text[i] = was;
        const clact_status status = load(t, &got, NULL, message, sizeof message);
        assert_true(status == CLACT_SUCCESS || status == CLACT_FILE);
        assert_int_equal(clact_tuning_check(t->f.device, &got, NULL, 0), CLACT_SUCCESS);
        if (status == CLACT_FILE) assert_memory_equal(&got, &empty, sizeof got);
        assert_int_equal(message[0] != '\0', status != CLACT_SUCCESS);
    }
    free(text);
}

static void what_cannot_be_written_leaves_the_old_one(void **state) {
    setup *t = *state;
    char message[1024], path[SCRATCH_PATH + 8], names[4][SCRATCH_PATH];
    clact_tuning wrong = some;
    save(t, &some);
    wrong.families[0].width = 3;
    assert_int_equal(clact_tuning_save(t->path, t->f.device, &wrong, message, sizeof message),
                     CLACT_INVALID_ARGUMENT);
    loads(t, &some, true);
    snprintf(path, sizeof path, "%s/x", t->path); /* the file is no folder */
    assert_int_equal(clact_tuning_save(path, t->f.device, &some, message, sizeof message),
                     CLACT_FILE);
    assert_non_null(strstr(message, path));
    assert_int_equal(clact_tuning_save(t->folder, t->f.device, &some, message, sizeof message),
                     CLACT_FILE); /* nor the folder a file */
    loads(t, &some, true);
    assert_int_equal(scratch_list(t->folder, names, 4), 1); /* and nothing is left beside it */
}

static void folders_are_made_for_the_user_alone(void **state) {
    setup *t = *state;
    struct stat facts;
    char message[1024], path[SCRATCH_PATH + 16];
    snprintf(path, sizeof path, "%s/a/b/t.json", t->folder);
    assert_int_equal(clact_tuning_save(path, t->f.device, &some, message, sizeof message),
                     CLACT_SUCCESS);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    *strrchr(path, '/') = '\0';
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
}

static void names_are_cut_to_size(void **state) {
    setup *t = *state;
    char name[128], few[8];
    const size_t length = clact_tuning_file_name(t->f.device, name, sizeof name);
    assert_true(length > 20 && length < sizeof name && strlen(name) == length);
    assert_null(strpbrk(name, "/ "));
    assert_string_equal(name + length - 5, ".json");
    assert_int_equal(clact_tuning_file_name(t->f.device, few, sizeof few), length);
    assert_memory_equal(few, name, sizeof few - 1);
    assert_int_equal(clact_tuning_file_name(t->f.device, NULL, 0), length);
    assert_int_equal(clact_tuning_file_name(NULL, name, sizeof name), 0);
}

static int make_folder(void **state) {
    setup *t = *state;
    scratch_make(t->folder);
    scratch_path(t->folder, "t.json", t->path);
    return 0;
}

static int remove_folder(void **state) {
    scratch_remove(((setup *)*state)->folder);
    return 0;
}

int main(void) {
    setup t = {.folder = ""};
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, make_folder, remove_folder, &t }
    const struct CMUnitTest tests[] = {
        CASE(it_comes_back_as_it_was_written),
        CASE(sections_of_others_stay),
        CASE(a_file_of_something_else_is_refused),
        CASE(damage_is_refused_or_legal),
        CASE(what_cannot_be_written_leaves_the_old_one),
        CASE(folders_are_made_for_the_user_alone),
        CASE(names_are_cut_to_size),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_close(&t.f);
    return failed;
}

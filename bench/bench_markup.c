/* bench_markup.c: text that others gave, in HTML and SVG. */
#include "bench_markup.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the UTF-8 character that starts here, 0 where none does; its number to *code. */
static size_t markup_decode(const unsigned char *text, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = *text < 0x80             ? 1
                          : (*text & 0xe0) == 0xc0 ? 2
                          : (*text & 0xf0) == 0xe0 ? 3
                          : (*text & 0xf8) == 0xf0 ? 4
                                                   : 0;
    *code = length == 1 ? *text : *text & (0x7fu >> length);
    for (size_t i = 1; i < length; ++i) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (text[i] & 0x3f);
    }
    return length > 0 && *code >= least[length] ? length : 0;
}

/* The characters of XML 1.0, which are also fit for HTML. */
static int markup_is_character(uint32_t code) {
    return code == '\t' || code == '\n' || (code >= 0x20 && code < 0x7f) ||
           (code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe) ||
           (code >= 0x10000 && code < 0x110000);
}

static void markup_character(FILE *out, const unsigned char *text, size_t length) {
    switch (*text) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        fwrite(text, 1, length, out);
    }
}

void bench_markup_text(FILE *out, const char *text) {
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        uint32_t code;
        const size_t length = markup_decode(at, &code);
        if (length > 0 && markup_is_character(code))
            markup_character(out, at, length);
        else
            fputs("&#xfffd;", out);
        at += length > 0 ? length : 1;
    }
}

void bench_markup_element(FILE *out, const char *name, const char *text) {
    fprintf(out, "<%s>", name);
    bench_markup_text(out, text);
    fprintf(out, "</%.*s>", (int)strcspn(name, " "), name);
}

#include "trigger/form.h"

#include "base/digest.h"
#include "base/limits.h"

static bool decode(struct text part, struct buffer *into, struct problem *why)
{
    const char *zero = "a form holds no zero bytes";

    buffer_clear(into);
    if (part.len > 0 && memchr(part.at, 0, part.len) != NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST, "%s", zero);
    for (size_t i = 0; i < part.len; i++) {
        if (part.at[i] != '%') {
            buffer_add_byte(into, part.at[i] == '+' ? ' ' : part.at[i]);
            continue;
        }
        int high = i + 2 < part.len ? hex_digit(part.at[i + 1]) : -1;
        int low = i + 2 < part.len ? hex_digit(part.at[i + 2]) : -1;
        if (high < 0 || low < 0)
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "\"%%\" in a form is followed by two hexadecimal digits");
        if (high == 0 && low == 0)
            return problem_set(why, PROBLEM_BAD_REQUEST, "%s", zero);
        buffer_add_byte(into, (char)(high * 16 + low));
        i += 2;
    }
    if (!text_is_utf8(buffer_text(into)))
        return problem_set(why, PROBLEM_BAD_REQUEST, "a form is written in UTF-8");
    return true;
}

/* Takes `value`. */
static void add_field(json_t *object, const char *name, json_t *value)
{
    json_t *before = json_object_get(object, name);

    if (before == NULL) {
        json_object_set_new(object, name, value);
    } else if (json_is_array(before)) {
        json_array_append_new(before, value);
    } else {
        json_t *both = json_array();
        json_array_append(both, before);
        json_array_append_new(both, value);
        json_object_set_new(object, name, both);
    }
}

static struct text cut(struct text *rest, char at)
{
    const char *found = memchr(rest->at, at, rest->len);
    struct text part = {rest->at, found != NULL ? (size_t)(found - rest->at) : rest->len};

    rest->at += part.len + (found != NULL);
    rest->len -= part.len + (found != NULL);
    return part;
}

static bool read_fields(struct text body, json_t *object, struct buffer *name,
                        struct buffer *value, struct problem *why)
{
    size_t count = 0;

    while (body.len > 0) {
        struct text rest = cut(&body, '&');
        struct text key;

        if (rest.len == 0)
            continue;
        if (++count > LIMIT_FORM_FIELDS)
            return problem_set(why, PROBLEM_BAD_REQUEST, "a form has at most %d fields",
                               LIMIT_FORM_FIELDS);
        key = cut(&rest, '=');
        if (!decode(key, name, why) || !decode(rest, value, why))
            return false;
        add_field(object, buffer_text(name).at,
                  json_stringn(buffer_text(value).at, value->len));
    }
    return true;
}

bool form_read(struct text body, json_t **ret_object, struct problem *why)
{
    json_t *object = json_object();
    struct buffer name, value;
    bool done;

    buffer_init(&name, LIMIT_BODY_BYTES);
    buffer_init(&value, LIMIT_BODY_BYTES);
    done = read_fields(body, object, &name, &value, why);
    buffer_done(&name);
    buffer_done(&value);
    if (done)
        *ret_object = object;
    else
        json_decref(object);
    return done;
}

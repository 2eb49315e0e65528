/* test_dav.c - paths of documents, and lists of properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connectors/dms/multistatus.h"
#include "connectors/dms/path.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_paths(void **state)
{
    struct path path;
    struct problem why = {0};
    (void)state;
    assert_true(path_read(&arena, TEXT("/Akten 2026/Müller & Co#1/"), &path, &why));
    assert_int_equal(path.count, 2);
    assert_true(path_add(&arena, &path, TEXT("a?b%.json"), &why));
    assert_string_equal(path_text(&arena, &path, path.count),
                        "Akten 2026/Müller & Co#1/a?b%.json");
    assert_string_equal(path_url(&arena, "http://x/d/", &path, 3, false),
                        "http://x/d/Akten%202026/M%C3%BCller%20%26%20Co%231/a%3Fb%25.json");
    assert_string_equal(path_url(&arena, "http://x/d/", &path, 1, true),
                        "http://x/d/Akten%202026/");
    assert_true(path_read(&arena, TEXT(""), &path, &why));
    assert_string_equal(path_url(&arena, "http://x/d/", &path, 0, true), "http://x/d/");
    static const char *const wrong[] = {"..",   "a/..", "../a", "a/./b", "a//b",
                                        "a\\b", "a\nb", "\x7f", "\xc3",  "a//"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (path_read(&arena, text_of(wrong[i]), &path, &why))
            fail_msg("'%s' was taken", wrong[i]);
    assert_false(path_add(&arena, &path, TEXT("a/b"), &why));
    assert_false(path_add(&arena, &path, TEXT(""), &why));
}

static void test_numbers(void **state)
{
    (void)state;
    assert_string_equal(path_numbered(&arena, "antrag.json", 2), "antrag (2).json");
    assert_string_equal(path_numbered(&arena, "antrag", 10), "antrag (10)");
    assert_string_equal(path_numbered(&arena, ".profile", 2), ".profile (2)");
}

static void test_multistatus(void **state)
{
    static const char xml[] =
        "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\" xmlns:u=\"" DAV_KEY_NAMESPACE
        "\">"
        "<D:response><D:href>/akten/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/"
        "></D:resourcetype></D:prop>"
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        "<D:response><D:href>http://x/akten/M%C3%BCller%20%26.txt</"
        "D:href><D:propstat><D:prop><D:resourcetype/>"
        "<D:getetag>\"1\"</D:getetag><D:getcontentlength> 12 "
        "</D:getcontentlength><u:key>k</u:key>"
        "<D:getlastmodified>Mon, 23 Nov 2026 14:00:00 "
        "GMT</D:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
        "<D:propstat><D:prop><D:getcontenttype>no</D:getcontenttype></D:prop><D:status>HTTP/"
        "1.1 404 Not Found</D:status></D:propstat>"
        "</D:response><D:response><D:href>/akten/a%2Fb</D:href></D:response>"
        "<D:response><D:href>/akten/%zz%4</D:href></D:response></D:multistatus>";
    struct dav_entry *entries = NULL;
    size_t count = 0;
    struct problem why = {0};
    (void)state;
    assert_true(multistatus_read(&arena, text_of(xml), &entries, &count, &why));
    assert_int_equal(count, 4);
    assert_true(entries[0].is_folder);
    assert_false(entries[1].is_folder);
    assert_string_equal(entries[1].name, "Müller &.txt");
    assert_string_equal(entries[1].etag, "\"1\"");
    assert_string_equal(entries[1].key, "k");
    assert_null(entries[1].type);
    assert_int_equal(entries[1].bytes, 12);
    assert_int_equal(entries[1].modified_ms, 1795442400000);
    assert_string_equal(entries[2].name, "");
    assert_string_equal(entries[3].name, "%zz%4");
    static const char *const wrong[] = {"", "<a/>", "<multistatus/>",
                                        "<D:multistatus xmlns:D=\"DAV:\">",
                                        "<!DOCTYPE a><D:multistatus xmlns:D=\"DAV:\"/>"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(multistatus_read(&arena, text_of(wrong[i]), &entries, &count, &why));
        assert_int_equal(why.type, PROBLEM_CALL_BROKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_multistatus, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

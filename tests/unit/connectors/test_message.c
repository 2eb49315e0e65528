/* test_message.c - what a mail looks like on the wire. (How it reads in a mailbox:
 * tests/connectors/mail.test.mjs.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connectors/mail/address.h"
#include "connectors/mail/encode.h"
#include "connectors/mail/message.h"

static struct buffer wire;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&wire, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_done(&wire);
    return 0;
}

static const char *written(void)
{
    return buffer_text(&wire).at;
}

static void test_subjects(void **state)
{
    (void)state;
    encode_unstructured(TEXT("Ihre Anmeldung"), &wire);
    assert_string_equal(written(), "Ihre Anmeldung");
    buffer_clear(&wire);
    encode_unstructured(TEXT("Grüße\r\nBcc: x\x7f"), &wire);
    assert_string_equal(written(), "=?UTF-8?B?R3LDvMOfZSBCY2M6IHg=?=");
    buffer_clear(&wire);
    encode_unstructured(TEXT("=?UTF-8?Q?nicht so?="),
                        &wire); /* what looks encoded is encoded */
    assert_string_equal(written(), "=?UTF-8?B?PT9VVEYtOD9RP25pY2h0IHNvPz0=?=");
    buffer_clear(&wire);
    encode_unstructured(TEXT("ääääääääääääääääääää"),
                        &wire); /* cut between characters: 38 of 40 bytes, 2 */
    assert_string_equal(written(),
                        "=?UTF-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?=\r\n "
                        "=?UTF-8?B?w6Q=?=");
}

static void test_quoted_printable(void **state)
{
    (void)state;
    encode_quoted_printable(TEXT("a=b \n.c\r\nd\te\t\rü\n"), &wire);
    assert_string_equal(written(), "a=3Db=20\r\n=2Ec\r\nd\te=09\r\n=C3=BC\r\n");
    buffer_clear(&wire);
    char dots[400];
    memset(dots, '.', sizeof dots);
    encode_quoted_printable((struct text){dots, sizeof dots}, &wire);
    const char *line = written();
    for (const char *end = strstr(line, "\r\n"); end != NULL;
         line = end + 2, end = strstr(line, "\r\n")) {
        assert_true(end - line <= LINE_MAX_CHARS);
        assert_true(*line != '.');
    }
    assert_int_equal(*line, '\0');
}

static void test_parameters(void **state)
{
    (void)state;
    encode_parameter("filename", TEXT("a b.pdf"), &wire);
    assert_string_equal(written(), ";\r\n filename=\"a b.pdf\"");
    buffer_clear(&wire);
    encode_parameter("filename", TEXT("ä\".pdf"), &wire);
    assert_string_equal(written(), ";\r\n filename*=UTF-8''%C3%A4%22.pdf");
    buffer_clear(&wire);
    encode_parameter("filename", TEXT("ääääääääääää.pdf"), &wire);
    assert_string_equal(
        written(), ";\r\n filename*0*=UTF-8''%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4"
                   ";\r\n filename*1*=%C3%A4%C3%A4%C3%A4%C3%A4.pdf");
}

static void test_boundaries_cannot_be_written_by_content(void **state)
{
    (void)state;
    struct mailbox someone = {"", "a@b.test", "b.test"};
    const char text[] = "--=_aKEY\r\n--=_mKEY--\r\n";
    struct attachment attachment = {TEXT("a"), "text/plain", text_of(text)};
    struct message message = {
        .from = someone,
        .to = &someone,
        .to_count = 1,
        .subject = TEXT("s"),
        .text = text_of(text),
        .html = text_of(text),
        .attachments = &attachment,
        .attachment_count = 1,
        .message_id = "m@b.test",
        .boundary = "KEY",
    };
    message_write(&message, &wire);
    size_t markers = 0;
    for (const char *at = written(); (at = strstr(at, "\r\n--=_")) != NULL; at++)
        markers++;
    assert_int_equal(markers, 6); /* two parts and an end, twice */
    assert_non_null(strstr(written(), "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));
    assert_non_null(strstr(written(), "Message-ID: <m@b.test>\r\n"));
}

static void test_addresses(void **state)
{
    struct arena arena CLEANUP(arena_done);
    struct mailbox mailbox;
    struct problem why = {0};
    (void)state;
    arena_init(&arena);
    assert_true(mailbox_read(&arena, TEXT(" \"Müller, Anna\" <anna+x@Bücher.Example> "),
                             &mailbox, &why));
    assert_string_equal(mailbox.name, "Müller, Anna");
    assert_string_equal(mailbox.address, "anna+x@xn--bcher-kva.example");
    assert_string_equal(mailbox.domain, "xn--bcher-kva.example");
    assert_true(mailbox_read(&arena, TEXT("<a@b>"), &mailbox, &why));
    assert_string_equal(mailbox.name, "");
    static const char *const wrong[] = {
        "",       "a",      "a@b, c@d", "a@b\n", ".a@b",    "a.@b",           "a@b-.c",
        "a@-b.c", "a@b..c", "a b@c",    "a@b c", "\"a\"@b", "a@[1.2.3.4]",    "a@b>",
        "x <a@b", "a@b_c",  "a@b <c@d", "a@b@c", "\xff@b",  "a@b\xc3\xa4\x01"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (mailbox_read(&arena, text_of(wrong[i]), &mailbox, &why))
            fail_msg("'%s' was taken", wrong[i]);
        assert_int_equal(why.type, PROBLEM_INPUT_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_subjects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_quoted_printable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parameters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_boundaries_cannot_be_written_by_content, set_up,
                                        tear_down),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

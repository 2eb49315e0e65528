#include "connectors/mail/message.h"

#include <time.h>

#include "connectors/mail/encode.h"

/* RFC 5322 3.3; by hand, because strftime() speaks the locale's language. */
static void write_date(int64_t at_ms, struct buffer *into)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm at = {0};
    gmtime_r(&seconds, &at);
    buffer_format(into, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[at.tm_wday],
                  at.tm_mday, months[at.tm_mon], at.tm_year + 1900, at.tm_hour, at.tm_min,
                  at.tm_sec);
}

static void write_mailboxes(const char *header, const struct mailbox *mailboxes, size_t count,
                            struct buffer *into)
{
    if (count == 0)
        return;
    buffer_format(into, "%s: ", header);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_string(into, ",\r\n ");
        if (mailboxes[i].name[0] != '\0') {
            encode_phrase(text_of(mailboxes[i].name), into);
            buffer_format(into, "\r\n <%s>", mailboxes[i].address);
        } else {
            buffer_add_string(into, mailboxes[i].address);
        }
    }
    buffer_add_string(into, "\r\n");
}

static void write_text_part(const char *type, struct text text, struct buffer *into)
{
    buffer_format(into, "Content-Type: %s; charset=utf-8\r\n", type);
    buffer_add_string(into, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    encode_quoted_printable(text, into);
}

static void write_body(const struct message *message, struct buffer *into)
{
    if (message->text.at == NULL || message->html.at == NULL) {
        bool is_html = message->html.at != NULL;
        write_text_part(is_html ? "text/html" : "text/plain",
                        is_html ? message->html : message->text, into);
        return;
    }
    const char *boundary = message->boundary;
    buffer_format(into, "Content-Type: multipart/alternative; boundary=\"=_a%s\"\r\n\r\n",
                  boundary);
    buffer_format(into, "--=_a%s\r\n", boundary);
    write_text_part("text/plain", message->text, into);
    buffer_format(into, "\r\n--=_a%s\r\n", boundary);
    write_text_part("text/html", message->html, into);
    buffer_format(into, "\r\n--=_a%s--\r\n", boundary);
}

static void write_attachment(const struct attachment *attachment, struct buffer *into)
{
    buffer_format(into, "Content-Type: %s\r\n", attachment->type);
    buffer_add_string(into, "Content-Disposition: attachment");
    encode_parameter("filename", attachment->name, into);
    buffer_add_string(into, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    encode_base64_lines(attachment->bytes, into);
}

void message_write(const struct message *message, struct buffer *into)
{
    write_date(message->at_ms, into);
    write_mailboxes("From", &message->from, 1, into);
    write_mailboxes("To", message->to, message->to_count, into);
    write_mailboxes("Cc", message->cc, message->cc_count, into);
    write_mailboxes("Reply-To", message->reply_to, message->reply_to_count, into);
    buffer_add_string(into, "Subject: ");
    encode_unstructured(message->subject, into);
    buffer_format(into, "\r\nMessage-ID: <%s>\r\n", message->message_id);
    /* RFC 3834: nobody's holiday notice should answer this. */
    buffer_add_string(into, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
    if (message->attachment_count == 0) {
        write_body(message, into);
        return;
    }
    buffer_format(into, "Content-Type: multipart/mixed; boundary=\"=_m%s\"\r\n\r\n",
                  message->boundary);
    buffer_format(into, "--=_m%s\r\n", message->boundary);
    write_body(message, into);
    for (size_t i = 0; i < message->attachment_count; i++) {
        buffer_format(into, "\r\n--=_m%s\r\n", message->boundary);
        write_attachment(&message->attachments[i], into);
    }
    buffer_format(into, "\r\n--=_m%s--\r\n", message->boundary);
}

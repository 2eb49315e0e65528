/* mail.c - `mail.send`: one mail, handed to the city's mail server.
 *
 * A mail is composed (letters.c, address.c, message.c) and handed over in one SMTP exchange; it
 * is accepted for all recipients or for none.
 *
 * Failure modes: the server says no for good (5xx: CALL_REFUSED with its code and words) or for
 * now (4xx: CALL_UNREACHABLE with its code, worth a retry); it is down, slow or breaks off.
 * When it breaks off after the whole mail was handed over, the mail may be on its way: SMTP has
 * no answer to that, so the operation is unsafe-twice. Every try carries the same Message-ID,
 * by which mailboxes and people can recognise a second one. */
#include "connectors/mail/mail_inside.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "connector/web.h"
#include "connectors/mail/letters.h"
#include "connectors/mail/message.h"
#include "connectors/media.h"
#include "data/json.h"

enum { MESSAGE_ID_CHARS = 32, SMTP_REPLY_BYTES_MAX = 64 * 1024 };

struct mail_house {
    struct arena arena;
    const char *url; /* NULL: not configured */
    const char *user, *password, *ca_file;
    const char *templates; /* a folder, or NULL */
    struct mailbox from;
    bool require_tls, try_tls;
};

struct mail_call {
    struct web_transfer *transfer;
    const char *message_id;
};

/* --- the house ---------------------------------------------------------------------------- */

static const char *resolve_path(struct arena *arena, const char *directory, const char *path)
{
    if (path == NULL || path[0] == '/' || directory == NULL)
        return path;
    return arena_format(arena, "%s/%s", directory, path);
}

/* A server on this machine: nobody listens in between. */
static bool is_on_this_machine(struct text url)
{
    static const char *const hosts[] = {"://127.", "://localhost", "://[::1]"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        if (memmem(url.at, url.len, hosts[i], strlen(hosts[i])) != NULL)
            return true;
    return false;
}

static bool choose_tls(struct mail_house *house, const char *wish, struct problem *why)
{
    struct text url = text_of(house->url);
    bool is_local = is_on_this_machine(url);
    if (text_starts(url, TEXT("smtps://")))
        return true;
    if (!text_starts(url, TEXT("smtp://")))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "smtp.url: '%s' does not begin with smtp:// or smtps://",
                           house->url);
    if (wish == NULL)
        wish = is_local ? "auto" : "required";
    house->require_tls = strcmp(wish, "required") == 0;
    house->try_tls = strcmp(wish, "auto") == 0;
    if (house->user != NULL && !house->require_tls && !is_local)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "smtp.startTls: with a password only 'required', or the password "
                           "could be read on the way");
    return true;
}

static bool open_smtp(struct mail_house *house, const json_t *smtp,
                      struct connector_setup *setup, struct problem *why)
{
    struct problem inner = {0};
    const char *from = json_string_at(smtp, "from", "");
    house->url = json_string_at(smtp, "url", "");
    house->user = json_string_at(smtp, "user", NULL);
    house->password = json_string_at(smtp, "password", NULL);
    house->ca_file =
        resolve_path(&house->arena, setup->directory, json_string_at(smtp, "caFile", NULL));
    if (!mailbox_read(&house->arena, text_of(from), &house->from, &inner))
        return problem_set(why, PROBLEM_CONFIG_INVALID, "smtp.from: %s", inner.detail);
    return choose_tls(house, json_string_at(smtp, "startTls", NULL), why);
}

bool mail_open(struct connector_setup *setup, struct problem *why)
{
    struct mail_house *house = memory_new(1, sizeof *house);
    arena_init(&house->arena);
    setup->own = house;
    const json_t *smtp = json_object_get(setup->settings, "smtp");
    const char *templates = json_string_at(setup->settings, "templates", NULL);
    house->templates = resolve_path(&house->arena, setup->directory, templates);
    if ((smtp != NULL && !open_smtp(house, smtp, setup, why)) ||
        (house->templates != NULL && !letters_check(house->templates, why))) {
        mail_close(setup);
        return false;
    }
    return true;
}

void mail_close(struct connector_setup *setup)
{
    struct mail_house *house = setup->own;
    arena_done(&house->arena);
    free(house);
    setup->own = NULL;
}

/* --- composing ---------------------------------------------------------------------------- */

struct recipients {
    const char *addresses[LIMIT_RECIPIENTS + 1];
    size_t count;
};

/* A string or a list of strings. */
static bool read_mailboxes(struct arena *arena, const json_t *input, const char *member,
                           struct mailbox **ret, size_t *ret_count, struct problem *why)
{
    const json_t *given = json_object_get(input, member);
    size_t count =
        json_is_array(given) ? json_array_size(given) : (size_t)json_is_string(given);
    struct mailbox *mailboxes = arena_new(arena, count + 1, sizeof *mailboxes);
    for (size_t i = 0; i < count; i++) {
        struct problem inner = {0};
        const json_t *one = json_is_array(given) ? json_array_get(given, i) : given;
        if (!mailbox_read(arena, json_view(one), &mailboxes[i], &inner))
            return problem_set(why, PROBLEM_INPUT_INVALID, "%s: %s", member, inner.detail);
    }
    *ret = mailboxes;
    *ret_count = count;
    return true;
}

static bool add_recipients(struct recipients *recipients, const struct mailbox *mailboxes,
                           size_t count, struct problem *why)
{
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < recipients->count; j++)
            is_known = is_known || strcmp(recipients->addresses[j], mailboxes[i].address) == 0;
        if (is_known)
            continue;
        if (recipients->count == LIMIT_RECIPIENTS)
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "a mail goes to at most %d recipients", LIMIT_RECIPIENTS);
        recipients->addresses[recipients->count++] = mailboxes[i].address;
    }
    return true;
}

static bool read_recipients(struct arena *arena, const json_t *input, struct message *message,
                            struct recipients *recipients, struct problem *why)
{
    struct mailbox *bcc = NULL;
    size_t bcc_count = 0;
    return read_mailboxes(arena, input, "to", &message->to, &message->to_count, why) &&
           read_mailboxes(arena, input, "cc", &message->cc, &message->cc_count, why) &&
           read_mailboxes(arena, input, "bcc", &bcc, &bcc_count, why) &&
           read_mailboxes(arena, input, "replyTo", &message->reply_to, &message->reply_to_count,
                          why) &&
           add_recipients(recipients, message->to, message->to_count, why) &&
           add_recipients(recipients, message->cc, message->cc_count, why) &&
           add_recipients(recipients, bcc, bcc_count, why);
}

static struct text text_or_absent(const json_t *input, const char *member)
{
    const json_t *value = json_object_get(input, member);
    return json_is_string(value) ? json_view(value) : (struct text){NULL, 0};
}

static bool read_texts(struct arena *arena, const struct mail_house *house, const json_t *input,
                       struct message *message, struct problem *why)
{
    const char *name = json_string_at(input, "template", NULL);
    message->subject = text_or_absent(input, "subject");
    message->text = text_or_absent(input, "text");
    message->html = text_or_absent(input, "html");
    if (name != NULL) {
        struct filled_letter letter = {0};
        if (message->text.at != NULL || message->html.at != NULL)
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "'template' takes the place of 'text' and 'html'");
        if (!letters_fill(arena, house->templates, name, json_object_get(input, "data"),
                          &letter, why))
            return false;
        message->text = letter.text;
        message->html = letter.html;
        if (message->subject.at == NULL)
            message->subject = letter.subject;
    }
    if (message->text.at == NULL && message->html.at == NULL)
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "the mail says nothing: 'text', 'html' or 'template' is asked for");
    if (message->subject.at == NULL || text_trim(message->subject).len == 0)
        return problem_set(why, PROBLEM_INPUT_INVALID, "the mail has no subject");
    return true;
}

static bool is_file_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == 127 || name.at[i] == '/' ||
            name.at[i] == '\\')
            return false;
    return name.len > 0 && name.len <= 255;
}

static bool read_attachment(struct arena *arena, const json_t *given, struct attachment *ret,
                            struct problem *why)
{
    const char *usual_type = NULL;
    ret->name = json_view(json_object_get(given, "name"));
    if (!is_file_name(ret->name))
        return problem_set(
            why, PROBLEM_INPUT_INVALID,
            "'name' is a file's name of at most 255 bytes, without / and control characters");
    if (!media_of_input(arena, given, &ret->bytes, &usual_type, why))
        return false;
    ret->type = json_string_at(given, "contentType", usual_type);
    bool is_container =
        text_equal_nocase((struct text){ret->type, strnlen(ret->type, 8)}, TEXT("message/")) ||
        text_equal_nocase((struct text){ret->type, strnlen(ret->type, 10)}, TEXT("multipart/"));
    if (!media_is_type(json_view(json_object_get(given, "contentType"))) &&
        ret->type != usual_type)
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "'contentType' is written type/subtype, as in application/pdf");
    if (is_container)
        return problem_set(why, PROBLEM_INPUT_INVALID, "'%s' cannot be attached", ret->type);
    return true;
}

static bool read_attachments(struct arena *arena, const json_t *input, struct message *message,
                             struct problem *why)
{
    const json_t *given = json_object_get(input, "attachments");
    size_t count = json_array_size(given);
    size_t total = 0;
    message->attachments = arena_new(arena, count + 1, sizeof *message->attachments);
    message->attachment_count = count;
    for (size_t i = 0; i < count; i++) {
        struct problem inner = {0};
        if (!read_attachment(arena, json_array_get(given, i), &message->attachments[i], &inner))
            return problem_set(why, inner.type, "attachments[%zu]: %s", i, inner.detail);
        total += message->attachments[i].bytes.len;
    }
    if (total > LIMIT_ATTACHMENT_BYTES)
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "the attachments have more than %d bytes together",
                           LIMIT_ATTACHMENT_BYTES);
    return true;
}

/* What must be the same on every try is made from the key. */
static void name_message(struct arena *arena, const char *key, struct message *message)
{
    unsigned char digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct text of_key = text_of(key);
    digest_parts(DIGEST_SHA256, &of_key, 1, digest);
    hex_write(digest, sizeof digest, hex);
    message->message_id =
        arena_format(arena, "%.*s@%s", MESSAGE_ID_CHARS, hex, message->from.domain);
    message->boundary = arena_format(arena, "%.24s", hex + MESSAGE_ID_CHARS);
}

/* --- sending ------------------------------------------------------------------------------ */

static void answered(void *context, const struct web_reply *reply, const struct problem *why)
{
    struct call *call = context;
    struct mail_call *own = call->own;
    own->transfer = NULL;
    if (reply != NULL) {
        call_succeed(call, json_pack("{s:s}", "messageId", own->message_id));
        return;
    }
    struct problem translated = *why;
    if (why->type == PROBLEM_CALL_REFUSED && why->status >= 400 && why->status < 500)
        translated.type = PROBLEM_CALL_UNREACHABLE;
    call_fail(call, &translated);
}

static bool send(struct call *call, struct mail_call *own, struct problem *why)
{
    const struct mail_house *house = call->setup->own;
    struct message message = {.from = house->from, .at_ms = clock_wall_ms()};
    struct recipients recipients = {0};
    struct buffer bytes CLEANUP(buffer_done);
    buffer_init(&bytes, 2 * (size_t)LIMIT_ATTACHMENT_BYTES);
    if (house->url == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "connectors.mail.smtp is not configured");
    if (!read_recipients(&call->arena, call->input, &message, &recipients, why) ||
        !read_texts(&call->arena, house, call->input, &message, why) ||
        !read_attachments(&call->arena, call->input, &message, why))
        return false;
    name_message(&call->arena, call->key, &message);
    message_write(&message, &bytes);
    if (bytes.full)
        return problem_set(why, PROBLEM_TOO_LARGE, "the mail is larger than %zu bytes",
                           bytes.max);

    own->message_id = arena_format(&call->arena, "<%s>", message.message_id);
    struct web_request request = {
        .url = house->url,
        .user = house->user,
        .password = house->password,
        .ca_file = house->ca_file,
        .require_tls = house->require_tls,
        .try_tls = house->try_tls,
        .mail_from = house->from.address,
        .mail_recipients = recipients.addresses,
        .body = buffer_text(&bytes),
        .has_body = true,
        .timeout_ms = call_time_left_ms(call),
        .reply_bytes_max = SMTP_REPLY_BYTES_MAX,
    };
    own->transfer = web_start(call->setup->web, &request, answered, call);
    return true;
}

void mail_send_start(struct call *call)
{
    struct problem why = {0};
    call->own = arena_new(&call->arena, 1, sizeof(struct mail_call));
    if (!send(call, call->own, &why))
        call_fail(call, &why);
}

void mail_send_cancel(struct call *call)
{
    struct mail_call *own = call->own;
    if (own->transfer != NULL)
        web_cancel(own->transfer);
}

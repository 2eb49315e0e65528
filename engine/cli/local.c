#include "cli/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "access/token.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "cli/file.h"
#include "connector/web.h"
#include "data/json.h"

enum { ASK_MS = 75 * 1000, ANNOUNCEMENT_BYTES = 4096 };

static const char *announcement(struct arena *arena, const char *directory)
{
    return path_from(arena, directory, "serve.json");
}

/* -- the engine's side --------------------------------------------------------------------- */

/* "http://0.0.0.0:8080" is everywhere; from here it is this machine. */
static const char *reachable(struct arena *arena, const char *url)
{
    static const char *const everywhere[] = {"http://0.0.0.0:", "http://[::]:"};
    static const char *const here[] = {"http://127.0.0.1:", "http://[::1]:"};

    for (size_t i = 0; i < COUNT_OF(everywhere); i++)
        if (text_starts(text_of(url), text_of(everywhere[i])))
            return arena_format(arena, "%s%s", here[i], url + strlen(everywhere[i]));
    return url;
}

bool local_announce(const char *directory, const char *url,
                    unsigned char ret_hash[SHA256_BYTES], struct problem *why)
{
    char token[TOKEN_TEXT_MAX];
    struct arena arena CLEANUP(arena_done);

    arena_init(&arena);
    token_new(token, ret_hash);
    json_auto_t *told = json_pack("{s:s, s:s, s:i}", "url", reachable(&arena, url), "token",
                                  token, "pid", (int)getpid());
    char *text = json_text(told);
    bool is_written = file_write(announcement(&arena, directory), text_of(text), why);
    free(text);
    return is_written;
}

void local_withdraw(const char *directory)
{
    struct arena arena CLEANUP(arena_done);

    arena_init(&arena);
    unlink(announcement(&arena, directory));
}

/* -- the command's side -------------------------------------------------------------------- */

struct question {
    uv_loop_t loop;
    struct web *web;
    json_t **ret_answer;
    struct problem *why;
    bool is_answered;
};

static bool nobody_there(const char *directory, struct problem *why)
{
    return problem_set(why, PROBLEM_NOT_FOUND,
                       "no engine runs on '%s'; start it with 'umlauf serve', or name the "
                       "right folder with --data",
                       directory);
}

static bool read_announcement(const char *directory, struct arena *arena, json_t **ret_told,
                              struct problem *why)
{
    struct problem inner;
    struct text content;

    if (!file_read(announcement(arena, directory), ANNOUNCEMENT_BYTES, arena, &content, &inner))
        return inner.type == PROBLEM_NOT_FOUND
                   ? nobody_there(directory, why)
                   : problem_set(why, PROBLEM_SYSTEM, "%s", inner.detail);
    return json_read(content, ret_told, why);
}

/* What the engine said of itself (application/problem+json). */
static void take_refusal(struct question *question, int status, const json_t *answer)
{
    const char *type = json_string_at(answer, "type", "");
    const char *slug = strrchr(type, '/');
    const char *detail = json_string_at(answer, "detail", NULL);
    enum problem_type known = slug != NULL ? problem_find(slug + 1) : PROBLEM_NONE;

    if (detail != NULL)
        problem_set(question->why, known != PROBLEM_NONE ? known : PROBLEM_SYSTEM, "%s",
                    detail);
    else
        problem_set(question->why, PROBLEM_SYSTEM, "the engine answered %d", status);
}

static void on_answer(void *context, const struct web_reply *reply, const struct problem *why)
{
    struct question *question = context;
    json_auto_t *answer = NULL;
    struct problem ignored;

    if (reply == NULL) {
        *question->why = *why;
        return;
    }
    if (reply->body.len > 0)
        (void)!json_read(reply->body, &answer, &ignored);
    question->is_answered = reply->status >= 200 && reply->status < 300;
    if (question->is_answered)
        *question->ret_answer = json_incref(answer);
    else
        take_refusal(question, reply->status, answer);
}

static void on_closed(void *context)
{
    (void)context;
}

static bool ask(const json_t *told, const struct web_request *request, json_t **ret_answer,
                struct problem *why)
{
    struct question question = {.ret_answer = ret_answer, .why = why};
    struct web_allowed *allowed = NULL;
    const char *host = json_string_at(told, "url", "http://") + strlen("http://");
    json_auto_t *allow = json_pack("[s]", host);

    if (!web_allowed_new(allow, &allowed, why))
        return false;
    ensure(uv_loop_init(&question.loop) == 0);
    question.web = web_new(&question.loop, allowed);
    web_start(question.web, request, on_answer, &question);
    while (question.why->type == PROBLEM_NONE && !question.is_answered)
        uv_run(&question.loop, UV_RUN_ONCE);
    web_close(question.web, on_closed, NULL);
    uv_run(&question.loop, UV_RUN_DEFAULT);
    ensure(uv_loop_close(&question.loop) == 0);
    return question.is_answered;
}

bool local_ask(const char *directory, const char *method, const char *path, const json_t *body,
               json_t **ret_answer, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    json_auto_t *told = NULL;
    struct problem inner = {0};

    arena_init(&arena);
    *ret_answer = NULL;
    if (!read_announcement(directory, &arena, &told, why))
        return false;
    const char *bearer = arena_format(&arena, "Bearer %s", json_string_at(told, "token", ""));
    const struct web_header headers[] = {
        {"Authorization", bearer}, {"Content-Type", "application/json"}, {NULL, NULL}};
    char *text = body != NULL ? json_text(body) : NULL;
    struct web_request request = {
        .method = method,
        .url = arena_format(&arena, "%s%s", json_string_at(told, "url", ""), path),
        .headers = headers,
        .body = text_of(text),
        .has_body = body != NULL,
        .timeout_ms = ASK_MS,
        .reply_bytes_max = LIMIT_ANSWER_BYTES,
    };
    bool is_answered = ask(told, &request, ret_answer, &inner);
    free(text);
    if (is_answered)
        return true;
    if (inner.type == PROBLEM_CALL_UNREACHABLE)
        return nobody_there(directory, why); /* what an engine left that was killed */
    return problem_set(why, inner.type, "%s", inner.detail);
}

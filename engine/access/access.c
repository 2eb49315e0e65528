/* Two lanes: one reads and writes the store, one hashes passwords; so a sign-in delays
 * nobody who is in. A sign-in goes through three jobs: find the user (store), hash
 * (hashing), add the session (store). */
#include "access/access.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "access/known.h"
#include "access/lane.h"
#include "access/password.h"
#include "access/throttle.h"
#include "base/ensure.h"

enum {
    QUESTIONS_MAX = 1024, /* as many as connections */
    SIGN_INS_MAX = 16,    /* at 100 ms each, the last one waits for less than two seconds */
    ADDRESS_MAX = 64,
};
#define SESSION_TOUCH_MS ((int64_t)5 * 60 * 1000) /* use is written down so often */
#define TOKEN_TOUCH_MS   ((int64_t)10 * 60 * 1000)

struct access {
    struct access_options options;
    struct access_store *store;
    struct known *known;
    struct throttle *throttle;
    unsigned char admitted_hash[SHA256_BYTES];
    struct who admitted; /* of access_admit(); roles NULL: nobody */
    struct lane storing;
    struct lane hashing;
    struct lane_job closing;
    size_t under_way; /* jobs of any kind that still owe their done() */
    bool is_closing;
    void (*closed)(void *context);
    void *closed_context;
};

/* ---- life -------------------------------------------------------------------------------- */

bool access_open(const struct access_options *options, struct access **ret_access,
                 struct problem *why)
{
    struct access_store *store;
    uint64_t salt;

    if (!access_store_open(options->directory, &store, why))
        return false;
    struct access *access = memory_new(1, sizeof(*access));
    access->options = *options;
    access->store = store;
    access->known = known_new();
    random_bytes(&salt, sizeof(salt));
    access->throttle = throttle_new(salt);
    lane_init(&access->storing, options->loop);
    lane_init(&access->hashing, options->loop);
    *ret_access = access;
    return true;
}

static void close_store(struct lane_job *job)
{
    access_store_close(CONTAINER_OF(job, struct access, closing)->store);
}

static void on_store_closed(struct lane_job *job)
{
    struct access *access = CONTAINER_OF(job, struct access, closing);
    void (*closed)(void *context) = access->closed;
    void *context = access->closed_context;

    known_free(access->known);
    throttle_free(access->throttle);
    who_done(&access->admitted);
    free(access);
    closed(context);
}

static void close_when_quiet(struct access *access)
{
    if (!access->is_closing || access->under_way > 0)
        return;
    access->closing = (struct lane_job){.work = close_store, .done = on_store_closed};
    lane_add(&access->storing, &access->closing);
}

void access_close(struct access *access, void (*closed)(void *context), void *context)
{
    ensure(!access->is_closing);
    access->is_closing = true;
    access->closed = closed;
    access->closed_context = context;
    close_when_quiet(access);
}

static bool begin(struct access *access, size_t max, struct problem *why)
{
    ensure(!access->is_closing);
    if (access->under_way >= max)
        return problem_set(why, PROBLEM_BUSY, "too many are asking to be let in");
    access->under_way++;
    return true;
}

/* The last thing that a job does. */
static void end(struct access *access)
{
    access->under_way--;
    close_when_quiet(access);
}

/* ---- who is asking ----------------------------------------------------------------------- */

static bool refuse(struct problem *why)
{
    return problem_set(why, PROBLEM_UNAUTHENTICATED, "sign in first, or send a bearer token");
}

void access_admit(struct access *access, const unsigned char hash[SHA256_BYTES],
                  const char *name, json_t *roles)
{
    who_done(&access->admitted);
    access->admitted = (struct who){.roles = json_deep_copy(roles), .is_token = true};
    ensure(strlen(name) < sizeof(access->admitted.name));
    memcpy(access->admitted.name, name, strlen(name) + 1);
    memcpy(access->admitted_hash, hash, SHA256_BYTES);
}

static bool is_admitted(const struct access *access, const struct who_claim *claim)
{
    struct text claimed = {(const char *)claim->hash, SHA256_BYTES};
    struct text admitted = {(const char *)access->admitted_hash, SHA256_BYTES};

    return access->admitted.roles != NULL && claim->kind == WHO_TOKEN &&
           text_equal_secret(claimed, admitted);
}

enum access_answer access_find(struct access *access, struct text cookie,
                               struct text authorization, struct who *ret_who,
                               struct problem *why)
{
    struct who_claim claim = who_claim_read(cookie, authorization);

    if (claim.kind == WHO_NOBODY) {
        (void)refuse(why);
        return ACCESS_NOBODY;
    }
    if (is_admitted(access, &claim)) {
        who_copy(&access->admitted, ret_who);
        return ACCESS_KNOWN;
    }
    const struct who *who = known_find(access->known, &claim, access->options.now_ms());
    if (who == NULL)
        return ACCESS_UNKNOWN;
    who_copy(who, ret_who);
    return ACCESS_KNOWN;
}

struct question {
    struct lane_job job;
    struct access *access;
    struct who_claim claim;
    void (*done)(void *context, const struct who *who, const struct problem *why);
    void *context;

    /* What was read. */
    bool is_known;
    struct who who;
    int64_t read_ms;
    int64_t over_ms;
    struct problem why;
};

static bool find_user(struct question *question, const char *name)
{
    struct access_user user;

    if (!access_user_find(question->access->store, name, &user, &question->why))
        return false;
    bool is_let_in = !user.disabled;
    if (is_let_in) {
        memcpy(question->who.name, user.name, sizeof(question->who.name));
        question->who.roles = json_deep_copy(user.roles);
    }
    access_user_done(&user);
    return is_let_in || refuse(&question->why);
}

/* That use cannot be written down is no reason to let nobody in. */
static void touch_session(struct access_store *store, const struct access_session *session,
                          int64_t now_ms)
{
    struct problem ignored;

    if (now_ms - session->seen_ms >= SESSION_TOUCH_MS)
        (void)!access_session_touch(store, session->hash, now_ms,
                                    session_expires_ms(session, now_ms), &ignored);
}

static bool read_session(struct question *question)
{
    struct access_store *store = question->access->store;
    struct access_session session;

    if (!access_session_find(store, question->claim.hash, &session, &question->why))
        return false;
    if (session_is_over(&session, question->read_ms))
        return refuse(&question->why);
    if (!find_user(question, session.user))
        return false;
    memcpy(question->who.csrf, session.csrf, sizeof(question->who.csrf));
    question->over_ms = session_expires_ms(&session, question->read_ms);
    touch_session(store, &session, question->read_ms);
    return true;
}

static bool read_token(struct question *question)
{
    struct access_store *store = question->access->store;
    struct access_token token;
    struct problem ignored;

    if (!access_token_find(store, question->claim.hash, &token, &question->why))
        return false;
    if (token.expires_ms != 0 && question->read_ms >= token.expires_ms)
        return refuse(&question->why);
    if (!find_user(question, token.user))
        return false;
    question->who.is_token = true;
    question->over_ms = token.expires_ms;
    if (question->read_ms - token.last_used_ms >= TOKEN_TOUCH_MS)
        (void)!access_token_touch(store, token.id, question->read_ms, &ignored);
    return true;
}

static void read_who(struct lane_job *job)
{
    struct question *question = CONTAINER_OF(job, struct question, job);

    question->read_ms = question->access->options.now_ms();
    if (question->claim.kind == WHO_TOKEN)
        question->is_known = read_token(question);
    else if (question->claim.kind == WHO_SESSION)
        question->is_known = read_session(question);
    else
        question->why.type = PROBLEM_NOT_FOUND;
    if (question->why.type == PROBLEM_NOT_FOUND)
        (void)refuse(&question->why);
}

static void answer(struct lane_job *job)
{
    struct question *question = CONTAINER_OF(job, struct question, job);
    struct access *access = question->access;
    struct who who = {0};

    if (question->is_known) {
        who_copy(&question->who, &who);
        known_keep(access->known, &question->claim, &question->who, question->read_ms,
                   question->over_ms);
        question->done(question->context, &who, NULL);
    } else {
        known_forget(access->known, &question->claim);
        question->done(question->context, NULL, &question->why);
    }
    who_done(&who);
    who_done(&question->who);
    free(question);
    end(access);
}

/* Claims that can't be true are asked like others: the answer comes in the same way. */
bool access_ask(struct access *access, struct text cookie, struct text authorization,
                void (*done)(void *context, const struct who *who, const struct problem *why),
                void *context, struct problem *why)
{
    if (!begin(access, QUESTIONS_MAX, why))
        return false;
    struct question *question = memory_new(1, sizeof(*question));
    question->access = access;
    question->claim = who_claim_read(cookie, authorization);
    question->done = done;
    question->context = context;
    question->job = (struct lane_job){.work = read_who, .done = answer};
    lane_add(&access->storing, &question->job);
    return true;
}

/* ---- signing in -------------------------------------------------------------------------- */

struct sign_in {
    struct lane_job job;
    struct access *access;
    int64_t began_ms;
    char name[ACCESS_NAME_MAX];
    char address[ADDRESS_MAX];
    char password[PASSWORD_BYTES_MAX + 1];
    size_t password_bytes;
    void (*done)(void *context, const struct who *who, const char *secret,
                 const struct problem *why);
    void *context;

    struct access_user user;
    bool is_right;
    bool is_failed; /* neither right nor wrong: `why` */
    struct access_session session;
    char secret[SECRET_TEXT_MAX];
    struct problem why;
};

static struct sign_in *sign_in_of(struct lane_job *job)
{
    return CONTAINER_OF(job, struct sign_in, job);
}

static void next(struct sign_in *sign_in, struct lane *lane, void (*work)(struct lane_job *job),
                 void (*done)(struct lane_job *job))
{
    sign_in->job = (struct lane_job){.work = work, .done = done};
    lane_add(lane, &sign_in->job);
}

static void finish(struct sign_in *sign_in)
{
    struct access *access = sign_in->access;

    if (sign_in->is_failed)
        throttle_undo(access->throttle, text_of(sign_in->name), text_of(sign_in->address),
                      sign_in->began_ms);
    if (sign_in->is_failed || !sign_in->is_right) {
        sign_in->done(sign_in->context, NULL, NULL, &sign_in->why);
    } else {
        struct who who = {.roles = sign_in->user.roles};
        memcpy(who.name, sign_in->user.name, sizeof(who.name));
        memcpy(who.csrf, sign_in->session.csrf, sizeof(who.csrf));
        sign_in->done(sign_in->context, &who, sign_in->secret, NULL);
    }
    access_user_done(&sign_in->user);
    OPENSSL_cleanse(sign_in, sizeof(*sign_in));
    free(sign_in);
    end(access);
}

static void add_session(struct lane_job *job)
{
    struct sign_in *sign_in = sign_in_of(job);
    struct access_store *store = sign_in->access->store;
    int64_t now_ms = sign_in->access->options.now_ms();
    struct problem ignored;

    (void)!access_session_expire(store, now_ms, &ignored);
    session_new(sign_in->user.name, now_ms, &sign_in->session, sign_in->secret);
    sign_in->is_failed = !access_session_add(store, &sign_in->session, &sign_in->why);
}

static void on_session_added(struct lane_job *job)
{
    finish(sign_in_of(job));
}

static void hash(struct lane_job *job)
{
    struct sign_in *sign_in = sign_in_of(job);

    sign_in->is_right = password_fits((struct text){sign_in->password, sign_in->password_bytes},
                                      sign_in->user.password) &&
                        !sign_in->user.disabled;
}

static void on_hashed(struct lane_job *job)
{
    struct sign_in *sign_in = sign_in_of(job);
    struct access *access = sign_in->access;

    if (!sign_in->is_right) {
        problem_set(&sign_in->why, PROBLEM_UNAUTHENTICATED,
                    "the name or the password is wrong");
        finish(sign_in);
        return;
    }
    throttle_forgive(access->throttle, text_of(sign_in->name), text_of(sign_in->address),
                     sign_in->began_ms);
    next(sign_in, &access->storing, add_session, on_session_added);
}

static void read_user(struct lane_job *job)
{
    struct sign_in *sign_in = sign_in_of(job);
    struct problem why;

    if (access_user_find(sign_in->access->store, sign_in->name, &sign_in->user, &why))
        return;
    sign_in->user = (struct access_user){0}; /* of nobody, no password is right */
    sign_in->is_failed = why.type != PROBLEM_NOT_FOUND;
    sign_in->why = why;
}

static void on_user_read(struct lane_job *job)
{
    struct sign_in *sign_in = sign_in_of(job);

    if (sign_in->is_failed)
        finish(sign_in);
    else
        next(sign_in, &sign_in->access->hashing, hash, on_hashed);
}

static void copy_text(struct text text, char *ret_copy, size_t bytes_max)
{
    size_t len = text.len < bytes_max ? text.len : bytes_max - 1;

    memcpy(ret_copy, text.at, len);
    ret_copy[len] = '\0';
}

bool access_sign_in(struct access *access, struct text name, struct text password,
                    struct text address,
                    void (*done)(void *context, const struct who *who, const char *secret,
                                 const struct problem *why),
                    void *context, int64_t *ret_wait_ms, struct problem *why)
{
    int64_t now_ms = access->options.now_ms();

    *ret_wait_ms = 0;
    if (name.len >= ACCESS_NAME_MAX || memchr(name.at, '\0', name.len) != NULL)
        name = TEXT(""); /* nobody's */
    if (access->hashing.count >= SIGN_INS_MAX)
        return problem_set(why, PROBLEM_BUSY, "too many are signing in at the moment");
    if (!throttle_try(access->throttle, name, address, now_ms, ret_wait_ms))
        return problem_set(why, PROBLEM_RATE_LIMITED,
                           "too many wrong passwords; try again in %lld minutes",
                           (long long)((*ret_wait_ms + 59999) / 60000));
    if (!begin(access, QUESTIONS_MAX, why)) {
        throttle_undo(access->throttle, name, address, now_ms);
        return false;
    }
    struct sign_in *sign_in = memory_new(1, sizeof(*sign_in));
    sign_in->access = access;
    sign_in->began_ms = now_ms;
    copy_text(name, sign_in->name, sizeof(sign_in->name));
    copy_text(address, sign_in->address, sizeof(sign_in->address));
    copy_text(password, sign_in->password, sizeof(sign_in->password));
    sign_in->password_bytes = password.len;
    sign_in->done = done;
    sign_in->context = context;
    next(sign_in, &access->storing, read_user, on_user_read);
    return true;
}

/* ---- signing out ------------------------------------------------------------------------- */

struct sign_out {
    struct lane_job job;
    struct access *access;
    struct who_claim claim;
    void (*done)(void *context, const struct problem *why);
    void *context;
    bool is_done;
    struct problem why;
};

static void remove_session(struct lane_job *job)
{
    struct sign_out *sign_out = CONTAINER_OF(job, struct sign_out, job);

    sign_out->is_done =
        access_session_remove(sign_out->access->store, sign_out->claim.hash, &sign_out->why) ||
        sign_out->why.type == PROBLEM_NOT_FOUND;
}

static void on_session_removed(struct lane_job *job)
{
    struct sign_out *sign_out = CONTAINER_OF(job, struct sign_out, job);
    struct access *access = sign_out->access;

    known_forget(access->known, &sign_out->claim); /* a question may have read it meanwhile */
    sign_out->done(sign_out->context, sign_out->is_done ? NULL : &sign_out->why);
    free(sign_out);
    end(access);
}

bool access_sign_out(struct access *access, struct text cookie,
                     void (*done)(void *context, const struct problem *why), void *context,
                     struct problem *why)
{
    if (!begin(access, QUESTIONS_MAX, why))
        return false;
    struct sign_out *sign_out = memory_new(1, sizeof(*sign_out));
    sign_out->access = access;
    sign_out->claim = who_claim_read(cookie, TEXT(""));
    sign_out->done = done;
    sign_out->context = context;
    sign_out->job = (struct lane_job){.work = remove_session, .done = on_session_removed};
    known_forget(access->known, &sign_out->claim);
    lane_add(&access->storing, &sign_out->job);
    return true;
}

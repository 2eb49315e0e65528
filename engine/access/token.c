#include "access/token.h"

#include "base/ensure.h"

enum { CHANCE_BYTES = 32, SECRET_LETTERS = 43 };

void secret_new(char ret_secret[SECRET_TEXT_MAX])
{
    unsigned char chance[CHANCE_BYTES];
    struct buffer text;

    random_bytes(chance, sizeof(chance));
    buffer_init(&text, SECRET_LETTERS);
    base64url_write((struct text){(const char *)chance, sizeof(chance)}, &text);
    ensure(text.len == SECRET_LETTERS);
    memcpy(ret_secret, text.at, SECRET_TEXT_MAX);
    buffer_done(&text);
}

static bool is_secret(struct text text)
{
    if (text.len != SECRET_LETTERS)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char letter = text.at[i];
        bool is_good = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
        if (!is_good)
            return false;
    }
    return true;
}

bool secret_hash(const char *kind, struct text secret, unsigned char ret_hash[SHA256_BYTES])
{
    struct text parts[] = {text_of(kind), TEXT(":"), secret};

    if (!is_secret(secret))
        return false;
    digest_parts(DIGEST_SHA256, parts, COUNT_OF(parts), ret_hash);
    return true;
}

void token_new(char ret_token[TOKEN_TEXT_MAX], unsigned char ret_hash[SHA256_BYTES])
{
    char secret[SECRET_TEXT_MAX];

    secret_new(secret);
    memcpy(ret_token, "uml_", 4);
    memcpy(ret_token + 4, secret, SECRET_TEXT_MAX);
    ensure(token_hash(text_of(ret_token), ret_hash));
}

bool token_hash(struct text token, unsigned char ret_hash[SHA256_BYTES])
{
    if (!text_starts(token, TEXT("uml_")))
        return false;
    return secret_hash("token", (struct text){token.at + 4, token.len - 4}, ret_hash);
}

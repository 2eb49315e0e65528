#include "journal/signing.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "journal/db.h"

enum { KEYS_MAX = 64, RAW_KEY_BYTES = 32 };

struct signer {
    EVP_PKEY *key;
    char name[KEY_NAME_MAX];
};

struct verifier {
    EVP_PKEY *keys[KEYS_MAX];
    char names[KEYS_MAX][KEY_NAME_MAX];
    size_t count;
};

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

static bool name_key(EVP_PKEY *key, char ret_name[KEY_NAME_MAX])
{
    unsigned char raw[RAW_KEY_BYTES];
    unsigned char digest[SHA256_BYTES];
    size_t raw_bytes = sizeof raw;

    if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, raw, &raw_bytes) != 1)
        return false;
    const struct text part = {(const char *)raw, raw_bytes};
    digest_parts(DIGEST_SHA256, &part, 1, digest);
    hex_write(digest, (KEY_NAME_MAX - 1) / 2, ret_name);
    return true;
}

static bool fail_system(const char *path, struct problem *why)
{
    bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO;
    return problem_set(why, full ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                       "'%s' cannot be used: %s", path, strerror(errno));
}

/* A key that is half on disk is worse than none: written beside, synced, then renamed. */
static bool write_private(EVP_PKEY *key, const char *path, struct problem *why)
{
    char beside[DB_PATH_MAX + 8];
    snprintf(beside, sizeof beside, "%s.new", path);

    unlink(beside);
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail_system(beside, why);
    FILE *file = fdopen(descriptor, "w");
    ensure(file != NULL);
    bool fine = PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                fflush(file) == 0 && fsync(descriptor) == 0;
    if (!fine)
        (void)fail_system(beside, why);
    fine = fclose(file) == 0 && fine;
    if (fine && rename(beside, path) != 0)
        fine = fail_system(path, why);
    if (!fine)
        unlink(beside);
    return fine;
}

static bool write_public(EVP_PKEY *key, const char *path, struct problem *why)
{
    FILE *file CLEANUP(close_file) = fopen(path, "ae");
    if (file == NULL)
        return fail_system(path, why);
    if (PEM_write_PUBKEY(file, key) != 1 || fflush(file) != 0 || fsync(fileno(file)) != 0)
        return fail_system(path, why);
    return true;
}

/* The public half first: a private key without it would sign what nobody can verify. */
static bool make_pair(const char *key_path, const char *pub_path, EVP_PKEY **ret_key,
                      struct problem *why)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ensure(key != NULL);
    if (!write_public(key, pub_path, why) || !write_private(key, key_path, why)) {
        EVP_PKEY_free(key);
        return false;
    }
    *ret_key = key;
    return true;
}

bool signer_open(const char *directory, struct signer **ret_signer, struct problem *why)
{
    char key_path[DB_PATH_MAX];
    char pub_path[DB_PATH_MAX];
    EVP_PKEY *key = NULL;

    if (!db_path(directory, "journal.key", key_path, why) ||
        !db_path(directory, "journal.pub", pub_path, why))
        return false;
    FILE *file CLEANUP(close_file) = fopen(key_path, "re");
    if (file == NULL && errno != ENOENT)
        return fail_system(key_path, why);
    if (file != NULL)
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    else if (!make_pair(key_path, pub_path, &key, why))
        return false;

    struct signer *signer = memory_new(1, sizeof *signer);
    signer->key = key;
    if (key == NULL || !name_key(key, signer->name)) {
        signer_close(signer);
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "'%s' holds no Ed25519 key", key_path);
    }
    *ret_signer = signer;
    return true;
}

void signer_close(struct signer *signer)
{
    if (signer == NULL)
        return;
    EVP_PKEY_free(signer->key);
    free(signer);
}

const char *signer_key_name(const struct signer *signer)
{
    return signer->name;
}

void signer_sign(const struct signer *signer, struct text message,
                 unsigned char ret[SIGNATURE_BYTES])
{
    size_t written = SIGNATURE_BYTES;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    ensure(context != NULL);
    ensure(EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1);
    ensure(EVP_DigestSign(context, ret, &written, (const unsigned char *)message.at,
                          message.len) == 1);
    ensure(written == SIGNATURE_BYTES);
    EVP_MD_CTX_free(context);
}

bool verifier_open(const char *path, struct verifier **ret_verifier, struct problem *why)
{
    FILE *file CLEANUP(close_file) = fopen(path, "re");
    EVP_PKEY *key = NULL;

    if (file == NULL)
        return problem_set(why, errno == ENOENT ? PROBLEM_NOT_FOUND : PROBLEM_SYSTEM,
                           "the public key '%s' cannot be read: %s", path, strerror(errno));
    struct verifier *verifier = memory_new(1, sizeof *verifier);
    while (verifier->count < KEYS_MAX &&
           (key = PEM_read_PUBKEY(file, NULL, NULL, NULL)) != NULL) {
        if (name_key(key, verifier->names[verifier->count]))
            verifier->keys[verifier->count++] = key;
        else
            EVP_PKEY_free(key);
    }
    if (verifier->count == 0) {
        verifier_close(verifier);
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "'%s' holds no Ed25519 public key",
                           path);
    }
    *ret_verifier = verifier;
    return true;
}

void verifier_close(struct verifier *verifier)
{
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < verifier->count; i++)
        EVP_PKEY_free(verifier->keys[i]);
    free(verifier);
}

static bool is_signed_with(EVP_PKEY *key, struct text message, struct text signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    ensure(context != NULL);
    ensure(EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1);
    bool right = EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                                  (const unsigned char *)message.at, message.len) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

enum signed_by verifier_check(const struct verifier *verifier, const char *key_name,
                              struct text message, struct text signature)
{
    for (size_t i = 0; i < verifier->count; i++) {
        if (strcmp(verifier->names[i], key_name) == 0)
            return is_signed_with(verifier->keys[i], message, signature) ? SIGNED_RIGHT
                                                                         : SIGNED_WRONG;
    }
    return SIGNED_BY_UNKNOWN;
}

/* signing.h - the engine's Ed25519 key pair, and what it signed.
 *
 * journal.key (PEM, PKCS #8, readable by its owner alone) signs; journal.pub (PEM) verifies
 * and may be given to anyone. Both are made when a data directory is first opened.
 * journal.pub may hold several keys, one PEM block after the other: when journal.key was
 * lost, a new pair is made and its public half added, so that older signatures still verify.
 *
 * A key is named by the first 16 hex digits of the SHA-256 of its 32 raw bytes. */
#ifndef JOURNAL_SIGNING_H
#define JOURNAL_SIGNING_H

#include "base/problem.h"
#include "base/text.h"

enum { SIGNATURE_BYTES = 64, KEY_NAME_MAX = 17 };

struct signer;

/* Reads the key of the directory or makes the pair. PROBLEM_SYSTEM, PROBLEM_JOURNAL_FULL;
 * PROBLEM_JOURNAL_BROKEN: a file that holds no key. Gives. */
bool signer_open(const char *directory, struct signer **ret_signer,
                 struct problem *why) NODISCARD;
void signer_close(struct signer *signer); /* NULL is fine */
const char *signer_key_name(const struct signer *signer);
void signer_sign(const struct signer *signer, struct text message,
                 unsigned char ret[SIGNATURE_BYTES]);

struct verifier;
enum signed_by { SIGNED_RIGHT, SIGNED_WRONG, SIGNED_BY_UNKNOWN };

/* All public keys of a PEM file. PROBLEM_NOT_FOUND: no such file; PROBLEM_JOURNAL_BROKEN: no
 * Ed25519 key in it. Gives. */
bool verifier_open(const char *path, struct verifier **ret_verifier,
                   struct problem *why) NODISCARD;
void verifier_close(struct verifier *verifier); /* NULL is fine */
enum signed_by verifier_check(const struct verifier *verifier, const char *key_name,
                              struct text message, struct text signature);

#endif

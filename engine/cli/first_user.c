#include "cli/first_user.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "access/password.h"
#include "base/instant.h"
#include "journal/access_store.h"

/* Four times five letters that nobody confuses when reading them aloud: 97 bits. */
static void make_password(char ret_password[32])
{
    static const char letters[] = "abcdefghkmnpqrstuvwxyz23456789"; /* 30 */
    unsigned char chance[256];
    size_t used = 0;
    size_t len = 0;

    while (len < 23) {
        if (used == 0)
            random_bytes(chance, sizeof(chance));
        unsigned char byte = chance[used];
        used = (used + 1) % sizeof(chance);
        if (byte >= 240) /* so that each letter is as likely */
            continue;
        ret_password[len++] = letters[byte % 30];
        if (len % 6 == 5 && len < 23)
            ret_password[len++] = '-';
    }
    ret_password[len] = '\0';
    OPENSSL_cleanse(chance, sizeof(chance));
}

static bool has_users(struct access_store *store, bool *ret_has, struct problem *why)
{
    struct access_user *users = NULL;
    size_t count = 0;

    if (!access_user_list(store, &users, &count, why))
        return false;
    for (size_t i = 0; i < count; i++)
        access_user_done(&users[i]);
    free(users);
    *ret_has = count > 0;
    return true;
}

static bool add(struct access_store *store, struct first_user *first, struct problem *why)
{
    struct access_deed deed = {.actor = "engine", .at_ms = clock_wall_ms()};
    struct access_user user = {.name = FIRST_USER};
    char kept[PASSWORD_KEPT_MAX];

    make_password(first->password);
    password_write(text_of(first->password), kept);
    memcpy(user.password, kept, sizeof(kept));
    user.roles = json_pack("[s]", "admin");
    bool is_added = access_user_add(store, &user, &deed, why);
    json_decref(user.roles);
    if (!is_added)
        first_user_wipe(first);
    return is_added;
}

bool first_user_make(const char *directory, struct first_user *ret_first, struct problem *why)
{
    struct access_store *store;
    bool has = true;

    *ret_first = (struct first_user){0};
    if (!access_store_open(directory, &store, why))
        return false;
    bool is_fine = has_users(store, &has, why) && (has || add(store, ret_first, why));
    access_store_close(store);
    return is_fine;
}

void first_user_wipe(struct first_user *first)
{
    OPENSSL_cleanse(first->password, sizeof(first->password));
}

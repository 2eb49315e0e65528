#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "connector/web.h"
#include "data/json.h"
#include "data/schema.h"
#include "data/yaml.h"
#include "trigger/webhook.h"

enum { CONFIG_MESSAGES_MAX = 256 * 1024 };

void config_init(struct config *config)
{
    *config = (struct config){
        .directory = ".",
        .listen = CONFIG_LISTEN,
        .data = CONFIG_DATA,
        .workflows = CONFIG_WORKFLOWS,
        .webhooks = json_object(),
        .connectors = json_object(),
    };
    arena_init(&config->arena);
}

void config_done(struct config *config)
{
    json_decref(config->webhooks);
    json_decref(config->connectors);
    json_decref(config->allow);
    arena_done(&config->arena);
}

/* -- places -------------------------------------------------------------------------------- */

struct checking {
    const struct config *config;
    const struct node *root;
    struct diagnostics *diagnostics;
};

static const struct node *child_at(const struct node *node, struct text token)
{
    size_t index = 0;

    for (const struct node *child = node->first; child != NULL; child = child->next, index++) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", index);
        struct text name = node->kind == NODE_MAPPING ? child->key : text_of(number);
        if (text_equal(name, token))
            return child;
    }
    return NULL;
}

/* One step of a JSON pointer (RFC 6901), unescaped into the arena; advances *pointer. */
static struct text next_token(const char **pointer, struct arena *arena)
{
    const char *from = *pointer + 1;
    size_t len = strcspn(from, "/");
    char *token = arena_copy(arena, (struct text){from, len});
    char *to = token;

    for (const char *at = token; *at != '\0'; at++) {
        bool is_escape = at[0] == '~' && (at[1] == '0' || at[1] == '1');
        *to++ = !is_escape ? at[0] : at[1] == '1' ? '/' : '~';
        at += is_escape ? 1 : 0;
    }
    *pointer = from + len;
    return (struct text){token, (size_t)(to - token)};
}

/* The node at a pointer, and its way as people write it: "connectors.mail.smtp". */
static const struct node *find_place(const struct checking *checking, const char *pointer,
                                     bool names_member, struct arena *arena, struct buffer *way)
{
    const struct node *node = checking->root;

    while (*pointer == '/') {
        struct text token = next_token(&pointer, arena);
        const struct node *child = child_at(node, token);

        if (child == NULL)
            return node;
        if (*pointer == '/' || !names_member) {
            if (way->len > 0)
                buffer_add_byte(way, '.');
            buffer_add(way, token);
        }
        node = child;
    }
    return node;
}

/* -- the shape ----------------------------------------------------------------------------- */

static void complain(void *context, const struct schema_complaint *complaint)
{
    const struct checking *checking = context;
    struct arena arena CLEANUP(arena_done);
    struct buffer way CLEANUP(buffer_done);
    bool of_key = strcmp(complaint->keyword, "additionalProperties") == 0 ||
                  strcmp(complaint->keyword, "unevaluatedProperties") == 0;

    arena_init(&arena);
    buffer_init(&way, 512);
    const struct node *place = find_place(checking, complaint->path, of_key, &arena, &way);
    bool has_way = way.len > 0;
    diagnostics_error(checking->diagnostics, of_key ? place->key_mark : place->mark, "%s%s%s",
                      buffer_text(&way).at, has_way ? ": " : "", complaint->text);
}

static void check_shape(struct checking *checking, const json_t *settings)
{
    json_t *document = config_schema();
    struct schema *schema;
    struct problem why;

    if (!schema_compile(document, NULL, NULL, &schema, &why))
        ensure_failed(why.detail, "the schema of umlauf.yaml", 0, __func__);
    (void)schema_accepts(schema, settings, LANGUAGE_ENGLISH, complain, checking);
    schema_free(schema);
    json_decref(document);
}

/* -- secrets ------------------------------------------------------------------------------- */

static bool is_secret_name(struct text key)
{
    static const char *const names[] = {"password", "secret", "token", "passphrase"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal(key, text_of(names[i])))
            return true;
    return false;
}

/* What stands in the place of a text: the secret it refers to, or NULL: itself. */
static json_t *resolve_text(struct checking *checking, const struct node *node)
{
    json_t *secret = NULL;
    struct problem why;

    if (secret_is_reference(node->text)) {
        if (!secret_read(node->text, checking->config->directory, &secret, &why))
            diagnostics_error(checking->diagnostics, node->mark, "%s", why.detail);
    } else if (is_secret_name(node->key)) {
        diagnostics_error(checking->diagnostics, node->mark,
                          "a secret never stands in this file: write file:PATH or env:NAME");
    }
    return secret;
}

static void resolve(struct checking *checking, const struct node *node, json_t *value)
{
    size_t index = 0;

    for (const struct node *child = node->first; child != NULL; child = child->next, index++) {
        bool in_mapping = node->kind == NODE_MAPPING;
        json_t *part = in_mapping ? json_object_getn(value, child->key.at, child->key.len)
                                  : json_array_get(value, index);
        json_t *secret = child->kind == NODE_STRING ? resolve_text(checking, child) : NULL;

        if (child->first != NULL)
            resolve(checking, child, part);
        if (secret == NULL)
            continue;
        if (in_mapping)
            json_object_setn_new(value, child->key.at, child->key.len, secret);
        else
            json_array_set_new(value, index, secret);
    }
}

static void resolve_part(struct checking *checking, json_t *settings, const char *name)
{
    const struct node *part = node_find(checking->root, name);

    if (part != NULL)
        resolve(checking, part, json_object_get(settings, name));
}

/* -- what no schema says ------------------------------------------------------------------- */

/* "network.allow[0]: 'x': ..." of one entry alone: its place says where it stands. */
static const char *without_way(const char *detail)
{
    const char *behind = strstr(detail, "]: ");

    return behind != NULL ? behind + strlen("]: ") : detail;
}

static void check_allow(struct checking *checking, const json_t *settings)
{
    const struct node *network = node_find(checking->root, "network");
    const struct node *allow = network != NULL ? node_find(network, "allow") : NULL;
    const struct node *entry = allow != NULL ? allow->first : NULL;

    for (size_t i = 0; entry != NULL; entry = entry->next, i++) {
        json_auto_t *one =
            json_pack("[O]", json_array_get(json_at(settings, "network.allow"), i));
        struct web_allowed *compiled = NULL;
        struct problem why;

        if (entry->kind == NODE_STRING && !web_allowed_new(one, &compiled, &why))
            diagnostics_error(checking->diagnostics, entry->mark, "%s",
                              without_way(why.detail));
        web_allowed_free(compiled);
    }
}

static void check_data(struct checking *checking)
{
    const struct node *data = node_find(checking->root, "data");

    if (data != NULL && memmem(data->text.at, data->text.len, "://", 3) != NULL)
        diagnostics_error(checking->diagnostics, data->mark,
                          "data: this version keeps its data in a folder, not in a database "
                          "elsewhere");
}

static void check_webhooks(struct checking *checking, const json_t *settings)
{
    const struct node *node = node_find(checking->root, "webhooks");
    struct webhooks *webhooks = NULL;
    struct problem why;

    if (node == NULL || checking->diagnostics->errors > 0)
        return;
    if (!webhooks_new(json_object_get(settings, "webhooks"), &webhooks, &why))
        diagnostics_error(checking->diagnostics, node->key_mark, "%s", why.detail);
    else
        webhooks_free(webhooks);
}

/* -- reading ------------------------------------------------------------------------------- */

static bool is_all_comments(struct text source)
{
    const char *end = source.at + source.len;

    for (const char *at = source.at; at < end;) {
        size_t len = strcspn(at, "\n");
        struct text line = text_trim((struct text){at, len});

        if (line.len > 0 && line.at[0] != '#')
            return false;
        at += len + 1;
    }
    return true;
}

/* A section whose lines are all comments is there, and null. */
static void drop_empty_sections(json_t *settings)
{
    static const char *const sections[] = {"webhooks", "connectors", "network"};

    for (size_t i = 0; i < COUNT_OF(sections); i++)
        if (json_is_null(json_object_get(settings, sections[i])))
            json_object_del(settings, sections[i]);
}

static const char *path_value(struct config *config, const json_t *settings, const char *key,
                              const char *otherwise)
{
    return path_from(&config->arena, config->directory,
                     json_string_at(settings, key, otherwise));
}

static const char *const *take_names(struct config *config, const json_t *list)
{
    size_t count = json_array_size(list);
    const char **names = arena_new(&config->arena, count + 1, sizeof(*names));

    for (size_t i = 0; i < count; i++)
        names[i] = arena_copy(&config->arena, json_view(json_array_get(list, i)));
    return list != NULL ? names : NULL;
}

static void take(struct config *config, const json_t *settings)
{
    json_t *webhooks = json_object_get(settings, "webhooks");
    json_t *connectors = json_object_get(settings, "connectors");

    config->listen =
        arena_copy(&config->arena, text_of(json_string_at(settings, "listen", CONFIG_LISTEN)));
    config->data = path_value(config, settings, "data", CONFIG_DATA);
    config->workflows = path_value(config, settings, "workflows", CONFIG_WORKFLOWS);
    config->hosts = take_names(config, json_object_get(settings, "hosts"));
    config->proxies = take_names(config, json_object_get(settings, "proxies"));
    if (webhooks != NULL)
        json_object_update(config->webhooks, webhooks);
    if (connectors != NULL)
        json_object_update(config->connectors, connectors);
    config->allow = json_incref(json_at(settings, "network.allow"));
}

bool config_read(struct config *config, const char *path, struct diagnostics *diagnostics)
{
    struct checking checking = {.config = config, .diagnostics = diagnostics};
    struct text source;
    struct problem why;

    config->path = arena_copy(&config->arena, text_of(path));
    config->directory = path_folder(&config->arena, path);
    if (!file_read(path, LIMIT_CONFIG_BYTES, &config->arena, &source, &why)) {
        diagnostics_error(diagnostics, (struct mark){0, 0}, "%s", why.detail);
        return false;
    }
    if (is_all_comments(source))
        return true; /* the defaults */
    checking.root = yaml_read(&config->arena, source, diagnostics);
    if (checking.root == NULL)
        return false;
    json_auto_t *settings = node_to_json(checking.root);
    if (json_is_object(settings))
        drop_empty_sections(settings);
    resolve_part(&checking, settings, "webhooks");
    resolve_part(&checking, settings, "connectors");
    check_shape(&checking, settings);
    check_allow(&checking, settings);
    check_data(&checking);
    check_webhooks(&checking, settings);
    if (diagnostics->errors > 0)
        return false;
    take(config, settings);
    return true;
}

bool config_load(struct config *config, const char *path)
{
    struct diagnostics diagnostics;
    struct buffer lines CLEANUP(buffer_done);

    buffer_init(&lines, CONFIG_MESSAGES_MAX);
    if (path == NULL && access(CONFIG_FILE, F_OK) != 0)
        return true;
    path = path != NULL ? path : CONFIG_FILE;
    diagnostics_init(&diagnostics);
    bool is_read = config_read(config, path, &diagnostics);
    diagnostics_sort(&diagnostics);
    diagnostics_write(&diagnostics, path, &lines);
    fputs(buffer_text(&lines).at, stderr);
    diagnostics_done(&diagnostics);
    return is_read;
}

bool config_read_data(const char *path, struct arena *arena, const char **ret_data,
                      struct problem *why)
{
    struct diagnostics diagnostics;
    struct text source;
    struct problem inner;

    if (!file_read(path, LIMIT_CONFIG_BYTES, arena, &source, &inner))
        return problem_set(why, PROBLEM_CONFIG_INVALID, "%s", inner.detail);
    diagnostics_init(&diagnostics);
    const struct node *root = yaml_read(arena, source, &diagnostics);
    diagnostics_done(&diagnostics);
    if (root == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "'%s' is no YAML; 'umlauf validate %s' says where", path, path);
    const struct node *data = node_find(root, "data");
    if (data != NULL && data->kind != NODE_STRING)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "'data' in '%s' is no text", path);
    const char *folder = data != NULL ? arena_copy(arena, data->text) : CONFIG_DATA;
    *ret_data = path_from(arena, path_folder(arena, path), folder);
    return true;
}

bool config_is_named(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    return strcmp(name, "umlauf.yaml") == 0 || strcmp(name, "umlauf.yml") == 0;
}

bool find_users(const struct args *args, char **ret_directory, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    char *directory;

    arena_init(&arena);
    if (!find_data(args, &directory, why))
        return false;
    if (access(path_from(&arena, directory, "umlauf.db"), F_OK) == 0) {
        *ret_directory = directory;
        return true;
    }
    problem_set(why, PROBLEM_NOT_FOUND,
                "there are no users in '%s' yet; add one with "
                "'umlauf user add', or name the right folder with --data",
                directory);
    free(directory);
    return false;
}

bool find_data(const struct args *args, char **ret_directory, struct problem *why)
{
    const char *given = args_value(args, "data");
    const char *path = args_value(args, "config");
    const char *found = CONFIG_DATA;
    struct arena arena CLEANUP(arena_done);

    arena_init(&arena);
    if (given != NULL)
        found = given;
    else if (path == NULL && access(CONFIG_FILE, F_OK) == 0)
        path = CONFIG_FILE;
    if (given == NULL && path != NULL && !config_read_data(path, &arena, &found, why))
        return false;
    *ret_directory = memory_copy_text(found);
    return true;
}

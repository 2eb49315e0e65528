/* world_uv.h - the real world: the loop's clock, the kernel's chance, the journal, the
 * connectors. */
#ifndef DRIVE_WORLD_UV_H
#define DRIVE_WORLD_UV_H

#include "connector/registry.h"
#include "drive/driver.h"

struct uv_loop_s;
struct world_uv;

/* Borrows everything; makes the driver. `world_uv_start` recovers. */
struct world_uv *world_uv_new(struct uv_loop_s *loop, struct journal *journal,
                              struct registry *registry, struct flows *flows);
void world_uv_start(struct world_uv *uv);

/* Ends the alarm and forgets the driver; the handle is closed when the loop has turned once
 * more. The journal must be closed before (so that every commit was heard of), and the calls
 * ended (web_close(), registry_close()). */
void world_uv_close(struct world_uv *uv, void (*closed)(void *context), void *context);

struct driver *world_uv_driver(struct world_uv *uv);
struct journal *world_uv_journal(struct world_uv *uv);

/* Told of every commit, in order, before anybody who asked for it is answered: records with
 * their numbers, and where the runs now stand. Borrowed until it returns. At most 8 watchers.
 */
typedef void world_uv_watcher(void *context, const struct append *append);
void world_uv_watch(struct world_uv *uv, world_uv_watcher *watcher, void *context);

/* How often a run could not be folded and was set aside, since the start. */
size_t world_uv_troubles(const struct world_uv *uv);

#endif

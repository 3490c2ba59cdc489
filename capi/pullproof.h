/* The mock registry for other languages: start one from a fixture, point a client at it, read what
 * the client asked.
 *
 *   char* error = NULL;
 *   pullproof_registry* registry = pullproof_start_file("case.toml", NULL, &error);
 *   if (registry == NULL) { fputs(error, stderr); pullproof_free(error); return 1; }
 *   char* address = pullproof_authority(registry, NULL);       "127.0.0.1:40123"
 *   …pull from it…
 *   char* journal = pullproof_journal(registry);               one line of JSON for each exchange
 *   pullproof_free(journal);
 *   pullproof_free(address);
 *   pullproof_stop(registry);
 *
 * Ownership: every `char*` that is returned or stored in `*error` belongs to the caller and goes
 * back with pullproof_free. Every `const char*` that is passed in is UTF-8, ends with a NUL, and is
 * not kept. Threads: all functions may be called from any thread at any time, also on one registry;
 * only pullproof_stop must be the last call on its registry, when no other is under way. A registry
 * has threads of its own, and is gone in a child after fork. Errors: a function that can fail says
 * so by its result, and why in `*error` (which may be passed as NULL): "MESSAGE [ID]" for people,
 * with the stable id of docs/errors.md and docs/fixtures.md; of a fixture every complaint, one a
 * line, by file, line and column. On success `*error` is NULL. A NULL registry is answered like an
 * unknown name. No exception leaves the library. Linking: -lpullproof, or loading
 * libpullproof.so.0. It shows no symbol but these. */
#ifndef PULLPROOF_H_
#define PULLPROOF_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PULLPROOF_API __attribute__((visibility("default")))

typedef struct pullproof_registry pullproof_registry;

/* Set everything to zero and `size` to sizeof(pullproof_options): that is how a library that is
 * newer than its caller knows which members there are. */
typedef struct pullproof_options {
  size_t size;
  uint16_t port;         /* of the fixture's first host; 0: any free one */
  const char* name;      /* of the fixture's text in messages, default "fixture.toml"; one that ends
                            in .json says that the text is JSON */
  const char* directory; /* where its `file = …` blobs lie; default: the current directory */
} pullproof_options;

/* "0.1.0". Not to be freed. */
PULLPROOF_API const char* pullproof_version(void);

/* Starts a registry from the text of a fixture (docs/fixtures.md), or an empty one that takes
 * pushes when `fixture` is NULL. `options` may be NULL. When it returns, every host takes
 * connections. NULL on failure. */
PULLPROOF_API pullproof_registry* pullproof_start(const char* fixture,
                                                  const pullproof_options* options, char** error);
/* The same from a file; `name` and `directory` of the options are the file's own. */
PULLPROOF_API pullproof_registry* pullproof_start_file(const char* path,
                                                       const pullproof_options* options,
                                                       char** error);
/* Closes every connection, ends every thread, frees the registry. NULL is ignored. */
PULLPROOF_API void pullproof_stop(pullproof_registry* registry);

/* "127.0.0.1:40123" of one of the fixture's hosts; NULL as `host` means "registry". NULL when there
 * is none of that name. */
PULLPROOF_API char* pullproof_authority(pullproof_registry* registry, const char* host);

/* What was asked and answered until now, oldest first: a line of JSON for each exchange, with
 * secrets replaced (docs/embedding.md has the members). Empty text when nothing was. NULL only
 * without memory or registry. */
PULLPROOF_API char* pullproof_journal(pullproof_registry* registry);
/* Waits until at least `count` exchanges are over (the last byte of the answer is on its way), at
 * most `timeout_ms` of real time. 1 when they are, 0 when not. A client may have read the whole
 * answer before the registry has written down how it ended. */
PULLPROOF_API int pullproof_wait(pullproof_registry* registry, size_t count, uint32_t timeout_ms);

/* Turns a rule of the fixture on or off. 1, or 0 when there is none of that id. */
PULLPROOF_API int pullproof_enable_rule(pullproof_registry* registry, const char* id, int enabled);
/* Everything as after the start: counters, state, tokens, rules, what was pushed, the journal. */
PULLPROOF_API void pullproof_reset(pullproof_registry* registry);

/* Takes back what another function returned. NULL is ignored. */
PULLPROOF_API void pullproof_free(char* text);

#ifdef __cplusplus
}
#endif

#endif /* PULLPROOF_H_ */

#include "tests/unit/common/allocation.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

static _Thread_local bool is_counting;
static _Thread_local unsigned calls;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *memory, size_t size)
{
    (void)memory;
    (void)size;
    calls += is_counting;
}

static void on_free(const volatile void *memory)
{
    (void)memory;
    calls += is_counting;
}

static void install(void)
{
    static bool is_done;
    if (!is_done)
        g_assert_cmpint(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free), >, 0);
    is_done = true;
}

#else /* in the place of the C library's own, for every library of this process */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    calls += is_counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls += is_counting;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    calls += is_counting;
    return __libc_realloc(memory, size);
}

void free(void *memory)
{
    calls += is_counting && memory != NULL;
    __libc_free(memory);
}

static void install(void)
{
}

#endif

void allocation_begin(void)
{
    install();
    calls = 0;
    is_counting = true;
}

unsigned allocation_end(void)
{
    is_counting = false;
    return calls;
}

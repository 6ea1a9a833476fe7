/* Feeds a fuzz target the files of a folder, as a test: replay <name> <folder>. */
#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <stdio.h>

static unsigned replay(const char *folder, GError **error)
{
    unsigned count = 0;
    const char *name;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *bytes = NULL;
        gsize size;
        if (!g_file_get_contents(path, &bytes, &size, error))
            return 0;
        /* A copy of the exact size, so that a sanitizer sees what is read beyond it. */
        g_autofree uint8_t *exact = g_memdup2(bytes, size);
        printf("# %s\n", name);
        fflush(stdout);
        LLVMFuzzerTestOneInput(exact, size);
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_assert(argc == 3);
    printf("1..1\n");
    unsigned count = replay(argv[2], &error);
    if (count == 0)
        printf("not ok 1 %s: %s\n", argv[1], error != NULL ? error->message : "no seeds");
    else
        printf("ok 1 %s: %u seeds\n", argv[1], count);
    return count == 0;
}

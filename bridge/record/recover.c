#include "bridge/record/recover.h"

#include "bridge/record/finish.h"
#include "bridge/record/record.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

static int by_number(const void *a, const void *b)
{
    unsigned first = *(const unsigned *)a, second = *(const unsigned *)b;
    return first < second ? -1 : first > second;
}

char *record_part_name(unsigned number)
{
    return g_strdup_printf("part-%03u", number);
}

/* The numbers of the parts that are there, rising. Some may be missing: archived, or removed. */
static GArray *list_parts(const char *directory)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        unsigned number = 0;
        if (sscanf(name, "part-%6u", &number) != 1)
            continue;
        g_autofree char *expected = record_part_name(number);
        if (strcmp(name, expected) == 0)
            g_array_append_val(numbers, number);
    }
    g_array_sort(numbers, by_number);
    return numbers;
}

unsigned record_next_number(const char *directory)
{
    g_autoptr(GArray) numbers = list_parts(directory);
    return numbers->len > 0 ? g_array_index(numbers, unsigned, numbers->len - 1) + 1 : 1;
}

unsigned recorder_recover(const char *directory, GError **error)
{
    g_autoptr(GArray) numbers = list_parts(directory);
    g_autoptr(GError) first_error = NULL;
    unsigned recovered = 0;
    for (unsigned i = 0; i < numbers->len; i++) {
        int64_t duration_us;
        g_autoptr(GError) part_error = NULL;
        g_autofree char *name = record_part_name(g_array_index(numbers, unsigned, i));
        g_autofree char *part_dir = g_build_filename(directory, name, NULL);
        if (record_is_finished(part_dir))
            continue;
        if (record_finish_part(part_dir, true, &duration_us, &part_error)) {
            log_info("finished what an ended recorder had left: %s", part_dir);
            recovered++;
        } else if (first_error == NULL) {
            first_error = g_steal_pointer(&part_error);
            g_prefix_error(&first_error, "%s: ", part_dir);
        }
    }
    if (first_error != NULL)
        g_propagate_error(error, g_steal_pointer(&first_error));
    return recovered;
}

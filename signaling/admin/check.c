/* nhipcau verify | places: what needs no server. */
#include "signaling/admin/admin.h"
#include "signaling/commands.h"
#include "signaling/places/places.h"

#include <stdio.h>
#include <string.h>

/* Journals by their file; databases by the ending .db. */
int admin_verify(struct admin *admin)
{
    int status = 0;
    if (admin->word_count == 0)
        return admin_wrong_use("verify FILE…");
    for (unsigned i = 0; i < admin->word_count; i++) {
        const char *path = admin->words[i];
        status |= g_str_has_suffix(path, ".db") ? command_verify_database(path, NULL)
                                                : command_verify_file(path);
    }
    return status;
}

static void print_place(const struct place *place, const char *former)
{
    printf("%s\t%s\t%s\t%s%s%s\n", place->code, place_kind_name(place->kind), place->slug,
           place->name, former != NULL ? "\tformerly " : "", former != NULL ? former : "");
}

int admin_places_find(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1)
        return admin_wrong_use("places find TEXT");
    struct places *places = places_load(admin->places_folder, &error);
    if (places == NULL)
        return admin_fail(error);
    const char *former;
    const struct place *exact = places_find(places, admin->words[0], &former);
    g_autoptr(GPtrArray) found = places_search(places, admin->words[0], 20);
    for (unsigned i = 0; i < found->len; i++)
        print_place(found->pdata[i], found->pdata[i] == exact ? former : NULL);
    unsigned count = found->len;
    places_free(places);
    if (count == 0)
        fprintf(stderr, "nhipcau: there is no place of that name\n");
    return count > 0 ? 0 : 1;
}

int admin_places_list(struct admin *admin)
{
    GError *error = NULL;
    if (admin->word_count != 1)
        return admin_wrong_use("places list 34-tinh | bo-nganh | xa:PROVINCE");
    struct places *places = places_load(admin->places_folder, &error);
    if (places == NULL)
        return admin_fail(error);
    g_autoptr(GPtrArray) list = places_group(places, admin->words[0]);
    for (unsigned i = 0; list != NULL && i < list->len; i++)
        print_place(list->pdata[i], NULL);
    bool is_known = list != NULL && list->len > 0;
    places_free(places);
    return is_known ? 0 : admin_wrong_use("places list 34-tinh | bo-nganh | xa:PROVINCE");
}

#include "client/room/floor_view.h"

#include "common/clock.h"
#include "common/ids.h"

#include <glib.h>
#include <string.h>

#define MESSAGES_MAX 50

struct request {
    char *id, *site;
    bool is_granted, is_accepted;
    int64_t granted_us; /* UTC by the server's clock */
    int seconds;        /* the allowance; 0: none */
};

struct floor_view {
    char *title, *own;
    GHashTable *names;   /* site -> name */
    GPtrArray *requests; /* of struct request: holders and the queue, in order */
    GPtrArray *messages; /* the newest last */
    int64_t ahead_us;    /* of the server's clock */
    bool is_muted;
};

static void request_free(void *data)
{
    struct request *request = data;
    g_free(request->id);
    g_free(request->site);
    g_free(request);
}

struct floor_view *floor_view_new(void)
{
    struct floor_view *view = g_new0(struct floor_view, 1);
    view->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    view->requests = g_ptr_array_new_with_free_func(request_free);
    view->messages = g_ptr_array_new_with_free_func(g_free);
    return view;
}

void floor_view_free(struct floor_view *view)
{
    g_hash_table_unref(view->names);
    g_ptr_array_unref(view->requests);
    g_ptr_array_unref(view->messages);
    g_free(view->title);
    g_free(view->own);
    g_free(view);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* A hostile server's escape sequences stay out of the terminal. */
static const char *clean(const char *text)
{
    return text != NULL && text_is_clean(text, false) ? text : "?";
}

static void set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static void set_allowance(struct request *request, const json_t *body)
{
    json_int_t seconds = json_integer_value(json_object_get(body, "seconds"));
    request->seconds = (int)CLAMP(seconds, 0, 1000000);
}

static void add_request(struct floor_view *view, const json_t *entry, const char *state)
{
    const char *id = text_of(entry, "request"), *site = text_of(entry, "site");
    if (id == NULL || site == NULL)
        return;
    struct request *request = g_new0(struct request, 1);
    request->id = g_strdup(id);
    request->site = g_strdup(site);
    request->is_granted = g_strcmp0(state, "granted") == 0;
    request->is_accepted = g_strcmp0(state, "accepted") == 0;
    set_allowance(request, entry);
    if (text_of(entry, "granted") != NULL)
        clock_parse_rfc3339(text_of(entry, "granted"), &request->granted_us);
    g_ptr_array_add(view->requests, request);
}

static void add_site(struct floor_view *view, const json_t *site)
{
    const char *id = text_of(site, "id");
    if (id == NULL)
        return;
    g_hash_table_insert(view->names, g_strdup(id), g_strdup(clean(text_of(site, "name"))));
    if (g_strcmp0(id, view->own) == 0)
        view->is_muted = json_is_true(json_object_get(site, "muted"));
}

void floor_view_start(struct floor_view *view, const json_t *hello)
{
    static const char *const lists[] = {"holders", "queue"};
    const json_t *state = json_object_get(hello, "state");
    const json_t *floor = json_object_get(state, "floor");
    const char *own = text_of(hello, "site");
    size_t index;
    json_t *entry;
    g_hash_table_remove_all(view->names);
    g_ptr_array_set_size(view->requests, 0);
    view->is_muted = false;
    set_text(&view->title, clean(text_of(json_object_get(state, "meeting"), "title")));
    set_text(&view->own, own != NULL ? own : text_of(hello, "role"));
    json_array_foreach (json_object_get(state, "sites"), index, entry)
        add_site(view, entry);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        json_array_foreach (json_object_get(floor, lists[i]), index, entry)
            add_request(view, entry, text_of(entry, "state"));
    }
}

static struct request *find_request(const struct floor_view *view, const char *id, guint *index)
{
    for (*index = 0; id != NULL && *index < view->requests->len; (*index)++) {
        struct request *request = view->requests->pdata[*index];
        if (strcmp(request->id, id) == 0)
            return request;
    }
    return NULL;
}

/* Position 1 stands behind those who hold the floor. */
static void place(struct floor_view *view, guint index, json_int_t position)
{
    struct request *request = g_ptr_array_steal_index(view->requests, index);
    guint at = 0;
    json_int_t passed = 0;
    request->is_accepted = true;
    for (; at < view->requests->len; at++) {
        const struct request *other = view->requests->pdata[at];
        if (!other->is_granted && (!other->is_accepted || ++passed >= position))
            break;
    }
    g_ptr_array_insert(view->requests, (gint)at, request);
}

static void move_request(struct floor_view *view, const char *type, const json_t *body,
                         int64_t time_us)
{
    guint index;
    struct request *request = find_request(view, text_of(body, "request"), &index);
    if (request == NULL)
        return;
    if (strcmp(type, "floor.extended") == 0) {
        set_allowance(request, body);
    } else if (strcmp(type, "floor.granted") == 0) {
        set_allowance(request, body);
        request->granted_us = time_us;
        request->is_granted = true;
        request->is_accepted = false;
        g_ptr_array_insert(view->requests, 0, g_ptr_array_steal_index(view->requests, index));
    } else if (strcmp(type, "floor.accepted") == 0 || strcmp(type, "floor.deferred") == 0 ||
               strcmp(type, "floor.reordered") == 0) {
        place(view, index, json_integer_value(json_object_get(body, "position")));
    } else {
        g_ptr_array_remove_index(view->requests, index); /* ended, in whichever way */
    }
}

static const char *name_of(const struct floor_view *view, const char *site)
{
    const char *name = g_hash_table_lookup(view->names, site);
    return name != NULL ? name : clean(site);
}

static void add_message(struct floor_view *view, const json_t *body)
{
    const char *to = text_of(body, "to"), *from = text_of(body, "from");
    if (to != NULL && g_strcmp0(to, view->own) != 0)
        return;
    if (view->messages->len == MESSAGES_MAX)
        g_ptr_array_remove_index(view->messages, 0);
    const char *text = text_of(body, "text");
    bool is_clean = text != NULL && text_is_clean(text, true);
    char *message =
        g_strdup_printf("%s: %s", from != NULL ? name_of(view, from) : "–", is_clean ? text : "?");
    g_ptr_array_add(view->messages, g_strdelimit(message, "\r\n", ' '));
}

void floor_view_event(struct floor_view *view, const json_t *event, int64_t now_us, bool is_live)
{
    const json_t *body = json_object_get(event, "body");
    const char *type = text_of(event, "type"), *time = text_of(event, "time");
    const char *title = text_of(body, "title");
    int64_t time_us = now_us + view->ahead_us;
    if (type == NULL)
        return;
    if (time != NULL && clock_parse_rfc3339(time, &time_us) && is_live)
        view->ahead_us = time_us - now_us;
    if (strcmp(type, "floor.requested") == 0)
        add_request(view, body, "pending");
    else if (g_str_has_prefix(type, "floor."))
        move_request(view, type, body, time_us);
    else if (strcmp(type, "message.sent") == 0)
        add_message(view, body);
    else if (strcmp(type, "meeting.updated") == 0 && title != NULL)
        set_text(&view->title, clean(title));
    else if (g_str_has_prefix(type, "site.") && g_strcmp0(text_of(body, "site"), view->own) == 0)
        view->is_muted = strcmp(type, "site.muted") == 0 ||
                         (view->is_muted && strcmp(type, "site.unmuted") != 0);
}

const char *floor_view_title(const struct floor_view *view)
{
    return view->title != NULL ? view->title : "Nhịp Cầu";
}

const char *floor_view_own_name(const struct floor_view *view)
{
    return view->own != NULL ? name_of(view, view->own) : "";
}

char *floor_view_speakers(const struct floor_view *view)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < view->requests->len; i++) {
        const struct request *request = view->requests->pdata[i];
        if (request->is_granted)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                   name_of(view, request->site));
    }
    return g_string_free(text, FALSE);
}

static const struct request *own_request(const struct floor_view *view)
{
    for (unsigned i = 0; i < view->requests->len; i++) {
        const struct request *request = view->requests->pdata[i];
        if (g_strcmp0(request->site, view->own) == 0)
            return request;
    }
    return NULL;
}

const char *floor_view_own_request(const struct floor_view *view)
{
    const struct request *request = own_request(view);
    return request != NULL ? request->id : NULL;
}

int floor_view_place(const struct floor_view *view)
{
    const struct request *own = own_request(view);
    int position = 0;
    for (unsigned i = 0; own != NULL && own->is_accepted && i < view->requests->len; i++) {
        const struct request *request = view->requests->pdata[i];
        position += request->is_accepted;
        if (request == own)
            return position;
    }
    return 0;
}

bool floor_view_is_speaking(const struct floor_view *view)
{
    const struct request *own = own_request(view);
    return own != NULL && own->is_granted;
}

bool floor_view_is_muted(const struct floor_view *view)
{
    return view->is_muted;
}

/* This room's own floor counts before others'. */
static const struct request *timed_request(const struct floor_view *view)
{
    const struct request *found = NULL;
    for (unsigned i = 0; i < view->requests->len; i++) {
        const struct request *request = view->requests->pdata[i];
        if (request->is_granted && (found == NULL || g_strcmp0(request->site, view->own) == 0))
            found = request;
    }
    return found;
}

bool floor_view_time_left(const struct floor_view *view, int64_t now_us, int *seconds)
{
    const struct request *request = timed_request(view);
    if (request == NULL || request->seconds == 0 || request->granted_us == 0)
        return false;
    int64_t left_us =
        request->granted_us + (int64_t)request->seconds * 1000000 - (now_us + view->ahead_us);
    /* Up: "1:00" stands for the whole second before it. */
    *seconds = (int)(left_us > 0 ? (left_us + 999999) / 1000000 : left_us / 1000000);
    return true;
}

const char *floor_view_message(const struct floor_view *view, unsigned index)
{
    return index < view->messages->len ? view->messages->pdata[view->messages->len - 1 - index]
                                       : NULL;
}

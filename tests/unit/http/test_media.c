/* The whole server in this process, spoken to over real TLS sockets, with a media plane that the
 * test plays: what passes between rooms and the bridge. */
#include "signaling/http/alarms.h"
#include "signaling/http/service.h"

#include <glib/gstdio.h>
#include <string.h>

/* The media plane. */

struct media_plane {
    struct media_handlers handlers;
    void *arg;
    bool is_ready;
    char *refuse;      /* what offers are refused with; NULL: they are answered */
    GString *commands; /* what the server has asked for: "method meeting leg detail;" */
};

static struct media_plane *plane;

static void note(const char *method, const char *meeting, const char *leg, const char *detail)
{
    g_string_append_printf(plane->commands, "%s %s %s %s;", method, meeting, leg, detail);
}

struct media_plane *media_plane_new(const struct media_config *config,
                                    const struct media_handlers *handlers, void *arg)
{
    (void)config;
    plane = g_new0(struct media_plane, 1);
    plane->handlers = *handlers;
    plane->arg = arg;
    plane->is_ready = true;
    plane->commands = g_string_new(NULL);
    return plane;
}

void media_plane_free(struct media_plane *old, bool stop_bridge)
{
    g_assert_true(stop_bridge);
    g_string_free(old->commands, TRUE);
    g_free(old->refuse);
    g_free(old);
}

bool media_plane_is_ready(const struct media_plane *asked)
{
    return asked->is_ready;
}

void media_plane_follow(struct media_plane *asked, const struct meeting *meeting)
{
    (void)asked;
    (void)meeting;
}

struct answer {
    media_answer done;
    void *arg;
};

static gboolean answer_offer(gpointer data)
{
    struct answer *answer = data;
    if (!plane->is_ready)
        answer->done(NULL, "the bridge is away", true, answer->arg);
    else if (plane->refuse != NULL)
        answer->done(NULL, plane->refuse, false, answer->arg);
    else
        answer->done("v=0 answer", NULL, false, answer->arg);
    g_free(answer);
    return G_SOURCE_REMOVE;
}

void media_plane_offer(struct media_plane *asked, const char *meeting, const char *leg,
                       const char *sdp, media_answer done, void *arg)
{
    (void)asked;
    note("offer", meeting, leg, sdp);
    struct answer *answer = g_new(struct answer, 1);
    *answer = (struct answer){done, arg};
    g_idle_add(answer_offer, answer);
}

void media_plane_candidate(struct media_plane *asked, const char *meeting, const char *leg,
                           const char *candidate, const char *mid)
{
    (void)asked;
    (void)mid;
    note("candidate", meeting, leg, candidate);
}

void media_plane_remove_leg(struct media_plane *asked, const char *meeting, const char *leg)
{
    (void)asked;
    note("remove", meeting, leg, "");
}

struct line_answer {
    media_leg_answer done;
    void *arg;
};

static gboolean answer_line(gpointer data)
{
    struct line_answer *answer = data;
    json_t *result = json_pack("{s:i}", "echo_ms", 1500);
    if (plane->refuse == NULL)
        answer->done(result, MEDIA_REFUSED, NULL, answer->arg);
    else
        answer->done(NULL, MEDIA_TOO_MANY, plane->refuse, answer->arg);
    json_decref(result);
    g_free(answer);
    return G_SOURCE_REMOVE;
}

void media_plane_ask_leg(struct media_plane *asked, const char *method, const char *meeting,
                         const char *leg, const json_t *params, media_leg_answer done, void *arg)
{
    (void)asked;
    (void)params;
    note(method, meeting, leg, "");
    struct line_answer *answer = g_new(struct line_answer, 1);
    *answer = (struct line_answer){done, arg};
    g_idle_add(answer_line, answer);
}

void media_plane_stats(struct media_plane *asked, void (*done)(const json_t *stats, void *arg),
                       void *arg)
{
    (void)asked;
    json_t *stats = json_pack("{s:[{s:s, s:[{s:s}, {s:s}]}]}", "conferences", "conference", "hop",
                              "legs", "leg", "hue", "leg", "account.da-di");
    done(stats, arg);
    json_decref(stats);
}

/* A client. */

struct client {
    SoupSession *session;
    SoupWebsocketConnection *socket;
    GQueue frames; /* of json_t */
    unsigned last_id;
    bool is_closed;
};

static gboolean accept_any(SoupMessage *message, GTlsCertificate *certificate,
                           GTlsCertificateFlags errors, gpointer arg)
{
    (void)message;
    (void)certificate;
    (void)errors;
    (void)arg;
    return TRUE;
}

static void on_connected(GObject *session, GAsyncResult *result, gpointer arg)
{
    struct client *client = arg;
    GError *error = NULL;
    client->socket = soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
    g_assert_no_error(error);
}

static void on_message(SoupWebsocketConnection *socket, int type, GBytes *message,
                       struct client *client)
{
    gsize size;
    const char *text = g_bytes_get_data(message, &size);
    (void)socket;
    (void)type;
    json_t *frame = json_loadb(text, size, 0, NULL);
    g_assert_nonnull(frame);
    g_queue_push_tail(&client->frames, frame);
}

static void on_closed(SoupWebsocketConnection *socket, struct client *client)
{
    (void)socket;
    client->is_closed = true;
}

static struct client *connect_client(const struct service *service)
{
    struct client *client = g_new0(struct client, 1);
    char *protocols[] = {(char *)"nhipcau.v1", NULL};
    g_autofree char *url = g_strdup_printf("wss%s/api/v1/ws", service->urls.own + strlen("https"));
    g_autoptr(SoupMessage) message = soup_message_new("GET", url);
    g_signal_connect(message, "accept-certificate", G_CALLBACK(accept_any), NULL);
    client->session = soup_session_new_with_options("proxy-resolver", NULL, NULL);
    soup_session_websocket_connect_async(client->session, message, NULL, protocols,
                                         G_PRIORITY_DEFAULT, NULL, on_connected, client);
    while (client->socket == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_signal_connect(client->socket, "message", G_CALLBACK(on_message), client);
    g_signal_connect(client->socket, "closed", G_CALLBACK(on_closed), client);
    return client;
}

static void free_frame(gpointer frame)
{
    json_decref(frame);
}

static void client_free(struct client *client)
{
    g_signal_handlers_disconnect_by_data(client->socket, client);
    g_object_unref(client->socket);
    g_object_unref(client->session);
    g_queue_clear_full(&client->frames, free_frame);
    g_free(client);
}

static void client_close(struct client *client)
{
    soup_websocket_connection_close(client->socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
    while (!client->is_closed)
        g_main_context_iteration(NULL, TRUE);
}

/* As when a cable is pulled. */
static void client_break(struct client *client)
{
    g_io_stream_close(soup_websocket_connection_get_io_stream(client->socket), NULL, NULL);
}

/* The next frame that `is_it` wants, taken out; the caller's. */
static json_t *await_frame(struct client *client, bool (*is_it)(const json_t *, const void *),
                           const void *arg)
{
    for (;;) {
        for (GList *link = client->frames.head; link != NULL; link = link->next) {
            json_t *frame = link->data;
            if (!is_it(frame, arg))
                continue;
            g_queue_delete_link(&client->frames, link);
            return frame;
        }
        g_assert_false(client->is_closed);
        g_main_context_iteration(NULL, TRUE);
    }
}

static bool has_method(const json_t *frame, const void *method)
{
    return g_strcmp0(json_string_value(json_object_get(frame, "method")), method) == 0;
}

static bool has_id(const json_t *frame, const void *id)
{
    const json_t *value = json_object_get(frame, "id");
    return json_is_integer(value) && (unsigned)json_integer_value(value) == *(const unsigned *)id;
}

static bool is_event(const json_t *frame, const void *type)
{
    const json_t *params = json_object_get(frame, "params");
    return has_method(frame, "event") &&
           g_strcmp0(json_string_value(json_object_get(params, "type")), type) == 0;
}

/* The member of the next notification's params. */
static char *await_notified(struct client *client, const char *method, const char *member)
{
    json_t *frame = await_frame(client, has_method, method);
    const json_t *params = json_object_get(frame, "params");
    char *text = g_strdup(json_string_value(json_object_get(params, member)));
    json_decref(frame);
    return text;
}

static void await_event(struct client *client, const char *type)
{
    json_decref(await_frame(client, is_event, type));
}

/* `params` is stolen; the whole answer, the caller's. */
static json_t *call(struct client *client, const char *method, json_t *params)
{
    unsigned id = ++client->last_id;
    json_t *request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", (int)id, "method",
                                method, "params", params != NULL ? params : json_object());
    char *text = json_dumps(request, 0);
    soup_websocket_connection_send_text(client->socket, text);
    free(text);
    json_decref(request);
    return await_frame(client, has_id, &id);
}

/* The reason of a refusal, or NULL: it was done. */
static char *call_reason(struct client *client, const char *method, json_t *params)
{
    json_t *answer = call(client, method, params);
    const json_t *data = json_object_get(json_object_get(answer, "error"), "data");
    char *reason = g_strdup(json_string_value(json_object_get(data, "reason")));
    json_decref(answer);
    return reason;
}

/* The server. */

struct fixture {
    struct config *config;
    struct service *service;
};

/* `grace`: seconds that a lost session's media stays. */
static void set_up(struct fixture *fixture, gconstpointer grace)
{
    fixture->config = config_new();
    g_autofree char *folder = g_dir_make_tmp("media-XXXXXX", NULL);
    config_set(fixture->config, "server", "data", folder, NULL);
    config_set(fixture->config, "server", "listen", "127.0.0.1:0", NULL);
    config_set(fixture->config, "bridge", "program", "/bin/true", NULL);
    config_set(fixture->config, "limits", "secret-memory-kib", "8", NULL);
    config_set(fixture->config, "limits", "secret-passes", "1", NULL);
    config_set(fixture->config, "limits", "leg-grace-seconds", grace, NULL);
    GError *error = NULL;
    fixture->service = service_new(fixture->config, &error);
    g_assert_no_error(error);
    json_t *params = json_pack("{s:b, s:{s:s}, s:{s:s}, s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s}]}",
                               "declared", true, "chair", "name", "An", "secretary", "name", "Bình",
                               "meeting", "hop", "title", "Họp", "sites", "id", "ha-noi", "name",
                               "Hà Nội", "role", "chair", "id", "hue", "name", "Huế");
    struct actor actor = {.account = "operator", .role = ROLE_OPERATOR};
    struct refusal refusal;
    g_assert_true(
        hub_execute(fixture->service->hub, NULL, "meeting.create", params, &actor, NULL, &refusal));
    json_decref(params);
}

static void remove_folder(const char *path)
{
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *name;
    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        remove_folder(below);
    }
    if (folder != NULL)
        g_dir_close(folder);
    g_remove(path);
}

static void tear_down(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    service_free(fixture->service);
    remove_folder(fixture->config->data);
    config_free(fixture->config);
}

/* A session that has said hello, as a room or (`site` NULL) as the account `thu-ky`. */
static struct client *join(struct fixture *fixture, const char *site, enum role role)
{
    struct identity identity = {.account = site == NULL ? (char *)"thu-ky" : NULL,
                                .role = role,
                                .site = (char *)site,
                                .meeting = (char *)"hop",
                                .expires_us = INT64_MAX};
    g_autofree char *token = identity_issue_token(fixture->service->store, &identity, NULL);
    struct client *client = connect_client(fixture->service);
    g_autofree char *reason =
        call_reason(client, "session.hello", json_pack("{s:s}", "token", token));
    g_assert_null(reason);
    return client;
}

static char *offer(struct client *client)
{
    return call_reason(client, "media.offer", json_pack("{s:s}", "sdp", "v=0 offer"));
}

static void await_command(const char *command)
{
    while (strstr(plane->commands->str, command) == NULL)
        g_main_context_iteration(NULL, TRUE);
}

/* The tests. */

static void test_an_offer_gets_the_bridges_answer(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    json_t *answer = call(client, "media.offer", json_pack("{s:s}", "sdp", "v=0 offer"));
    const json_t *result = json_object_get(answer, "result");
    g_assert_cmpstr(json_string_value(json_object_get(result, "sdp")), ==, "v=0 answer");
    g_assert_cmpstr(plane->commands->str, ==, "offer hop hue v=0 offer;");
    json_decref(answer);
    client_free(client);
}

static void test_an_account_has_a_leg_of_its_name(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, NULL, ROLE_SECRETARY);
    g_assert_null(offer(client));
    g_assert_cmpstr(plane->commands->str, ==, "offer hop account.thu-ky v=0 offer;");
    client_free(client);
}

static void test_refused_and_unheard_offers_are_told_apart(struct fixture *fixture,
                                                           gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    plane->refuse = g_strdup("no audio");
    g_autofree char *refused = offer(client);
    g_assert_cmpstr(refused, ==, "invalid");
    plane->is_ready = false;
    g_autofree char *away = offer(client);
    g_assert_cmpstr(away, ==, "no-media");
    g_autofree char *empty = call_reason(client, "media.offer", NULL);
    g_assert_cmpstr(empty, ==, "invalid");
    client_free(client);
}

static void test_an_answer_for_who_has_gone_is_dropped(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    soup_websocket_connection_send_text(client->socket,
                                        "{\"jsonrpc\":\"2.0\",\"id\":99,\"method\":\"media.offer\","
                                        "\"params\":{\"sdp\":\"v=0\"}}");
    soup_websocket_connection_close(client->socket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
    await_command("remove hop hue ;");
    client_free(client);
}

static void test_candidates_go_both_ways(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    struct client *other = join(fixture, "ha-noi", ROLE_CHAIR);
    g_assert_null(offer(client));
    g_assert_null(call_reason(client, "media.candidate",
                              json_pack("{s:s, s:s}", "candidate", "candidate:1", "mid", "0")));
    await_command("candidate hop hue candidate:1;");
    plane->handlers.candidate("hop", "hue", "candidate:2", "0", plane->arg);
    plane->handlers.candidate("hop", "khong-co", "candidate:3", "0", plane->arg);
    g_autofree char *candidate = await_notified(client, "media.candidate", "candidate");
    g_assert_cmpstr(candidate, ==, "candidate:2");
    plane->handlers.leg_state("hop", "hue", "disconnected", plane->arg);
    plane->handlers.leg_state("hop", "hue", "connected", plane->arg);
    g_autofree char *first = await_notified(client, "media.state", "state");
    g_autofree char *second = await_notified(client, "media.state", "state");
    g_assert_cmpstr(first, ==, "connecting");
    g_assert_cmpstr(second, ==, "connected");
    for (GList *link = other->frames.head; link != NULL; link = link->next)
        g_assert_false(has_method(link->data, "media.candidate"));
    client_free(client);
    client_free(other);
}

static void test_media_ends_with_who_closes(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(client));
    client_close(client);
    await_command("remove hop hue ;");
    client_free(client);
}

static void test_media_of_a_lost_room_waits_for_it(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *chair = join(fixture, "ha-noi", ROLE_CHAIR);
    struct client *client = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(client));
    client_break(client);
    await_event(chair, "site.left");
    struct client *back = join(fixture, "hue", ROLE_SITE);
    plane->handlers.leg_state("hop", "hue", "connected", plane->arg);
    g_autofree char *state = await_notified(back, "media.state", "state");
    g_assert_cmpstr(state, ==, "connected");
    g_assert_null(strstr(plane->commands->str, "remove"));
    client_free(client);
    client_free(back);
    client_free(chair);
}

static void test_media_that_nobody_comes_back_to_ends(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(client));
    client_break(client);
    await_command("remove hop hue ;");
    client_free(client);
}

static void test_a_room_that_takes_over_keeps_the_media(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *first = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(first));
    struct client *second = join(fixture, "hue", ROLE_SITE);
    while (!first->is_closed)
        g_main_context_iteration(NULL, TRUE);
    plane->handlers.leg_state("hop", "hue", "connected", plane->arg);
    g_autofree char *state = await_notified(second, "media.state", "state");
    g_assert_cmpstr(state, ==, "connected");
    g_assert_null(strstr(plane->commands->str, "remove"));
    client_free(first);
    client_free(second);
}

static void test_an_accounts_newest_offer_has_the_leg(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *first = join(fixture, NULL, ROLE_SECRETARY);
    struct client *second = join(fixture, NULL, ROLE_SECRETARY);
    g_assert_null(offer(first));
    g_assert_null(offer(second));
    g_autofree char *state = await_notified(first, "media.state", "state");
    g_assert_cmpstr(state, ==, "closed");
    /* The first one's candidates and end are not the leg's any more. */
    g_assert_null(call_reason(first, "media.candidate",
                              json_pack("{s:s, s:s}", "candidate", "candidate:old", "mid", "0")));
    client_close(first);
    g_assert_null(call_reason(second, "message.send", json_pack("{s:s}", "text", "x")));
    g_assert_null(strstr(plane->commands->str, "candidate:old"));
    g_assert_null(strstr(plane->commands->str, "remove"));
    client_free(first);
    client_free(second);
}

static void test_a_new_bridge_asks_rooms_to_offer_again(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *chair = join(fixture, "ha-noi", ROLE_CHAIR);
    g_assert_null(call_reason(chair, "meeting.open", NULL));
    plane->is_ready = false;
    plane->handlers.lost(plane->arg);
    await_event(chair, "bridge.lost");
    plane->is_ready = true;
    plane->handlers.ready(true, plane->arg);
    await_event(chair, "bridge.restored");
    json_decref(await_frame(chair, has_method, "media.ready"));
    plane->handlers.ready(false, plane->arg);
    g_assert_null(call_reason(chair, "message.send", json_pack("{s:s}", "text", "x")));
    for (GList *link = chair->frames.head; link != NULL; link = link->next)
        g_assert_false(has_method(link->data, "media.ready"));
    client_free(chair);
}

static void test_a_recording_is_in_the_journal(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *chair = join(fixture, "ha-noi", ROLE_CHAIR);
    g_assert_null(call_reason(chair, "meeting.open", NULL));
    plane->handlers.recording_started("hop", 1, "part-001/program.webm", plane->arg);
    await_event(chair, "recording.started");
    plane->handlers.recording_failed("hop", "the disk is full", plane->arg);
    plane->handlers.recording_stopped("hop", 1, plane->arg);
    await_event(chair, "recording.stopped");
    client_free(chair);
}

static void test_legs_that_nobody_came_back_to_are_swept(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    await_command("remove hop account.da-di ;");
    g_assert_null(strstr(plane->commands->str, "remove hop hue"));
    client_free(client);
}

static void assert_reason(struct client *client, const char *method, json_t *params,
                          const char *expected)
{
    g_autofree char *reason = call_reason(client, method, params);
    g_assert_cmpstr(reason, ==, expected);
}

static void test_a_line_test_is_for_who_has_media(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *client = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(client));
    json_t *answer = call(client, "line.start", json_pack("{s:i, s:i}", "ssrc", 7, "seconds", 20));
    g_assert_cmpint(
        json_integer_value(json_object_get(json_object_get(answer, "result"), "echo_ms")), ==,
        1500);
    json_decref(answer);
    g_assert_nonnull(strstr(plane->commands->str, "line.start hop hue ;"));
    assert_reason(client, "line.start", json_pack("{s:i}", "seconds", 600), "invalid");
    assert_reason(client, "line.stop", NULL, NULL);
    plane->refuse = g_strdup("too many");
    assert_reason(client, "line.start", NULL, "too-many");
    plane->handlers.line_ended("hop", "hue", "floor", NULL, plane->arg);
    g_autofree char *why = await_notified(client, "line.ended", "reason");
    g_assert_cmpstr(why, ==, "floor");
    client_free(client);
}

static void test_who_runs_the_meeting_looks_at_layouts(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *room = join(fixture, "hue", ROLE_SITE);
    g_assert_null(offer(room));
    assert_reason(room, "media.preview", json_pack("{s:s}", "layout", "mosaic"), "not-allowed");
    client_free(room);
    struct client *staff = join(fixture, NULL, ROLE_SECRETARY);
    g_assert_null(offer(staff));
    assert_reason(staff, "media.preview", json_pack("{s:s, s:i}", "layout", "mosaic", "page", -1),
                  "invalid");
    assert_reason(staff, "media.preview", json_pack("{s:s, s:i}", "layout", "mosaic", "page", 1),
                  NULL);
    g_assert_nonnull(strstr(plane->commands->str, "leg.preview hop account."));
    client_free(staff);
}

static json_t *stored(struct fixture *fixture, const char *site, const char *item)
{
    json_t *all = store_read_readiness(fixture->service->store, "hop", NULL);
    json_t *value = json_incref(json_object_get(json_object_get(all, site), item));
    json_decref(all);
    return value;
}

static void test_a_result_is_kept_and_told_to_the_staff(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *chair = join(fixture, "ha-noi", ROLE_CHAIR);
    struct client *hue = join(fixture, "hue", ROLE_SITE);
    uint64_t seq = meeting_seq(hub_find(fixture->service->hub, "hop", NULL));
    assert_reason(hue, "line.result",
                  json_pack("{s:s, s:f, s:f, s:[s], s:s}", "verdict", "usable", "rtt_ms", 31.5,
                            "loss_up", 1.5, "advice", "loss-up", "tester", "Trần Văn A"),
                  NULL);
    g_autofree char *site = await_notified(chair, "site.readiness", "site");
    g_assert_cmpstr(site, ==, "hue");
    json_t *line = stored(fixture, "hue", "line");
    g_assert_cmpstr(json_string_value(json_object_get(line, "verdict")), ==, "usable");
    g_assert_cmpfloat(json_number_value(json_object_get(line, "rtt_ms")), ==, 31.5);
    g_assert_true(json_is_null(json_object_get(line, "up_kbps")));
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(line, "by"), "site")), ==,
                    "hue");
    json_decref(line);
    /* Nothing of it is in the official record, and rooms are not told of each other. */
    g_assert_cmpuint(meeting_seq(hub_find(fixture->service->hub, "hop", NULL)), ==, seq);
    for (GList *link = hue->frames.head; link != NULL; link = link->next)
        g_assert_false(has_method(link->data, "site.readiness"));
    assert_reason(hue, "line.result", json_pack("{s:s}", "verdict", "superb"), "invalid");
    assert_reason(hue, "line.result", json_pack("{s:s, s:f}", "verdict", "bad", "loss_up", 101.0),
                  "invalid");
    client_free(hue);
    client_free(chair);
}

static json_t *tick(const char *site, const char *item, bool is_good)
{
    return json_pack("{s:s, s:s, s:b}", "site", site, "item", item, "ok", (int)is_good);
}

static void test_the_staff_ticks_rooms_off(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    struct client *chair = join(fixture, "ha-noi", ROLE_CHAIR);
    struct client *hue = join(fixture, "hue", ROLE_SITE);
    assert_reason(hue, "readiness.tick", tick("hue", "sound", true), "not-allowed");
    assert_reason(chair, "readiness.tick", tick("ca-mau", "sound", true), "no-such-site");
    assert_reason(chair, "readiness.tick", tick("hue", "line", true), "invalid");
    assert_reason(chair, "readiness.tick", tick("hue", "sound", false), NULL);
    assert_reason(chair, "readiness.tick", tick("hue", "sound", true), NULL);
    json_t *sound = stored(fixture, "hue", "sound");
    g_assert_true(json_is_true(json_object_get(sound, "ok")));
    json_decref(sound);
    client_free(hue);
    client_free(chair);
}

static void assert_alarm(struct client *client, const char *kind)
{
    g_autofree char *told = await_notified(client, "media.alarm", "kind");
    g_assert_cmpstr(told, ==, kind);
}

static void test_operators_are_told_of_wrong_sound(struct fixture *fixture, gconstpointer arg)
{
    (void)arg;
    const struct alarms *alarms = fixture->service->alarms;
    struct client *operator= join(fixture, NULL, ROLE_OPERATOR);
    plane->handlers.leg_sound("hop", "hue", "unasked", plane->arg);
    assert_alarm(operator, "unasked");
    plane->handlers.leg_sound("hop", "ha-noi", "howl", plane->arg);
    assert_alarm(operator, "howl");
    plane->handlers.leg_sound("hop", "ha-noi", "unheard-of", plane->arg);
    g_assert_cmpuint(alarms_count(alarms, "unasked"), ==, 1);
    g_assert_cmpuint(alarms_count(alarms, "howl"), ==, 1);
    plane->handlers.leg_sound("hop", "hue", "ok", plane->arg);
    plane->handlers.leg_sound("hop", "hue", "ok", plane->arg); /* once is enough */
    assert_alarm(operator, "ok");
    plane->handlers.lost(plane->arg);
    assert_alarm(operator, "ok");
    g_assert_cmpuint(alarms_count(alarms, "unasked") + alarms_count(alarms, "howl"), ==, 0);
    client_free(operator);
}

#define ADD_WITH(name, grace)                                                                      \
    g_test_add("/media/" #name, struct fixture, grace, set_up, test_##name, tear_down)
#define ADD(name) ADD_WITH(name, "3600")

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(an_offer_gets_the_bridges_answer);
    ADD(an_account_has_a_leg_of_its_name);
    ADD(refused_and_unheard_offers_are_told_apart);
    ADD(an_answer_for_who_has_gone_is_dropped);
    ADD(candidates_go_both_ways);
    ADD(media_ends_with_who_closes);
    ADD(media_of_a_lost_room_waits_for_it);
    ADD_WITH(media_that_nobody_comes_back_to_ends, "0");
    ADD(a_room_that_takes_over_keeps_the_media);
    ADD(an_accounts_newest_offer_has_the_leg);
    ADD(a_new_bridge_asks_rooms_to_offer_again);
    ADD(a_recording_is_in_the_journal);
    ADD(a_line_test_is_for_who_has_media);
    ADD(who_runs_the_meeting_looks_at_layouts);
    ADD(a_result_is_kept_and_told_to_the_staff);
    ADD(the_staff_ticks_rooms_off);
    ADD(operators_are_told_of_wrong_sound);
    ADD_WITH(legs_that_nobody_came_back_to_are_swept, "0");
    return g_test_run();
}

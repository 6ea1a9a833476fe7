#include "signaling/http/service.h"
#include "signaling/http/alarms.h"
#include "signaling/http/figures.h"

#include "common/clock.h"
#include "common/ids.h"
#include "common/log.h"
#include "signaling/http/gateway.h"
#include "signaling/http/greeting.h"
#include "signaling/http/media_link.h"
#include "signaling/http/routes.h"
#include "signaling/places/places.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STATS_TICKS   5    /* seconds between readings of the bridge's counters */
#define WALL_TICKS    1    /* the same while an operator looks */
#define SWEEP_TICKS   3600 /* between sweeps of what has expired */
#define MEDIA_SECONDS 5    /* for a bridge to start */
#define END_SECONDS   3    /* for peers to take what they are still sent */
#define SECRET_BYTES  16
#define FIRST_ACCOUNT "operator"

/* A new store has the account `operator`, whose secret lies in a file for who owns the machine. */
static bool ensure_operator(struct service *service, GError **error)
{
    GError *unreadable = NULL;
    struct account *account = store_get_account(service->store, FIRST_ACCOUNT, &unreadable);
    if (unreadable != NULL) {
        g_propagate_error(error, unreadable);
        return false;
    }
    if (account != NULL) {
        account_free(account);
        return true;
    }
    struct secret_cost cost = {service->config->secret_memory_kib, service->config->secret_passes};
    g_autofree char *secret = id_random_key(SECRET_BYTES);
    g_autofree char *hash = secret_hash(secret, &cost);
    g_autofree char *line = g_strdup_printf("%s\n", secret);
    g_autofree char *path = g_build_filename(service->config->data, "operator-secret", NULL);
    if (hash == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no memory to hash a secret");
        return false;
    }
    if (!g_file_set_contents_full(path, line, -1,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, error))
        return false;
    log_info("made the account %s; its secret is in %s", FIRST_ACCOUNT, path);
    return identity_put_account(service->store, FIRST_ACCOUNT, ROLE_OPERATOR, NULL, hash, error);
}

static bool open_meetings(struct service *service, GError **error)
{
    const struct config *config = service->config;
    struct attendance_times times = {config->leg_grace_seconds, config->resume_seconds};
    g_autofree char *path = g_build_filename(config->data, "nhipcau.db", NULL);
    service->store = store_open(path, error);
    if (service->store == NULL)
        return false;
    service->hub = hub_new(service->store);
    service->attendance = attendance_new(service->hub, &times);
    service->alarms = alarms_new(service->attendance);
    service->figures = figures_new(service->attendance, service->alarms);
    return hub_replay(service->hub, error) && ensure_operator(service, error);
}

/* Names can be typed too: a server without the lists is a server. */
static void load_places(struct service *service)
{
    g_autoptr(GError) error = NULL;
    service->places = places_load(places_folder(), &error);
    if (service->places == NULL)
        log_warning("the lists of places cannot be read why=%s", error->message);
}

static bool open_web(struct service *service, GError **error)
{
    const char *web = service->config->web;
    if (web == NULL)
        return true;
    service->web_directory = open(web, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (service->web_directory >= 0)
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "web: %s: %s", web, g_strerror(errno));
    return false;
}

static void take_stats(const json_t *stats, void *arg)
{
    struct service *service = arg;
    if (stats == NULL)
        return;
    json_decref(service->bridge_stats);
    service->bridge_stats = json_deep_copy(stats);
    figures_take(service->figures, stats, clock_monotonic_us());
    /* Once after the start, when everybody has had the time to come back. */
    if (service->has_swept || service->ticks <= service->config->leg_grace_seconds)
        return;
    service->has_swept = true;
    attendance_sweep_legs(service->attendance, stats);
}

static gboolean on_tick(gpointer arg)
{
    struct service *service = arg;
    int64_t now_us = clock_monotonic_us();
    gateway_tick(service->gateway, now_us);
    attendance_tick(service->attendance, now_us);
    hub_tick(service->hub);
    unsigned pause = attendance_has_operator(service->attendance) ? WALL_TICKS : STATS_TICKS;
    if (service->plane != NULL && service->ticks % pause == 0)
        media_plane_stats(service->plane, take_stats, service);
    if (service->ticks % SWEEP_TICKS == 0)
        store_sweep_grants(service->store, clock_utc_us(), NULL);
    service->ticks++;
    return G_SOURCE_CONTINUE;
}

static bool start(struct service *service, GError **error)
{
    const struct config *config = service->config;
    if (!open_meetings(service, error) || !open_web(service, error))
        return false;
    service->certificate = listen_certificate(config, error);
    if (service->certificate == NULL)
        return false;
    service->checker =
        checker_new(&(struct secret_cost){config->secret_memory_kib, config->secret_passes});
    service->tries = limiter_new(config->wrong_tries_per_minute, config->wrong_tries_per_minute);
    load_places(service);
    service->server = soup_server_new(NULL, NULL);
    service->gateway = gateway_new(service);
    service->greeter = greeter_new(service);
    routes_attach(service);
    service->listener =
        listener_new(service->server, service->certificate, config, &service->urls, error);
    if (service->listener == NULL || !media_link_start(service, error))
        return false;
    service->ticker = g_timeout_add_seconds(1, on_tick, service);
    return true;
}

struct service *service_new(const struct config *config, GError **error)
{
    struct service *service = g_new0(struct service, 1);
    service->config = config;
    service->web_directory = -1;
    if (start(service, error))
        return service;
    service_free(service);
    return NULL;
}

void service_await_media(struct service *service)
{
    int64_t until_us = clock_monotonic_us() + MEDIA_SECONDS * (int64_t)G_USEC_PER_SEC;
    while (service->plane != NULL && !media_plane_is_ready(service->plane) &&
           clock_monotonic_us() < until_us)
        g_main_context_iteration(NULL, TRUE);
}

/* Peers are told, and have a moment to take it. */
static void end_sessions(struct service *service)
{
    int64_t until_us = clock_monotonic_us() + END_SECONDS * (int64_t)G_USEC_PER_SEC;
    attendance_end(service->attendance);
    gateway_close(service->gateway);
    /* The ticker wakes the loop when nothing else does. */
    while (!gateway_is_empty(service->gateway) && clock_monotonic_us() < until_us)
        g_main_context_iteration(NULL, TRUE);
}

void service_free(struct service *service)
{
    if (service == NULL)
        return;
    if (service->ticker != 0) {
        end_sessions(service);
        g_source_remove(service->ticker);
    }
    listener_free(service->listener);
    if (service->server != NULL) {
        soup_server_disconnect(service->server);
        g_object_unref(service->server);
    }
    media_plane_free(service->plane, true);
    greeter_free(service->greeter);
    gateway_free(service->gateway);
    checker_free(service->checker);
    figures_free(service->figures);
    alarms_free(service->alarms);
    attendance_free(service->attendance);
    hub_free(service->hub);
    if (service->store != NULL)
        store_close(service->store);
    limiter_free(service->tries);
    places_free(service->places);
    g_clear_object(&service->certificate);
    if (service->web_directory >= 0)
        close(service->web_directory);
    json_decref(service->bridge_stats);
    g_free(service->urls.own);
    g_free(service->urls.public);
    g_free(service);
}

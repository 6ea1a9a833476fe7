#include "signaling/http/media_link.h"

#include "signaling/http/media_network.h"

#include "common/log.h"
#include "signaling/http/alarms.h"

#include <gio/gio.h>
#include <string.h>

static void on_candidate(const char *meeting, const char *leg, const char *candidate,
                         const char *mid, void *arg)
{
    struct service *service = arg;
    struct session *owner = attendance_media_owner(service->attendance, meeting, leg);
    if (owner != NULL)
        session_notify(owner, "media.candidate",
                       json_pack("{s:s, s:s}", "candidate", candidate, "mid", mid));
}

static void on_leg_state(const char *meeting, const char *leg, const char *state, void *arg)
{
    struct service *service = arg;
    struct session *owner = attendance_media_owner(service->attendance, meeting, leg);
    /* A leg that is interrupted is trying to come back. */
    const char *shown = strcmp(state, "disconnected") == 0 ? "connecting" : state;
    log_info("leg meeting=%s leg=%s state=%s", meeting, leg, state);
    if (owner != NULL)
        session_notify(owner, "media.state", json_pack("{s:s}", "state", shown));
}

static void on_leg_hint(const char *meeting, const char *leg, json_t *video, void *arg)
{
    struct service *service = arg;
    attendance_hint_video(service->attendance, meeting, leg, video);
}

static void on_leg_sound(const char *meeting, const char *leg, const char *state, void *arg)
{
    struct service *service = arg;
    alarms_set(service->alarms, meeting, leg, state);
}

static void on_line_ended(const char *meeting, const char *leg, const char *reason,
                          const json_t *measures, void *arg)
{
    struct service *service = arg;
    struct session *owner = attendance_media_owner(service->attendance, meeting, leg);
    if (owner != NULL)
        session_notify(owner, "line.ended",
                       json_pack("{s:s, s:O*}", "reason", reason, "measures", measures));
}

static void on_recording_started(const char *meeting, int part, const char *path, void *arg)
{
    struct service *service = arg;
    hub_execute_own(service->hub, meeting, "recording.started",
                    json_pack("{s:i, s:s}", "part", part, "path", path));
}

static void on_recording_stopped(const char *meeting, int part, void *arg)
{
    struct service *service = arg;
    hub_execute_own(service->hub, meeting, "recording.stopped", json_pack("{s:i}", "part", part));
}

static void on_recording_failed(const char *meeting, const char *why, void *arg)
{
    (void)arg;
    log_error("the recording has failed; the meeting goes on without it meeting=%s why=%s", meeting,
              why);
}

static void on_lost(void *arg)
{
    struct service *service = arg;
    json_decref(service->bridge_stats);
    service->bridge_stats = NULL;
    log_error("the bridge is away");
    alarms_clear(service->alarms);
    attendance_forget_video(service->attendance);
    hub_media_lost(service->hub);
}

static void on_ready(bool is_new, void *arg)
{
    struct service *service = arg;
    log_info("the bridge is there new=%d", (int)is_new);
    hub_media_restored(service->hub);
    if (is_new)
        attendance_notify_all(service->attendance, "media.ready");
}

/* The bridge that was built or installed with this program. */
static char *find_bridge(GError **error)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = g_path_get_dirname(self != NULL ? self : ".");
    g_autofree char *beside = g_build_filename(directory, "nhipcau-bridge", NULL);
    g_autofree char *built = g_build_filename(directory, "..", "bridge", "nhipcau-bridge", NULL);
    if (g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&beside);
    if (g_file_test(built, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&built);
    char *installed = g_find_program_in_path("nhipcau-bridge");
    if (installed == NULL)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "nhipcau-bridge is not beside this program; say --bridge PROGRAM, or --bridge "
                    "none to go without media");
    return installed;
}

static void add_text(GStrvBuilder *builder, const char *option, const char *value)
{
    g_autofree char *argument = value != NULL ? g_strconcat(option, value, NULL) : NULL;
    if (argument != NULL)
        g_strv_builder_add(builder, argument);
}

static void add_video(GStrvBuilder *builder, const struct config *config)
{
    g_autofree char *fps = g_strdup_printf("%u", config->video_fps);
    add_text(builder, "--renditions=", config->video_renditions);
    add_text(builder, "--video-fps=", fps);
    add_text(builder, "--vp8-encoder=", config->video_vp8_encoder);
    add_text(builder, "--h264-encoder=", config->video_h264_encoder);
    if (g_strcmp0(config->video_pass_through, "no") == 0)
        g_strv_builder_add(builder, "--no-pass-through");
}

/* The bridge's arguments: the settings of the media, then the operator's own, which win. */
static char **describe_media(const struct config *config)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *max_decoded = g_strdup_printf("--max-decoded=%u", config->max_decoded);
    g_autofree char *loudness = g_strdup_printf("--loudness=%d", config->loudness_lufs);
    g_autofree char *gain_max = g_strdup_printf("--gain-max=%u", config->gain_max_db);
    g_strv_builder_add_many(builder, max_decoded, loudness, gain_max, NULL);
    add_video(builder, config);
    if (config->bridge_arguments != NULL)
        g_strv_builder_addv(builder, (const char **)config->bridge_arguments);
    return g_strv_builder_end(builder);
}

bool media_link_start(struct service *service, GError **error)
{
    static const struct media_handlers handlers = {
        .candidate = on_candidate,
        .leg_state = on_leg_state,
        .leg_hint = on_leg_hint,
        .recording_started = on_recording_started,
        .recording_stopped = on_recording_stopped,
        .recording_failed = on_recording_failed,
        .leg_sound = on_leg_sound,
        .line_ended = on_line_ended,
        .lost = on_lost,
        .ready = on_ready,
    };
    const char *wanted = service->config->bridge_program;
    if (g_strcmp0(wanted, "none") == 0) {
        log_warning("without a bridge: there is no media");
        return true;
    }
    g_autofree char *program = wanted != NULL ? g_strdup(wanted) : find_bridge(error);
    if (program == NULL)
        return false;
    if (!g_file_test(program, G_FILE_TEST_IS_EXECUTABLE)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s is not a program", program);
        return false;
    }
    g_auto(GStrv) arguments = describe_media(service->config);
    struct media_config config = {
        .data_dir = service->config->data,
        .bridge_program = program,
        .bridge_arguments = (const char *const *)arguments,
        .network = media_network_for_bridge(service->config),
    };
    service->plane = media_plane_new(&config, &handlers, service);
    json_decref(config.network);
    attendance_set_media_plane(service->attendance, service->plane);
    hub_set_media_plane(service->hub, service->plane);
    return true;
}

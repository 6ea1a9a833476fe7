#include "signaling/http/alarms.h"

#include "common/clock.h"

#include <string.h>

static const char *const kinds[] = {"unasked", "howl"};

struct alarm {
    char *meeting, *site;
    const char *kind;
    int64_t since_us;
};

struct alarms {
    struct attendance *attendance;
    GPtrArray *active; /* of struct alarm; few */
};

static void alarm_free(void *data)
{
    struct alarm *alarm = data;
    g_free(alarm->meeting);
    g_free(alarm->site);
    g_free(alarm);
}

struct alarms *alarms_new(struct attendance *attendance)
{
    struct alarms *alarms = g_new0(struct alarms, 1);
    alarms->attendance = attendance;
    alarms->active = g_ptr_array_new_with_free_func(alarm_free);
    return alarms;
}

void alarms_free(struct alarms *alarms)
{
    if (alarms == NULL)
        return;
    g_ptr_array_unref(alarms->active);
    g_free(alarms);
}

static const char *find_kind(const char *state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i], state) == 0)
            return kinds[i];
    }
    return NULL;
}

static struct alarm *find(const struct alarms *alarms, const char *meeting, const char *site)
{
    for (unsigned i = 0; i < alarms->active->len; i++) {
        struct alarm *alarm = alarms->active->pdata[i];
        if (strcmp(alarm->meeting, meeting) == 0 && strcmp(alarm->site, site) == 0)
            return alarm;
    }
    return NULL;
}

static json_t *describe(const struct alarm *alarm, const char *kind)
{
    char since[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(alarm->since_us, since);
    return json_pack("{s:s, s:s, s:s}", "site", alarm->site, "kind", kind, "since", since);
}

static void tell(const struct alarms *alarms, const struct alarm *alarm, const char *kind)
{
    attendance_notify_operators(alarms->attendance, alarm->meeting, "media.alarm",
                                describe(alarm, kind));
}

static void end(struct alarms *alarms, struct alarm *alarm)
{
    alarm->since_us = clock_utc_us();
    tell(alarms, alarm, "ok");
    g_ptr_array_remove_fast(alarms->active, alarm);
}

void alarms_set(struct alarms *alarms, const char *meeting, const char *leg, const char *state)
{
    const char *kind = find_kind(state);
    struct alarm *alarm = find(alarms, meeting, leg);
    if (kind == NULL) {
        if (alarm != NULL && strcmp(state, "ok") == 0)
            end(alarms, alarm);
        return;
    }
    if (alarm == NULL) {
        alarm = g_new0(struct alarm, 1);
        alarm->meeting = g_strdup(meeting);
        alarm->site = g_strdup(leg);
        g_ptr_array_add(alarms->active, alarm);
    }
    alarm->kind = kind;
    alarm->since_us = clock_utc_us();
    tell(alarms, alarm, kind);
}

void alarms_clear(struct alarms *alarms)
{
    while (alarms->active->len > 0)
        end(alarms, alarms->active->pdata[alarms->active->len - 1]);
}

json_t *alarms_describe(const struct alarms *alarms, const char *meeting)
{
    json_t *described = json_array();
    for (unsigned i = 0; i < alarms->active->len; i++) {
        const struct alarm *alarm = alarms->active->pdata[i];
        if (meeting == NULL || strcmp(alarm->meeting, meeting) == 0)
            json_array_append_new(described, describe(alarm, alarm->kind));
    }
    return described;
}

unsigned alarms_count(const struct alarms *alarms, const char *kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < alarms->active->len; i++) {
        const struct alarm *alarm = alarms->active->pdata[i];
        count += strcmp(alarm->kind, kind) == 0;
    }
    return count;
}

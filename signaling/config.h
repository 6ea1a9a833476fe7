/* What the operator may set: `config/nhipcau.conf` is a commented example. A GKeyFile with the
 * sections [server], [bridge], [audio] and [limits]; a key that nobody knows or a value that does
 * not fit is refused with the file, the line, the section and the key.
 *
 * Thread: main. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct config {
    /* [server] */
    char *data;        /* directory, made with mode 0700 */
    char *listen;      /* "127.0.0.1:8443", "[::]:8443"; port 0: any free one */
    char *web;         /* directory of the web app; NULL: none */
    char *public_url;  /* "https://host[:port]" of the join links; NULL: what is listened on */
    char *certificate; /* PEM; NULL: <data>/tls/cert.pem, made at the first start */
    char *private_key; /* PEM; goes with `certificate` */

    /* [bridge] */
    char *bridge_program;    /* NULL: nhipcau-bridge beside this program; "none": no media */
    char **bridge_arguments; /* further ones, NULL-ended; or NULL */

    /* [audio] */
    /* Of pictures; NULL: the bridge's defaults. */
    char *video_renditions, *video_vp8_encoder, *video_h264_encoder, *video_pass_through;
    unsigned video_fps;
    unsigned max_decoded; /* speakers heard at once, the loudest of those who may speak */
    int loudness_lufs;    /* that every speaker is brought to */
    unsigned gain_max_db; /* at most so much louder */
    /* [media]; NULL: not said. http/media_network.h checks them. */
    char **media_addresses;
    char *media_public_address;
    char *media_ports;   /* "40000-49999" */
    char *media_ice;     /* "full", "lite" */
    char *media_ice_tcp; /* "yes", "no" */
    char *media_stun;    /* "host:port" */
    char *media_turn;    /* "host:port" */
    char *media_turn_secret;
    char *media_turn_for_bridge; /* "yes", "no" */

    /* [limits] */
    unsigned secret_memory_kib; /* argon2id, RFC 9106 */
    unsigned secret_passes;
    unsigned wrong_tries_per_minute; /* sign-in, of one address; as many at once */
    unsigned token_hours;
    unsigned frames_per_second; /* of one session */
    unsigned frames_burst;
    unsigned backlog_kib;       /* unsent, of one session */
    unsigned sessions;          /* open at once */
    unsigned silence_seconds;   /* until a silent session is closed; a third of it between pings */
    unsigned leg_grace_seconds; /* that a lost session's media stays */
    unsigned resume_seconds;    /* that rooms have to come back after a restart of this program */
};

struct config *config_new(void);
void config_free(struct config *config);

/* Reads `path` over what is set so far. */
bool config_load(struct config *config, const char *path, GError **error);

/* One key, as from a file; for command-line options. */
bool config_set(struct config *config, const char *section, const char *key, const char *value,
                GError **error);

/* What must fit together: a certificate with its key, a public URL that is one. */
bool config_check(const struct config *config, GError **error);

/* Splits `listen`; the address may be "localhost". */
bool config_parse_listen(const char *listen, char **address, unsigned *port, GError **error);

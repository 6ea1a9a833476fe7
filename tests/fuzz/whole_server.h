/* The whole server for fuzz targets: store, meetings, HTTP and WebSocket as `serve` has them, with
 * no bridge, no TLS and no port. Connections come in by socket pairs. Made at the first use, in a
 * folder that goes when the program ends.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

struct service *whole_server(void);

/* A new meeting with the chair's room chu-toa and the rooms hue and da-nang, ready to be opened.
 * Its id is a literal's copy: g_free(). */
char *whole_server_make_meeting(void);
/* A token good for a day; `account`, `site` or `meeting` NULL: none. g_free(). */
char *whole_server_token(const char *account, enum role role, const char *site,
                         const char *meeting);

/* Our end of a new connection; non-blocking. */
int whole_server_call(void);
/* Lets the server work until nothing more happens, with a bound. */
void whole_server_turn(void);

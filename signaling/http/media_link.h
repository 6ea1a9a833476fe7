/* The media plane's news, brought to the sessions and the journals that they concern.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

/* Starts the plane that the configuration names; service->plane stays NULL for "none". */
bool media_link_start(struct service *service, GError **error);

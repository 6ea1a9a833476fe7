/* The addresses of docs/protocol.md, "Signing in" and "Documents", and what answers them.
 *
 * Thread: main. */
#pragma once

#include "signaling/http/service.h"

struct visit {
    struct service *service;
    SoupServerMessage *message;
    const struct identity *identity; /* NULL on addresses that need no token */
    const char *meeting;             /* of the address; NULL */
    const char *rest;                /* of the address, after what the route names; "" */
    GHashTable *query;               /* of the address; NULL when it has none */
};

/* signin.c */
void visit_login(const struct visit *visit);
void visit_join(const struct visit *visit);

/* meetings.c */
void visit_meetings(const struct visit *visit);
void visit_create_meeting(const struct visit *visit);
void visit_create_link(const struct visit *visit);
void visit_connections(const struct visit *visit);
void visit_desks(const struct visit *visit);

/* documents.c: the reader may read, which routes.c has made sure of. */
void visit_minutes_json(const struct visit *visit);
void visit_minutes_html(const struct visit *visit);
void visit_minutes_docx(const struct visit *visit);
void visit_minutes_pdf(const struct visit *visit);
void visit_invitation(const struct visit *visit);
void visit_directives(const struct visit *visit);
void visit_journal(const struct visit *visit);
void visit_manifest(const struct visit *visit);
void visit_recording(const struct visit *visit);

/* readiness.c: of the rooms, in a rehearsal; not the server's own */
void visit_rooms_readiness(const struct visit *visit);
void visit_rooms_readiness_csv(const struct visit *visit);

/* access.c */
void visit_links(const struct visit *visit);
void visit_revoke_link(const struct visit *visit);
void visit_logout(const struct visit *visit);
void visit_tokens(const struct visit *visit);
void visit_revoke_token(const struct visit *visit);
void visit_accounts(const struct visit *visit);
void visit_put_account(const struct visit *visit);
void visit_remove_account(const struct visit *visit);

/* places.c */
void visit_places(const struct visit *visit);
void visit_roster(const struct visit *visit);

/* papers.c */
#define PAPER_BODY_MAX ((size_t)32 * 1024 * 1024)
void visit_add_paper(const struct visit *visit);
void visit_paper(const struct visit *visit);

/* health.c */
void visit_health(const struct visit *visit);
void visit_readiness(const struct visit *visit);
void visit_metrics(const struct visit *visit);

/* Takes every request that is not a WebSocket. */
void routes_attach(struct service *service);

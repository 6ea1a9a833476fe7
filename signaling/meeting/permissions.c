#include "signaling/meeting/state.h"

#include <string.h>

#define BIT(role) (1u << (role))
#define C         BIT(ROLE_CHAIR)
#define S         BIT(ROLE_SECRETARY)
#define O         BIT(ROLE_OPERATOR)
#define R         BIT(ROLE_SITE)
#define ANYONE    (C | S | O | R | BIT(ROLE_OBSERVER))
#define SYSTEM    BIT(ROLE_SYSTEM)

/* Who may do what: docs/protocol.md, "Commands and their events". `own` are the roles that may do
 * it to their own room or request only; the deciders look at whose it is. */
static const struct {
    const char *method;
    unsigned all, own;
} permissions[] = {
    /* clang-format off: a line each */
    {"meeting.create", O, 0},
    {"meeting.declare", C | S | O, 0},
    {"meeting.update", C | S | O, 0},
    {"meeting.rehearse", C | S | O, 0},
    {"meeting.prepare", C | S | O, 0},
    {"meeting.open", C | S | O, 0},
    {"meeting.pause", C | S | O, 0},
    {"meeting.resume", C | S | O, 0},
    {"meeting.close", C | S, 0},
    {"site.join", SYSTEM, 0},
    {"site.leave", SYSTEM, 0},
    {"site.admit", C | S | O, 0},
    {"roster.set", C | S | O, R},
    {"roster.approve", C | S, 0},
    {"invitation.mark", C | S | O, R},
    {"site.mute", C | O, R},
    {"site.unmute", C | O, R},
    {"site.remove", C | O, 0},
    {"floor.request", 0, R | C},
    {"floor.cancel", C | S, R},
    {"floor.accept", C | S, 0},
    {"floor.grant", C | S, 0},
    {"floor.extend", C | S, 0},
    {"floor.defer", C | S, 0},
    {"floor.deny", C | S, 0},
    {"floor.revoke", C | S | SYSTEM, 0},
    {"floor.release", C, R},
    {"floor.reorder", C | S, 0},
    {"floor.prepare", C | S | O, 0},
    {"floor.warn", SYSTEM, 0},
    {"opinion.submit", 0, R | C},
    {"paper.add", C | S | O, 0},
    {"consult.open", C | O, 0},
    {"consult.close", C | S | O, R},
    {"directive.issue", C | S, 0},
    {"directive.amend", C | S, 0},
    {"directive.withdraw", C | S, 0},
    {"minutes.note", C | S, 0},
    {"message.send", ANYONE, 0},
    {"vote.open", C | S, 0},
    {"vote.cast", 0, R | C},
    {"vote.close", C | S | SYSTEM, 0},
    {"rollcall.start", C | S | O, 0},
    {"rollcall.answer", C | S | O, R},
    {"rollcall.close", C | S | O, 0},
    {"agenda.set", C | S | O, 0},
    {"agenda.advance", C | S, 0},
    {"layout.set", C | O, 0},
    {"chair.delegate", C | S, 0},
    {"chair.recall", C | S, 0},
    {"chair.succeed", SYSTEM, 0},
    {"recording.started", SYSTEM, 0},
    {"recording.stopped", SYSTEM, 0},
    {"bridge.lost", SYSTEM, 0},
    {"bridge.restored", SYSTEM, 0},
    /* clang-format on */
};

void permissions_foreach(void (*visit)(const char *method, enum role role, bool own_only,
                                       void *arg),
                         void *arg)
{
    for (size_t i = 0; i < G_N_ELEMENTS(permissions); i++) {
        for (enum role role = ROLE_SYSTEM; role <= ROLE_OBSERVER; role++) {
            if ((permissions[i].all & BIT(role)) != 0)
                visit(permissions[i].method, role, false, arg);
            else if ((permissions[i].own & BIT(role)) != 0)
                visit(permissions[i].method, role, true, arg);
        }
    }
}

bool permission_given(struct draft *draft)
{
    const struct actor *actor = &draft->command->actor;
    unsigned bit = BIT(draft->role);
    for (size_t i = 0; i < G_N_ELEMENTS(permissions); i++) {
        if (strcmp(permissions[i].method, draft->command->method) != 0)
            continue;
        if ((permissions[i].all & bit) != 0 ||
            ((permissions[i].own & bit) != 0 && actor->site != NULL))
            return true;
        return draft_refuse(draft, 1001, "not-allowed", "the role %s may not do %s",
                            role_name(actor->role), draft->command->method);
    }
    return draft_refuse(draft, -32601, "no-such-method", "there is no method of this name");
}

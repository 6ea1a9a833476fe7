/* The floor: two who grant at the same time from what they last saw, rooms that ask and give back,
 * and a server that may be killed between any two of its steps: signaling/hub.c,
 * signaling/meeting/floor.c.
 *
 * The server takes one command at a time: it decides, makes the decision durable, then folds it
 * into its state, then answers. Killed, it starts again from the journal, and whoever waited for an
 * answer does not know what became of his command; he may send it again. */
#define ROOMS 3
#ifndef FLOORS
#define FLOORS 1
#endif
#define ROOM   2 /* one who commands: a room; 0 and 1 grant */

mtype = { ASK, GRANT, END };        /* commands */
mtype = { NONE, ACCEPTED, GRANTED }; /* a room's request */

mtype request[ROOMS] = NONE;  /* the server's state */
mtype journal[ROOMS] = NONE;  /* what is durable */
bool is_told[ROOMS];          /* somebody was told that the room has the floor */
bool waits[3];                /* for an answer */
bool is_busy = false;         /* the server, with a command */
chan commands = [0] of { mtype, byte, byte };

#define held_of(state) ((state[0] == GRANTED) + (state[1] == GRANTED) + (state[2] == GRANTED))

#define may(command, r)                                                                            \
    ((command == ASK && request[r] == NONE) ||                                                     \
     (command == GRANT && request[r] == ACCEPTED && held_of(request) < FLOORS) ||                  \
     (command == END && request[r] == GRANTED))

#define after(command) (command == ASK -> ACCEPTED : (command == GRANT -> GRANTED : NONE))

active proctype server()
{
    mtype command;
    byte r, who;
take:
    skip;
    d_step { is_busy = false; command = 0; r = 0; who = 0 }
    if
    :: atomic { commands ? command, r, who -> is_busy = true; waits[who] = true }
    :: true -> goto killed
    fi;
    if
    :: !may(command, r) -> goto answer
    :: may(command, r) -> skip
    :: true -> goto killed
    fi;
    atomic {
        journal[r] = after(command);
        /* A floor that is being taken back is nobody's from here on. */
        if
        :: command == END -> is_told[r] = false
        :: else -> skip
        fi
    }
    if
    :: request[r] = after(command)
    :: true -> goto killed
    fi;
    if
    :: atomic { command == GRANT -> is_told[r] = true }
    :: command != GRANT -> skip
    :: true -> goto killed
    fi;
answer:
    waits[who] = false;
    goto take;
killed:
    skip;
    d_step {
        request[0] = journal[0];
        request[1] = journal[1];
        request[2] = journal[2];
        waits[0] = false;
        waits[1] = false;
        waits[2] = false
    }
    goto take
}

/* From what he saw, which may be old; without an answer he tries again. */
proctype granter(byte own)
{
    do
    :: if
       :: commands ! GRANT, 0, own
       :: commands ! GRANT, 1, own
       :: commands ! GRANT, 2, own
       :: commands ! END, 0, own
       :: commands ! END, 1, own
       fi;
       !waits[own]
    od
}

/* Rooms with lines that are lost and come back: they say anything at any time, or nothing. */
proctype rooms()
{
    do
    :: commands ! ASK, 0, ROOM
    :: commands ! ASK, 1, ROOM
    :: commands ! ASK, 2, ROOM
    :: commands ! END, 0, ROOM
    :: commands ! END, 1, ROOM
    :: commands ! END, 2, ROOM
    od
}

init {
    atomic {
        run granter(0);
        run granter(1);
        run rooms()
    }
}

/* Never more than the limit, in the state nor on the disk. */
ltl limit { [] (held_of(request) <= FLOORS && held_of(journal) <= FLOORS) }
/* What somebody was told survives whatever is killed. */
ltl durable {
    [] ((is_told[0] -> journal[0] == GRANTED) && (is_told[1] -> journal[1] == GRANTED) &&
        (is_told[2] -> journal[2] == GRANTED))
}
/* Between commands the state is what the journal says. */
ltl equal {
    [] (!is_busy -> (request[0] == journal[0] && request[1] == journal[1] &&
                     request[2] == journal[2]))
}
/* Nobody waits for ever. */
ltl answered { [] (waits[0] -> <> !waits[0]) }

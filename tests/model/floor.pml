/* The floor: two who grant at the same time, rooms that ask, give back, are stopped and lose their
 * line, and a server that is restarted from its journal at any moment: signaling/meeting/floor.c.
 *
 * A command is decided and applied in one step, since one thread does it; what the two who grant
 * know may be old by then, which is what the model is about. */
#define ROOMS  3
#define FLOORS 1

mtype = { NONE, ACCEPTED, GRANTED };
mtype request[ROOMS] = NONE;   /* the server's state */
mtype journal[ROOMS] = NONE;   /* what is durable */
bool here[ROOMS] = true;
byte held = 0;
bool was_acknowledged[ROOMS];  /* a grant that somebody was told of */

#define room_holds(r) (request[r] == GRANTED)

inline set(r, value)
{
    journal[r] = value;        /* first durable, then true, then told */
    request[r] = value
}

inline ask(r)
{
    atomic { request[r] == NONE -> set(r, ACCEPTED) }
}

/* decide: in the queue, and a floor is free; else refused. */
inline grant(r)
{
    atomic {
        if
        :: request[r] == ACCEPTED && held < FLOORS ->
            set(r, GRANTED);
            held++;
            was_acknowledged[r] = true
        :: else -> skip
        fi
    }
}

inline end(r)
{
    atomic {
        if
        :: request[r] == GRANTED -> set(r, NONE); held--; was_acknowledged[r] = false
        :: else -> skip
        fi
    }
}

proctype granter()
{
    byte seen;
    do
    :: select(seen : 0 .. 2);
       if
       :: request[seen] == ACCEPTED -> grant(seen)  /* another may have been granted since */
       :: request[seen] == GRANTED -> end(seen)
       :: else -> skip
       fi
    od
}

proctype room(byte own)
{
    do
    :: ask(own)
    :: request[own] == GRANTED -> end(own)
    :: atomic { here[own] -> here[own] = false }    /* the line is lost: the place stays */
    :: atomic { !here[own] -> here[own] = true }
    od
}

proctype restarts()
{
    byte r;
    do
    :: atomic {
           held = 0;
           for (r : 0 .. 2) {
               request[r] = journal[r];
               if
               :: request[r] == GRANTED -> held++
               :: else -> skip
               fi
           }
       }
    od
}

init {
    atomic {
        run granter();
        run granter();
        run room(0);
        run room(1);
        run room(2);
        run restarts()
    }
}

#define holders (room_holds(0) + room_holds(1) + room_holds(2))

ltl one_holder { [] (holders <= FLOORS) }
ltl counted { [] (holders == held) }
/* What was acknowledged survives every restart. */
ltl durable { [] ((was_acknowledged[0] -> room_holds(0)) && (was_acknowledged[1] -> room_holds(1)) &&
                  (was_acknowledged[2] -> room_holds(2))) }

/* Who is in charge of an open meeting: the rules of signaling/meeting/succession.c and chair.c, with
 * rooms that come and go in every order. Checked in every state that can be reached.
 *
 * Rooms: 0 the chair, 1 the co-chair, 2 and 3 deputies in their order, 4 a room that the chair may
 * lend its powers to. The secretary is always there to stand in. */
#define ROOMS     5
#define CHAIR     0
#define DELEGATE  4
#define NOBODY    9
#define SECRETARY 8

bool here[ROOMS];
byte acting = NOBODY;
bool is_lent = false;

#define stands_in (acting == SECRETARY || (acting < ROOMS && here[acting]))
#define is_led    (here[CHAIR] || (is_lent && here[DELEGATE]))
#define in_charge (is_led || stands_in)
/* chair.succeed falls due: chair_lost_seconds have passed. */
#define is_due    (!in_charge)

inline choose_successor()
{
    if
    :: here[1] -> acting = 1
    :: !here[1] && here[2] -> acting = 2
    :: !here[1] && !here[2] && here[3] -> acting = 3
    :: else -> acting = SECRETARY
    fi
}

inline join(room)
{
    atomic {
        here[room] = true;
        if
        :: room == CHAIR && acting != NOBODY -> acting = NOBODY
        :: room >= 1 && room <= 3 && acting == SECRETARY -> acting = room
        :: else -> skip
        fi
    }
}

/* site.join, site.leave; site.remove takes lent powers away first. */
active proctype rooms()
{
    byte room;
    do
    :: select(room : 0 .. 4);
       if
       :: !here[room] -> join(room)
       :: here[room] -> atomic { here[room] = false }
       :: here[room] -> atomic {
              here[room] = false;
              if
              :: room == DELEGATE -> is_lent = false
              :: else -> skip
              fi
          }
       fi
    od
}

/* chair.delegate and chair.recall: by the chair, and by the secretary, who is always there. */
active proctype lenders()
{
    do
    :: atomic { !is_lent -> is_lent = true }
    :: atomic { is_lent -> is_lent = false }
    od
}

active proctype clock()
{
    do
    :: atomic { is_due -> choose_successor() }
    od
}

/* The chair's return ends every standing in. */
ltl returns { [] (here[CHAIR] -> acting == NOBODY) }
/* Whoever is lost, somebody is in charge again. */
ltl charge { [] (!in_charge -> <> in_charge) }
/* The secretary yields to a deputy who is there, and nobody stands in beside another. */
ltl yields { [] (acting == SECRETARY -> (!here[1] && !here[2] && !here[3])) }

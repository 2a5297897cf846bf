/* The ledger of shims/session/books.cpp, checked with spin: every interleaving of its single reads and compare-and-swaps,
 * with a crash possible behind each of them.
 *
 *   Worker   takes a slot, reserves and gives back, and may die anywhere; its slot is then taken by the next one
 *   Reaper   gives back what the dead were charged, and may die (start again) anywhere, too
 *
 * A word is (total, slot, difference, number) and changes in one step, as cmpxchg16b does it. Records are (charge, number).
 * What is not modelled: the width of the numbers (43 bits there, a byte here, no wrap within a run).
 *
 *   model.sh runs it:                              errors: 0
 *   -DBROKEN=1   a reservation does not help before it counts     -> errors
 *   -DBROKEN=2   a reaper asks who is dead before it reads the word -> errors
 *   -DBROKEN=3   record and total are changed one after the other, without the operation in the word -> errors
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define SLOTS 2
#define LIMIT 3
#ifndef LIVES
#define LIVES 2  /* workers that are ever started in slot 0; in slot 1 it is one */
#endif
#ifndef ROUNDS
#define ROUNDS 1 /* operations of one worker */
#endif

typedef Word { byte total; byte slot; short difference; byte number };
typedef Record { short charge; byte number };

Word word;
Record record[SLOTS];

bool locked[SLOTS]; /* the kernel's lock: held by the living only */
byte lives[SLOTS];
/* What each slot's living owner has been granted and not yet begun to give back: not in the program, for the checks. */
byte held[SLOTS];
byte ended;

#define pending (word.number == record[word.slot].number + 1)
#define sum (record[0].charge + record[1].charge)
#define exact (word.total == sum + (pending -> word.difference : 0))

inline check() {
  assert(word.total <= LIMIT);
  assert(exact);
  assert(record[0].charge >= 0 && record[1].charge >= 0);
  assert(held[0] + held[1] <= LIMIT)
}

/* help(): one load of the record, one compare-and-swap of it. `w` and `r` are the caller's own. */
inline help() {
  d_step { r.charge = record[w.slot].charge; r.number = record[w.slot].number };
  if
  :: (w.number == r.number + 1) ->
     d_step {
       if
       :: (record[w.slot].charge == r.charge && record[w.slot].number == r.number) ->
          record[w.slot].charge = r.charge + w.difference;
          record[w.slot].number = w.number
       :: else
       fi;
       check()
     }
  :: else
  fi
}

inline read_word() {
  d_step { w.total = word.total; w.slot = word.slot; w.difference = word.difference; w.number = word.number }
}

/* The number that the next operation of slot s will have, and what s is charged: read by plain loads, one after the other. */
inline read_record(s) {
  charge = record[s].charge;
  number = record[s].number
}

inline swap_word(s, change, gain) {
  d_step {
    if
    :: (word.total == w.total && word.slot == w.slot && word.difference == w.difference && word.number == w.number) ->
#if BROKEN == 3
       word.total = w.total + (change);
       word.slot = s;
#else
       word.total = w.total + (change);
       word.slot = s;
       word.difference = change;
       word.number = number + 1;
#endif
       held[s] = held[s] + (gain);
       swapped = true
    :: else -> swapped = false
    fi;
    w.total = word.total; w.slot = word.slot; w.difference = word.difference; w.number = word.number;
    check()
  }
}

/* What a process will not look at again must not tell its states apart. */
inline forget() {
  d_step {
    w.total = 0; w.slot = 0; w.difference = 0; w.number = 0; r.charge = 0; r.number = 0;
    charge = 0; number = 0; swapped = false
  }
}

/* Dead: the lock falls, everything else stays as it is. */
#define MAY_DIE if :: goto dead :: skip fi

proctype Worker(byte s) {
  Word w;
  Record r;
  short charge;
  byte number, round, want;
  bool swapped;

life: skip;
  /* The lock was taken; what the last owner was charged is given back, by the one who may be sure that he is dead. */
  do
  :: read_word();
     help();
     MAY_DIE;
     read_record(s);
     if
     :: (charge == 0) -> break
     :: else -> swap_word(s, -charge, 0);
        if
        :: swapped -> MAY_DIE; help()
        :: else
        fi
     fi
  od;
  forget();
  round = 0;
  do
  :: (round < ROUNDS && held[s] == 0) ->
     if :: want = 1 :: want = 2 fi;
     do
     :: read_word();
        if
        :: (w.total + want > LIMIT) -> break
        :: else
        fi;
#if BROKEN != 1
        help();
#endif
        MAY_DIE;
        read_record(s);
        swap_word(s, want, want);
        if
        :: swapped -> MAY_DIE; help(); break
        :: else
        fi
     od;
     forget();
     round++;
     MAY_DIE
  :: (round < ROUNDS && held[s] > 0) ->
     want = held[s];
     held[s] = 0; /* from here on the program makes no use of it */
     do
     :: read_word();
        help();
        MAY_DIE;
        read_record(s);
        assert(charge >= want); /* nobody but we ourselves can take it */
        swap_word(s, -want, 0);
        if
        :: swapped -> MAY_DIE; help(); break
        :: else
        fi
     od;
     forget();
     round++;
     MAY_DIE
  :: (round == ROUNDS) -> break
  od;

dead:
  forget();
  d_step {
    want = 0; round = 0;
    held[s] = 0;
    locked[s] = false;
    lives[s]++
  };
  if
  :: (s == 0 && lives[s] < LIVES) -> d_step { locked[s] = true; round = 0 }; goto life
  :: true -> ended++ /* the slot stays as it was left */
  fi
}

proctype Reaper() {
  Word w;
  Record r;
  short charge;
  byte number, s;
  bool swapped, is_dead;

  do
  :: if :: s = 0 :: s = 1 fi;
#if BROKEN == 2
     is_dead = !locked[s];
#endif
     read_word();
     help();
     if :: skip :: goto again fi; /* a reaper that dies is the next one */
     read_record(s);
#if BROKEN != 2
     is_dead = !locked[s];
#endif
     if
     :: (charge > 0 && is_dead) ->
        swap_word(s, -charge, 0);
        if
        :: swapped -> if :: help() :: skip fi
        :: else
        fi
     :: else
     fi;
again:
     forget();
     is_dead = false
  :: (ended == SLOTS && sum == 0 && word.total == 0) -> break
  od
}

init {
  atomic {
    locked[0] = true;
    locked[1] = true;
    run Worker(0);
    run Worker(1);
    run Reaper()
  };
  /* When all have ended the reaper must be able to bring it back to nothing: spin reports an end state that is none. */
  (_nr_pr == 1);
  assert(word.total == 0 && sum == 0)
}

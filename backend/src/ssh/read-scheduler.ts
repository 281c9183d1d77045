// Schedules reads: servers that send at full speed share some milliseconds of each turn of the event loop.

/** Milliseconds of work on what all servers together send, in one turn of the event loop. */
const MAX_TURN_MS = 10;

export type ReadScheduler = {
  /**
   * Calls `readPiece` until nothing is left: immediately while this turn has time, else in later ones, in rotation with others.
   * @param readPiece some milliseconds of work that throws nothing
   */
  read(readPiece: () => boolean): void;
};

export function createReadScheduler(): ReadScheduler {
  const waiting = new Set<() => boolean>();
  let workedMs = 0;
  let isTurnEnding = false;

  function work(): void {
    if (!isTurnEnding) {
      isTurnEnding = true;
      setImmediate(nextTurn);
    }
    for (const readPiece of waiting) {
      if (workedMs >= MAX_TURN_MS) return;
      waiting.delete(readPiece);
      const startedAt = performance.now();
      // Behind the others, which this loop meets first.
      if (readPiece()) waiting.add(readPiece);
      workedMs += performance.now() - startedAt;
    }
  }

  function nextTurn(): void {
    isTurnEnding = false;
    workedMs = 0;
    if (waiting.size > 0) work();
  }

  return {
    read(readPiece) {
      waiting.add(readPiece);
      work();
    },
  };
}

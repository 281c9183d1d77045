// Schedules work for all servers: what they send, and what is sent to them in many packets, shares some milliseconds of each turn of the event loop.

/** Milliseconds of work for all servers together in one turn of the event loop. */
const MAX_TURN_MS = 10;

/** Some milliseconds of work that throws nothing; true when more of it is left. */
export type Piece = () => boolean;

export type TurnScheduler = {
  /** Calls `piece` until nothing is left: immediately while this turn has time, else in later ones, in rotation with others. */
  run(piece: Piece): void;
  /** The same, but not before its caller is done. */
  runLater(piece: Piece): void;
};

export function createTurnScheduler(): TurnScheduler {
  const waiting = new Set<Piece>();
  let workedMs = 0;
  let isTurnEnding = false;

  function endTurn(): void {
    if (isTurnEnding) return;
    isTurnEnding = true;
    setImmediate(nextTurn);
  }

  function work(): void {
    endTurn();
    for (const piece of waiting) {
      if (workedMs >= MAX_TURN_MS) return;
      waiting.delete(piece);
      const startedAt = performance.now();
      // Behind the others, which this loop meets first.
      if (piece()) waiting.add(piece);
      workedMs += performance.now() - startedAt;
    }
  }

  function nextTurn(): void {
    isTurnEnding = false;
    workedMs = 0;
    if (waiting.size > 0) work();
  }

  return {
    run(piece) {
      waiting.add(piece);
      work();
    },
    runLater(piece) {
      waiting.add(piece);
      endTurn();
    },
  };
}

// Closes the connections of a Control UI session when it ends; checks each second.
import type { Clock } from '../../lib/clock.ts';

/** Milliseconds between two checks whether the session is still valid. */
const RECHECK_MS = 1_000;

/**
 * @param stillAdmitted rejects when the session has ended
 * @param onOver called once at most, with the reason, also when the question itself fails
 * @returns ends the watch
 */
export function watchControlUiSession(
  clock: Clock,
  stillAdmitted: () => Promise<unknown>,
  onOver: (reason: unknown) => void,
): () => void {
  let isWatched = true;
  let stopTimer = () => {};
  const askLater = (): void => {
    stopTimer = clock.after(RECHECK_MS, () => {
      stillAdmitted().then(
        () => isWatched && askLater(),
        (reason: unknown) => isWatched && onOver(reason),
      );
    });
  };
  askLater();
  return () => {
    isWatched = false;
    stopTimer();
  };
}

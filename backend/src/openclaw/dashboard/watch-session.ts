// What a visit has open ends with the visit: asked each second while it lasts.
import type { Clock } from '../../lib/clock.ts';

/** Milliseconds between two looks at whether the visit still holds. */
const RECHECK_MS = 1_000;

/**
 * @param stillAdmitted rejects when the visit is over
 * @param onOver called once at most, with the reason, also when the question itself fails
 * @returns ends the watch
 */
export function watchVisit(
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

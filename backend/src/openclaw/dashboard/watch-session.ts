// Closes the connections of a Control UI session when it ends; asks each second, once for all that is open of a session.
import type { Clock } from '../../lib/clock.ts';

/** Milliseconds between two checks whether the session is still valid. */
const RECHECK_MS = 1_000;

export function createSessionWatches(clock: Clock) {
  type Watched = { onOver(reason: unknown): void };
  /** Session → what is open of it. */
  const sessions = new Map<string, { watched: Set<Watched>; stop(): void }>();

  function begin(key: string, stillAdmitted: () => Promise<unknown>) {
    const watched = new Set<Watched>();
    const session = { watched, stop: () => {} };
    const askLater = (): void => {
      session.stop = clock.after(RECHECK_MS, () => {
        stillAdmitted().then(
          () => watched.size > 0 && askLater(),
          (reason: unknown) => {
            if (sessions.get(key) === session) sessions.delete(key);
            for (const one of watched) one.onOver(reason);
          },
        );
      });
    };
    askLater();
    sessions.set(key, session);
    return session;
  }

  return {
    /**
     * @param key the same for everything of one session
     * @param stillAdmitted rejects when the session has ended
     * @param onOver called once at most, with the reason, also when the question itself fails
     * @returns ends the watch
     */
    watch(key: string, stillAdmitted: () => Promise<unknown>, onOver: (reason: unknown) => void): () => void {
      const session = sessions.get(key) ?? begin(key, stillAdmitted);
      const one = { onOver };
      session.watched.add(one);
      return () => {
        session.watched.delete(one);
        if (session.watched.size > 0 || sessions.get(key) !== session) return;
        session.stop();
        sessions.delete(key);
      };
    },
  };
}

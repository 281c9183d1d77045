// Serializes work on the config of a server, in order of arrival.

export type ServerLocks = {
  /** Runs `work` when the earlier ones have ended, with or without an error. */
  take<T>(serverId: string, work: () => Promise<T>): Promise<T>;
  isTaken(serverId: string): boolean;
};

export function createServerLocks(): ServerLocks {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(serverId, work) {
      const turn = (last.get(serverId) ?? Promise.resolve()).then(work, work);
      last.set(serverId, turn);
      const leave = () => {
        if (last.get(serverId) === turn) last.delete(serverId);
      };
      turn.then(leave, leave);
      return turn;
    },
    isTaken: (serverId) => last.has(serverId),
  };
}

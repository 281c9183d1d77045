// Serializes work on the config of a server, in order of arrival.

export type ServerLocks = {
  /** Runs `work` when the earlier ones have ended, with or without an error. */
  run<T>(serverId: string, work: () => Promise<T>): Promise<T>;
  isTaken(serverId: string): boolean;
};

export function createServerLocks(): ServerLocks {
  const last = new Map<string, Promise<unknown>>();
  return {
    run(serverId, work) {
      const running = (last.get(serverId) ?? Promise.resolve()).then(work, work);
      last.set(serverId, running);
      const leave = () => {
        if (last.get(serverId) === running) last.delete(serverId);
      };
      running.then(leave, leave);
      return running;
    },
    isTaken: (serverId) => last.has(serverId),
  };
}

// A delay between two attempts that can be cut short.

export type Pause = {
  /** Resolves after `ms`, when `end` is called, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Ends the pause that is under way, if there is one. */
  end(): void;
};

export function createPause(): Pause {
  let end = () => {};
  return {
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener('abort', done, { once: true });
        end = done;
      }),
    end: () => end(),
  };
}

// Runs OpenClaw's command once for all who ask the same at a time, and keeps what it answered for a while.
import { type Clock, isoTime } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { createBoundedCache } from './bounded-cache.ts';

export type CommandAnswer = {
  value: unknown;
  observedAt: string;
  /** False where it was dropped before it came: what is newer may be known by now. */
  isCurrent: boolean;
};

/** UTF-16 units of JSON; a longer answer goes to those who wait for it, and is not kept. */
const MAX_KEPT_LENGTH = 1024 * 1024;

export type CommandAnswers = {
  /**
   * The last answer where it is not older than `holdsMs`, else that of `run`, which continues when its callers leave, so that the next one has it.
   * @param onAnswer gets what `run` gave, unless it was dropped meanwhile
   */
  ask(
    serverId: string,
    what: string,
    work: {
      holdsMs: number;
      run: () => Promise<unknown>;
      onAnswer?: (answer: { value: unknown; observedAt: string; text: string }) => Promise<void>;
    },
  ): Promise<CommandAnswer>;
  /** Drops what was answered, and the answers of commands that still run. */
  forget(serverId: string): void;
};

export function createCommandAnswers({
  limits,
  clock,
}: {
  limits: Parameters<typeof createBoundedCache>[0];
  clock: Clock;
}): CommandAnswers {
  const kept = createBoundedCache(limits);
  /** Commands that run or wait until they may: `cli` runs two at a time on a server. */
  const running = new Map<string, Promise<CommandAnswer>>();
  const myTurn = createOneATurn();

  return {
    async ask(serverId, what, { holdsMs, run, onAnswer }) {
      const name = `${serverId} ${what}`;
      // What is kept is parsed for each caller.
      await myTurn();
      const before = running.get(name);
      if (before !== undefined) return before;
      const known = kept.find(serverId, what);
      if (known !== null && clock.now() - Date.parse(known.observedAt) < holdsMs)
        return { ...known, isCurrent: true };
      const answering: Promise<CommandAnswer> = Promise.resolve().then(async () => {
        const value = await run();
        const observedAt = isoTime(clock.now());
        const isCurrent = running.get(name) === answering;
        if (isCurrent) {
          const text = JSON.stringify(value);
          if (text.length <= MAX_KEPT_LENGTH) kept.put(serverId, what, { text, observedAt });
          await onAnswer?.({ value, observedAt, text });
        }
        return { value, observedAt, isCurrent };
      });
      running.set(name, answering);
      const end = () => {
        if (running.get(name) === answering) running.delete(name);
      };
      answering.then(end, end);
      return answering;
    },

    forget(serverId) {
      for (const name of running.keys()) if (name.startsWith(`${serverId} `)) running.delete(name);
      kept.forget(serverId);
    },
  };
}

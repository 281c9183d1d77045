// Masked keys: only OpenClaw's command shows parts of them, and takes seconds, so its answer is cached.
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import { boundedArray, firstOf, nameText, wordText } from '../reads/bounded.ts';
import { createBoundedCache } from '../reads/bounded-cache.ts';

/** `models status --json` of 2026.9.6 and 2026.7.35: `anthropic:manual=sk-ant-a...7890abcd`, short ones `sk...ke`. */
export const modelsStatus = z.looseObject({
  auth: z.looseObject({
    providers: boundedArray(
      z.looseObject({
        provider: wordText,
        /** `profiles`, `models.json` or `env`, and where: a file, or the masked key. */
        effective: z
          .looseObject({ kind: z.string().catch(''), detail: z.string().catch('') })
          .nullish()
          .catch(null),
        profiles: z
          .looseObject({ labels: firstOf(nameText, 20).catch([]) })
          .nullish()
          .catch(null),
        modelsJson: z.looseObject({ value: z.string().nullish() }).nullish().catch(null),
        env: z.looseObject({ value: z.string().nullish() }).nullish().catch(null),
      }),
      300,
    ),
  }),
});

/** Milliseconds for which the command's answer is cached; a change through Buoy clears it. */
const KEEP_MS = 600_000;
/** Masks of agents, over all servers and of one, and their JSON altogether (UTF-16 units): a gateway may make up any number of agents. */
const MAX_KEPT = {
  ...{ answers: 5_000, length: 4 * 1024 * 1024 },
  ofServer: { answers: 100, length: 128 * 1024 },
};
/** Milliseconds of one run on a busy host. */
const COMMAND_MS = 30_000;
/** Letters that show at the end, of a key that is long enough to lose them. */
const SHOWN = 4;
const MIN_HIDDEN = 12;

/** Provider → masked key. */
type KeyMasks = ReadonlyMap<string, string>;

export function createKeyMasks({ cli, gateways, clock }: { cli: Cli; gateways: Gateways; clock: Clock }) {
  const kept = createBoundedCache(MAX_KEPT);
  /** Commands that are running or wait until they may: `cli` runs two at a time on a server. */
  const running = new Map<string, Promise<KeyMasks>>();
  const forget = (serverId: string) => {
    for (const name of [...running.keys()].filter((key) => key.startsWith(`${serverId} `)))
      running.delete(name);
    kept.forget(serverId);
  };
  gateways.onStateChange((serverId, state) => {
    if (state === 'reset') forget(serverId);
  });

  /** One run for concurrent callers. */
  function ask(serverId: string, agentId: string): Promise<KeyMasks> {
    const name = `${serverId} ${agentId}`;
    const before = running.get(name);
    if (before !== undefined) return before;
    const end = () => {
      if (running.get(name) === asking) running.delete(name);
    };
    const asking: Promise<KeyMasks> = cli
      .json(serverId, ['models', 'status', '--agent', agentId, '--json'], modelsStatus, {
        deadlineMs: COMMAND_MS,
      })
      .then((status) => {
        const masks = masksIn(status);
        const text = JSON.stringify([...masks]);
        // Forgotten in the meantime: the keys have changed, or the server is another host.
        if (running.get(name) === asking)
          kept.put(serverId, agentId, { text, observedAt: isoTime(clock.now()) });
        return masks;
      });
    running.set(name, asking);
    asking.then(end, end);
    return asking;
  }

  return {
    /** What the command shows; nothing when it fails. */
    async of(serverId: string, agentId: string): Promise<KeyMasks> {
      const known = kept.find(serverId, agentId);
      if (known !== null && clock.now() - Date.parse(known.observedAt) < KEEP_MS)
        return new Map(known.value as Array<[string, string]>);
      try {
        return await ask(serverId, agentId);
      } catch (error) {
        if (isAppError(error)) return new Map();
        throw error;
      }
    },
    forget,
  };
}

/** A key as people see it: `sk-…abcd`. */
export function masked(key: string): string {
  const start = /^[A-Za-z]{2,3}-/.exec(key)?.[0] ?? '';
  return key.length < MIN_HIDDEN + SHOWN + start.length ? '…' : `${start}…${key.slice(-SHOWN)}`;
}

export function masksIn(status: z.output<typeof modelsStatus>): KeyMasks {
  return new Map(
    status.auth.providers.flatMap(({ provider, profiles, modelsJson, env }) => {
      const [label] = profiles?.labels ?? [];
      const shown =
        label === undefined ? (modelsJson?.value ?? env?.value) : label.slice(label.indexOf('=') + 1);
      return shown == null ? [] : [[provider, maskedAgain(shown)] as const];
    }),
  );
}

/** OpenClaw shows eight letters on both sides of a long key, two of a short one. */
function maskedAgain(shown: string): string {
  const [, start, end] = /^(.{8})\.\.\.(.{8})$/.exec(shown) ?? [];
  if (start === undefined || end === undefined) return '…';
  return `${/^[A-Za-z]{2,3}-/.exec(start)?.[0] ?? ''}…${end.slice(-SHOWN)}`;
}

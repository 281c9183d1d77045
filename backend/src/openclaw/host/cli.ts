// OpenClaw's own command on the host, for when its gateway does not answer: each run costs seconds of CPU and 200 to 600 MB.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createFairSlots, type FairSlots } from '../../lib/fair-slots.ts';
import { redactText } from '../../lib/redact.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { CallOptions, ExecResult, Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { listedTooMany } from '../gateway/failures.ts';
import { parseJson } from '../gateway/json-limits.ts';
import { exceededBound } from '../reads/bounded.ts';
import type { Installations } from './installation.ts';
import { cliScript } from './scripts.ts';

export type Cli = {
  /**
   * Runs `openclaw` with `words` and parses what it prints to standard output as JSON; two at a time on a host, the others wait. Commands take
   * turns: who asks is not known here, since several may share a run, and no command waits behind all runs of another.
   * Throws `not_installed`, `queue_full`, `deadline` (waiting included), `bad_gateway` when the command fails or its output is not understood.
   */
  json<S extends z.ZodType>(
    serverId: string,
    words: readonly string[],
    schema: S,
    options: CallOptions,
  ): Promise<z.output<S>>;
  /** The same for commands that print no JSON; the caller checks the exit code. Throws `not_installed`, `queue_full`, `deadline`. */
  run(serverId: string, words: readonly string[], options: CallOptions): Promise<ExecResult>;
};

const MAX_AT_ONCE = 2;
/** Runs of the same command that run or wait on a host, whatever the words behind it: more would wait for longer than anybody does. */
const MAX_OF_COMMAND = 8;
/** Seconds after the deadline of its caller for a command to end by itself, where Buoy is gone. */
const END_AFTER_S = 5;
/** Bytes: the largest list, of skills, has 40 KB; 100 sessions some 100 KB. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export function createCli({
  ssh,
  installations,
  clock,
}: {
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'find'>;
  clock: Clock;
}): Cli {
  const hosts = new Map<string, { slots: FairSlots; callers: Map<string, number> }>();

  /** Counts a caller of that command on that host. @returns what ends it */
  function enter(serverId: string, command: string): { slots: FairSlots; leave: () => void } {
    const host = hosts.get(serverId) ?? {
      slots: createFairSlots({ limit: MAX_AT_ONCE }),
      callers: new Map(),
    };
    const { slots, callers } = host;
    const before = callers.get(command) ?? 0;
    if (before >= MAX_OF_COMMAND) throw tooMany(command);
    hosts.set(serverId, host);
    callers.set(command, before + 1);
    const leave = () => {
      const left = (callers.get(command) ?? 1) - 1;
      if (left > 0) callers.set(command, left);
      else callers.delete(command);
      if (callers.size === 0) hosts.delete(serverId);
    };
    return { slots, leave };
  }

  async function takeSlot(serverId: string, words: readonly string[], options: CallOptions) {
    const command = commandOf(words);
    const { slots, leave } = enter(serverId, command);
    const leaving = new AbortController();
    const turn = slots.acquire(command, leaving.signal);
    try {
      const giveBack = await withTimeout(turn, options, clock, deadlineError);
      return () => {
        giveBack();
        leave();
      };
    } catch (error) {
      leaving.abort();
      // Its turn came while it gave up: the next one takes it.
      turn.then(
        (giveBack) => giveBack(),
        () => undefined,
      );
      leave();
      throw error;
    }
  }

  async function run(
    serverId: string,
    words: readonly string[],
    { deadlineMs, signal }: CallOptions,
  ): Promise<ExecResult> {
    const endsAt = clock.now() + deadlineMs;
    const remaining = () => {
      const leftMs = endsAt - clock.now();
      if (leftMs <= 0) throw deadlineError(deadlineMs);
      return { deadlineMs: leftMs, signal };
    };
    const { installed, binaryPath, nodePath } = await installations.find(serverId, remaining());
    if (!installed || binaryPath === null)
      throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
        hint: 'Install it with the setup wizard.',
      });
    const leave = await takeSlot(serverId, words, remaining());
    try {
      const left = remaining();
      const seconds = Math.ceil(left.deadlineMs / 1_000) + END_AFTER_S;
      const script = `MAX_SECONDS=${seconds}\n${cliScript}`;
      return await ssh.script(serverId, script, [nodePath ?? binaryPath, binaryPath, ...words], {
        ...left,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
    } finally {
      leave();
    }
  }

  return {
    run,
    async json(serverId, words, schema, options) {
      const { exitCode, stdout } = await run(serverId, words, options);
      const answer = parseJson(stdout);
      // A failed command prints JSON as well, which could pass a loose schema.
      if (exitCode !== 0) throw failed(words, exitCode, answer);
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const bound = exceededBound(parsed.error);
      throw bound === null ? misunderstood(words) : listedTooMany("OpenClaw's command answered", bound);
    },
  };
}

const failure = z.looseObject({ error: z.looseObject({ message: z.string() }) });
/** Characters of OpenClaw's own words that are passed on. */
const MAX_WORDS = 300;

function failed(words: readonly string[], exitCode: number | null, answer: unknown): AppError {
  const said = failure.safeParse(answer).data?.error.message;
  return new AppError('bad_gateway', "OpenClaw's command failed on the server.", {
    hint: 'Try the command on the server.',
    details: {
      command: commandOf(words),
      exitCode,
      openclaw: said === undefined ? null : redactText(said.slice(0, MAX_WORDS)),
    },
  });
}

/** Without its arguments, which may be private. */
function commandOf(words: readonly string[]): string {
  return ['openclaw', ...words.slice(0, 2)].join(' ');
}

function tooMany(command: string): AppError {
  return new AppError('queue_full', `${MAX_OF_COMMAND} runs of "${command}" wait on this server already.`, {
    hint: 'Wait until they are done, then try again.',
  });
}

function misunderstood(words: readonly string[]): AppError {
  return new AppError('bad_gateway', `OpenClaw's command answered in a way that Buoy does not understand.`, {
    hint: 'Try the command on the server; this version of OpenClaw may be newer than Buoy.',
    details: { command: commandOf(words) },
  });
}

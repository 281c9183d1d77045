// Commands on a server that outlive the SSH connection and Buoy itself: started once, followed from the last known offset.
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { pause } from '../lib/pause.ts';
import { quote } from '../ssh/quote.ts';
import type { ExecResult, Ssh } from '../ssh/ssh.ts';
import { completeUtf8 } from './output-text.ts';
import { lastLine, type PollAnswer, parsePoll } from './poll-answer.ts';
import { cancelScript, pollScript, removeScript, startScript } from './remote-run-scripts.ts';
import { type RetryLimits, retryWhileUnreachable } from './retry-while-unreachable.ts';

/** Bytes of output in one poll: to mask its secrets takes up to 8 ms. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes of an answer: the chunk in hex, where the server has no base64, is three times as long. */
const MAX_POLL_BYTES = 256 * 1024;
/** Bytes that are fetched without a pause. */
const MAX_BURST_BYTES = 1024 * 1024;
/** Bytes of output that are fetched whole, more than is stored of a task. Behind them, each poll gets what is last then. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 4 * 1024;
/** Milliseconds between two polls: quick while output flows, slower while nothing happens; a setup has ten commands, and waits for the end of each. */
const POLL_MS = { min: 200, max: 750, growth: 1.5 };
/** Milliseconds from the claim of a run to its process; longer means that it was killed in between. */
const CLAIM_MS = 15_000;
/** Seconds for a cancelled command to end by itself before it is killed. */
const DEFAULT_KILL_GRACE_S = 10;

export type RemoteScript = {
  /** POSIX sh; runs in the login's home with nothing on standard input. Its output and errors are kept together. */
  script: string;
  /**
   * Variables of the script that its programs do not inherit, through a file of mode 600 that is gone when the script begins. Asked for
   * at each attempt, once the server is reached: when the server was moved meanwhile, they are gone.
   */
  secrets?: () => Promise<Readonly<Record<string, string>>>;
  /** Asked at each attempt, once the server is reached: rejects where the script must not begin any more. */
  beforeStart?: () => Promise<void>;
};

type Follow = RetryLimits & {
  /** Bytes of output that were delivered already. */
  offset: number;
  /**
   * Called with each new piece of output and the offset after it, in a turn of the event loop of its own; the next poll waits for it. Invalid
   * UTF-8 becomes U+FFFD. Of more than 16 MiB, pieces are left out.
   */
  onOutput(text: string, nextOffset: number): Promise<void> | void;
};

export type RemoteRuns = {
  /**
   * Starts `script` on the server, at most once for each `run` (see `runName`): calling it again is safe and changes nothing.
   * Waits out an unreachable server.
   */
  start(serverId: string, run: string, script: RemoteScript, patience: RetryLimits): Promise<void>;
  /**
   * Delivers output until the script has ended. Waits out an unreachable server. Throws `refused` when the script is gone
   * without an exit code (killed, or the server was rebooted), `not_found` when it was never started, `unreachable` or
   * `deadline` when the time is over; the script then still runs.
   */
  follow(serverId: string, run: string, follow: Follow): Promise<{ exitCode: number }>;
  /** Ends the script and all that it started: TERM, then KILL after 10 s. It does not begin when it has not yet. */
  cancel(serverId: string, run: string, patience: RetryLimits): Promise<void>;
  /** Removes the files of the run on the server. Runs that are not removed are swept after 7 days. */
  remove(serverId: string, run: string, patience: RetryLimits): Promise<void>;
};

/** The name of a run on the server: `<task>-<step>`, with `part` where a step has several. */
export function runName(task: { taskId: string; stepId: string }, part?: string): string {
  return [task.taskId, task.stepId, ...(part === undefined ? [] : [part])].join('-');
}

export function createRemoteRuns({
  ssh,
  clock,
  killGraceS = DEFAULT_KILL_GRACE_S,
}: {
  ssh: Pick<Ssh, 'script' | 'lateScript'>;
  clock: Clock;
  killGraceS?: number;
}): RemoteRuns {
  const myTurn = createOneATurn();

  /** One small script; the last line that it prints must be the word that says it went through. */
  async function perform(
    serverId: string,
    run: string,
    {
      script,
      args = [],
      says,
      extraMs = 0,
    }: { script: string | (() => Promise<string>); args?: string[]; says: string; extraMs?: number },
    patience: RetryLimits,
  ): Promise<void> {
    checkName(run);
    await retryWhileUnreachable(clock, patience, async (limits) => {
      const options = { ...limits, deadlineMs: limits.deadlineMs + extraMs };
      const result = await (typeof script === 'string'
        ? ssh.script(serverId, script, [run, ...args], options)
        : ssh.lateScript(serverId, script, [run, ...args], options));
      // A signal ended the shell: the server is shutting down, or the session was closed. A retry shows which.
      if (result.exitCode === null)
        throw new AppError('unreachable', 'The connection to the server was lost.');
      if (result.exitCode !== 0 || result.stdout.trim() !== says) throw shellSaidNo(result);
    });
  }

  return {
    start(serverId, run, { script, secrets, beforeStart }, patience) {
      const file = async () => {
        await beforeStart?.();
        return startScript({ script, secrets: secrets === undefined ? null : secretsFile(await secrets()) });
      };
      return perform(serverId, run, { script: file, says: 'started' }, patience);
    },

    async follow(serverId, run, { offset: from, onOutput, ...patience }) {
      checkName(run);
      const endsAt = clock.now() + patience.deadlineMs;
      let offset = from;
      let waitMs = POLL_MS.min;
      let claimedSince: number | null = null;
      let burstBytes = 0;
      for (;;) {
        const poll = await retryWhileUnreachable(
          clock,
          { ...patience, deadlineMs: endsAt - clock.now() },
          async (limits) =>
            parsePoll(
              await ssh.script(serverId, pollScript, [run, String(offset), String(CHUNK_BYTES)], {
                ...limits,
                maxOutputBytes: MAX_POLL_BYTES,
              }),
              CHUNK_BYTES,
            ),
        );
        const isLast = poll.exitCode !== null && offset + poll.bytes.length >= poll.size;
        const bytes = isLast ? poll.bytes : completeUtf8(poll.bytes);
        if (bytes.length > 0) {
          offset += bytes.length;
          burstBytes += bytes.length;
          await myTurn(serverId);
          await onOutput(decode(bytes), offset);
        }
        if (isLast) return { exitCode: poll.exitCode! };
        const moreIsThere = bytes.length > 0 && offset < poll.size;
        if (!moreIsThere && poll.exitCode === null) {
          const isClaimed = poll.state === 'claimed' || poll.state === 'claimed-full';
          claimedSince = isClaimed ? (claimedSince ?? clock.now()) : null;
          const isStuck = claimedSince !== null && clock.now() - claimedSince > CLAIM_MS;
          if (!isStuck) failWhenLost(poll.state);
          else failWhenLost(poll.state === 'claimed-full' ? 'gone-full' : 'gone');
        }
        const isEndless = offset >= MAX_WHOLE_BYTES;
        // A server that announces more than it sends would be asked, and each byte stored, without a pause.
        if (moreIsThere && bytes.length >= CHUNK_BYTES / 2 && burstBytes < MAX_BURST_BYTES && !isEndless)
          continue;
        burstBytes = 0;
        if (isEndless) offset = Math.max(offset, poll.size - TAIL_BYTES);
        waitMs =
          bytes.length > 0 && !isEndless ? POLL_MS.min : Math.min(POLL_MS.max, waitMs * POLL_MS.growth);
        await pause(clock, waitMs, patience.signal);
      }
    },

    cancel(serverId, run, patience) {
      const args = [String(killGraceS)];
      return perform(
        serverId,
        run,
        { script: cancelScript, args, says: 'ended', extraMs: killGraceS * 1_000 },
        patience,
      );
    },

    remove: (serverId, run, patience) =>
      perform(serverId, run, { script: removeScript, says: 'removed' }, patience),
  };
}

const LOST = 'lost';

function failWhenLost(state: PollAnswer['state']): void {
  const options = { hint: 'Check the server, then start the task again.', details: { reason: LOST } };
  if (state === 'other-boot')
    throw new AppError('refused', 'The server was rebooted while the command was running.', options);
  if (state === 'gone')
    throw new AppError('refused', 'The command was killed on the server before it ended.', options);
  if (state === 'gone-full')
    throw new AppError('disk_full', 'The disk of the server became full while the command was running.', {
      hint: 'Free some space there, then try again.',
    });
  if (state === 'absent')
    throw new AppError('not_found', 'The output of the command is no longer on the server.', options);
}

/** The command did not end: it was killed, the server was rebooted, or lost its files. One that is safe to repeat can be run again. */
export function isLostRun(error: unknown): error is AppError {
  if (!isAppError(error, 'refused', 'not_found')) return false;
  return error.details !== undefined && 'reason' in error.details && error.details.reason === LOST;
}

function shellSaidNo({ exitCode, stderr }: ExecResult): AppError {
  const said = lastLine(stderr);
  const full = said !== null && /No space left on device|Disk quota exceeded/.test(said);
  return new AppError(
    full ? 'disk_full' : 'refused',
    full
      ? 'The disk of the server is full, so the command could not be started.'
      : 'The server did not run the command as expected.',
    {
      hint: full
        ? 'Free some space there, then try again.'
        : 'Check that the login has a writable home and a POSIX shell.',
      details: { exitCode, said },
    },
  );
}

function secretsFile(secrets: Readonly<Record<string, string>>): string {
  return Object.entries(secrets)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new RangeError(`"${name}" is no name of a variable.`);
      // A variable that the login already has would stay part of the environment.
      return `unset ${name}\n${name}=${quote(value)}\n`;
    })
    .join('');
}

function checkName(run: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{0,199}$/.test(run)) throw new RangeError(`"${run}" is no name of a run.`);
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

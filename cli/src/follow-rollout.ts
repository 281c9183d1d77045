// Follows a rollout until it ends or waits for a person: prints each change of a server.
import type { Rollout, RolloutServer, RolloutServerStatus, RolloutStatus } from '@buoy/contract';
import { CommandError, type Context, exitCodes } from './command.ts';
import { isFinal, MAX_ERRORS } from './follow-stream.ts';
import { commandLine } from './output/command-line.ts';
import { indented } from './output/indented.ts';
import type { Colour, Output } from './output/output.ts';
import { cleanLine } from './output/terminal-text.ts';
import { POLL_INTERVAL_MS } from './watch.ts';

const statusWords: Record<RolloutStatus, string> = {
  planned: 'is planned',
  running: 'is running',
  paused: 'is paused',
  stopped: 'has stopped',
  succeeded: 'succeeded',
  cancelled: 'is cancelled',
};
const statusColours: Partial<Record<RolloutStatus, Colour>> = { stopped: 'red', succeeded: 'green' };
const serverColours: Partial<Record<RolloutServerStatus, Colour>> = {
  updated: 'green',
  rolled_back: 'red',
  failed: 'red',
};
/** Counted after the updated servers; the rest is pending. */
const countedStatuses = ['running', 'rolled_back', 'failed', 'skipped'] as const;

/** Returns the rollout once it has ended, stopped or been paused. Ctrl-C stops the display, not the rollout. */
export async function followRollout(context: Context, id: string, rollout: Rollout): Promise<Rollout> {
  const { terminal } = context;
  const { signal } = terminal;
  const api = context.api();
  const printChanges = createChangePrinter(context.output);
  let current = rollout;
  let errors = 0;
  printChanges(current);
  while (isUnderWay(current)) {
    await terminal.pause(POLL_INTERVAL_MS, signal);
    if (signal.aborted)
      throw new CommandError(
        'Stopped watching; the rollout continues.',
        `Watch it again: ${watchCommand(id)}`,
      );
    try {
      current = (await api('GET /rollouts/:id', { params: { id }, signal })).rollout;
      errors = 0;
    } catch (error) {
      errors += 1;
      if (isFinal(error) || errors > MAX_ERRORS) throw error;
    }
    printChanges(current);
  }
  return current;
}

function isUnderWay({ status }: Rollout): boolean {
  return status === 'planned' || status === 'running';
}

/** Prints each server that changed since the last call, and the start time of the next wave. */
function createChangePrinter(output: Output): (rollout: Rollout) => void {
  const printed = new Map<string, string>();
  let announced: string | null = null;
  return (rollout) => {
    if (output.json) return;
    for (const server of rollout.waves.flat()) {
      const text = serverText(output, server);
      if (printed.get(server.serverId) === text) continue;
      printed.set(server.serverId, text);
      if (server.status !== 'pending') output.note(text);
    }
    const { nextWaveAt } = rollout;
    if (!isUnderWay(rollout) || nextWaveAt === null || nextWaveAt === announced) return;
    announced = nextWaveAt;
    output.note(`The next wave starts at ${nextWaveAt}.`);
  };
}

/** `web: 2026.9.5 → 2026.9.6, failed`, and on further lines why. */
export function serverText(output: Output, server: RolloutServer): string {
  const { name, from, to, status, taskId, error } = server;
  const versions = cleanLine(`${name}: ${from ?? 'unknown'} → ${to}`);
  const line = `${versions}, ${coloured(output, serverColours[status], wordFor(status))}`;
  if (error === null) return line;
  const hints = [
    ...(error.hint ? [error.hint] : []),
    ...(taskId === null ? [] : [`Its task: ${commandLine('buoy', 'tasks', 'show', taskId)}`]),
  ];
  return [line, ...[error.message, ...hints].map(indented)].join('\n');
}

export function wordFor(status: RolloutServerStatus): string {
  return status.replace('_', ' ');
}

/** `3/7 updated, 1 running`. */
export function progressOf({ waves }: Rollout): string {
  const servers = waves.flat();
  const count = (wanted: RolloutServerStatus) => servers.filter(({ status }) => status === wanted).length;
  const others = countedStatuses
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${wordFor(status)}`);
  return [`${count('updated')}/${servers.length} updated`, ...others].join(', ');
}

/** Prints how far the rollout is, and what to do next. */
export function showProgress({ output }: Context, id: string, rollout: Rollout): void {
  output.result({ rollout }, () => {
    const { status } = rollout;
    const text = `The rollout ${statusWords[status]}: ${progressOf(rollout)}.`;
    output.line(coloured(output, statusColours[status], text));
    const hint = nextCommand(id, status);
    if (hint !== null) output.note(hint);
  });
}

/** Prints the result of a rollout that was followed, and returns the exit code. */
export function rolloutResult(context: Context, id: string, rollout: Rollout): number | undefined {
  showProgress(context, id, rollout);
  return rollout.status === 'succeeded' ? undefined : exitCodes.failed;
}

function nextCommand(id: string, status: RolloutStatus): string | null {
  const resume = commandLine('buoy', 'rollouts', 'resume', id);
  switch (status) {
    case 'planned':
    case 'running':
      return `Watch it: ${watchCommand(id)}`;
    case 'paused':
      return `Go on: ${resume}`;
    case 'stopped':
      return `Go on: ${resume}; without the failed servers: ${resume} --skip-failed`;
    default:
      return null;
  }
}

function watchCommand(id: string): string {
  return commandLine('buoy', 'rollouts', 'show', id, '--watch');
}

function coloured(output: Output, colour: Colour | undefined, text: string): string {
  return colour === undefined ? text : output.colour(colour, text);
}

// Leaves the keys of a server out of an archive before it leaves for another one, whose admins need not be those of this one.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { secretShapes } from '../../lib/redact.ts';
import { openclawFields, secretFieldRules } from '../../lib/secret-fields.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import type { RemoteRuns } from '../../tasks/remote-run.ts';
import { remoteStep, type remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { installFailure } from '../install-failures.ts';
import { withVariables } from '../install-step.ts';
import { MINUTE_MS } from '../update/update-parts.ts';
import { type Archive, checkedId, readArchiveFacts } from './archives.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

const ruleData = (patterns: readonly RegExp[]) => patterns.map(({ source, flags }) => ({ source, flags }));
const rules = {
  letters: ruleData([...secretFieldRules.letters, ...openclawFields]),
  names: ruleData(secretFieldRules.names),
  publicNames: ruleData(secretFieldRules.publicNames),
  shapes: ruleData(secretShapes),
};
/** The program of open-archive.sh that leaves out what another server must not have. */
export const keepOwnProgram = `const secretRules = ${JSON.stringify(rules)};\n${load('keep-own-keys.mjs')}`;

const archives = [load('../update/remove.sh'), load('../update/archives.sh')].join('\n');
const leaveScript = [ownerPreamble, archives, load('../update/open-archive.sh'), load('leave-keys.sh')].join(
  '\n',
);
/** `$1` the task. */
const endLeavingScript = [archives, load('end-leaving.sh')].join('\n');

/** Milliseconds to leave the keys out of 2 GiB on a small server. */
const LEAVE_MS = 60 * MINUTE_MS;
/** Milliseconds to ask what OpenClaw is on the server, and what was made; the rest is for a network outage. */
const ASK_MS = 10 * MINUTE_MS;

/** What is made of the archive for one task. */
export function leavingId(taskId: string): string {
  return `.leaving-${taskId}`;
}

/**
 * Makes on the server of the archive what leaves it, `leavingId`: OpenClaw's folder without the device, the channels and, unless asked, the keys of that
 * server. Goes on after a lost connection and a restart of Buoy.
 * @param context of the server that the archive is of
 * @throws AppError as the scripts of a restore do
 */
export async function leaveKeys(
  {
    ssh,
    remoteRuns,
    installations,
  }: { ssh: Pick<Ssh, 'script'>; remoteRuns: RemoteRuns; installations: Pick<Installations, 'find'> },
  context: StepContext<unknown, unknown>,
  {
    archive,
    withCredentials,
    state,
  }: { archive: Archive; withCredentials: boolean; state: z.output<typeof remoteStepState> },
): Promise<Archive> {
  const serverId = serverOf(context);
  const { binaryPath, nodePath, statePath } = await reachServer(context, ASK_MS, (limits) =>
    installations.find(serverId, limits),
  );
  if (binaryPath === null || nodePath === null || statePath === null)
    throw new AppError('openclaw_missing', 'OpenClaw is not set up on the server that the snapshot is of.', {
      hint: 'Its programs leave the keys out there. Set it up again, or download the snapshot.',
    });
  const { exitCode } = await remoteStep(context, remoteRuns, {
    script: withVariables(leaveScript, {
      ...{ SNAPSHOT: checkedId(archive.id), SHA256: archive.sha256, TASK: context.taskId },
      ...{ COMMAND: binaryPath, NODE: nodePath, STATE: statePath },
      ...{ KEEP_OWN: keepOwnProgram, WITH_CREDENTIALS: withCredentials ? 'yes' : 'no' },
    }),
    ...{ state, part: 'leave', onGivenUp: 'kill', deadlineMs: LEAVE_MS },
  });
  const failure = installFailure(exitCode, 'restore');
  if (failure !== null) throw failure;
  const id = leavingId(context.taskId);
  const facts = await reachServer(context, ASK_MS, (limits) => readArchiveFacts(ssh, serverId, id, limits));
  return { id, ...facts };
}

/** Removes what was made. Throws AppError of the connection. */
export async function endLeaving(
  ssh: Pick<Ssh, 'script'>,
  serverId: string,
  taskId: string,
  limits: CallOptions,
): Promise<void> {
  await ssh.script(serverId, endLeavingScript, [taskId], limits);
}

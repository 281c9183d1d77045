// Leaves the keys of a server out of an archive before it leaves for another one, whose admins need not be those of this one.
import { readFileSync } from 'node:fs';
import { secretShapes } from '../../lib/redact.ts';
import { openclawFields, secretFieldRules } from '../../lib/secret-fields.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import { installFailure } from '../install-failures.ts';
import { withVariables } from '../install-step.ts';
import { type Archive, archiveFacts, checkedId } from './archives.ts';

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

const archives = load('../update/archives.sh');
const leaveScript = [ownerPreamble, archives, load('../update/open-archive.sh'), load('leave-keys.sh')].join(
  '\n',
);
/** `$1` the task. */
const endLeavingScript = [archives, load('end-leaving.sh')].join('\n');

/** What is made of the archive for one task. */
export function leavingId(taskId: string): string {
  return `.leaving-${taskId}`;
}

/**
 * Makes on the server of the archive what leaves it, `leavingId`: OpenClaw's folder without the device, the channels and, unless asked, the keys of that
 * server.
 * @param options.onMessage gets what the server says of a failure
 * @throws AppError as the scripts of a restore do
 */
export async function leaveKeys(
  ssh: Pick<Ssh, 'script'>,
  serverId: string,
  archive: Archive,
  {
    taskId,
    openclaw: { command, node, state },
    withCredentials,
    onMessage,
    ...limits
  }: CallOptions & {
    taskId: string;
    openclaw: { command: string; node: string; state: string };
    withCredentials: boolean;
    onMessage: (text: string) => void;
  },
): Promise<Archive> {
  const script = withVariables(leaveScript, { KEEP_OWN: keepOwnProgram });
  const credentials = withCredentials ? 'yes' : 'no';
  const args = [checkedId(archive.id), archive.sha256, command, node, state, taskId, credentials];
  const result = await ssh.script(serverId, script, args, limits);
  const failure = installFailure(result.exitCode ?? 1, 'restore');
  if (failure === null) return { id: leavingId(taskId), ...archiveFacts(result) };
  onMessage(result.stderr);
  throw failure;
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

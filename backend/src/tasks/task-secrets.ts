// Keys and passwords of a task: sealed in the database until it ends, so that a restarted Buoy goes on with them.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { AssociatedData, Vault } from '../vault/vault.ts';

/** By name. Never part of the input, the output or the result of a task. */
export type TaskSecrets = Readonly<Record<string, string>>;

const taskSecrets = z.record(z.string(), z.string());

export function taskSecretData(taskId: string): AssociatedData {
  return { table: 'task_secrets', column: 'value', row: taskId };
}

/** null when there is nothing to keep. */
export function sealTaskSecrets(
  vault: Pick<Vault, 'seal'>,
  taskId: string,
  secrets: TaskSecrets,
): string | null {
  if (Object.keys(secrets).length === 0) return null;
  return vault.seal(taskSecretData(taskId), JSON.stringify(secrets));
}

/** @param sealed null for a task without secrets, or one that was started again: its secrets went with the first one */
export function openTaskSecrets(
  vault: Pick<Vault, 'open'>,
  taskId: string,
  sealed: string | null,
): TaskSecrets {
  return sealed === null ? {} : taskSecrets.parse(JSON.parse(vault.open(taskSecretData(taskId), sealed)));
}

/** @throws AppError `conflict` for a secret that is not, or no longer, kept */
export function requiredSecret(secrets: TaskSecrets, name: string, what: string): string {
  const secret = secrets[name];
  if (secret === undefined)
    throw new AppError('conflict', `This task no longer has ${what}: Buoy deletes it when a task ends.`, {
      hint: 'Start it anew, and enter it again.',
    });
  return secret;
}

// The one list of all columns that hold texts sealed by the vault. One that is missing here would be lost when an old key is removed.
import { answerData } from './http/idempotency.ts';
import { channelData } from './notify/channel-settings.ts';
import { keptSecretData } from './secrets/kept-secrets.ts';
import type { SealedColumn } from './secrets/sealed-secrets.ts';
import { credentialData } from './servers/credential.ts';
import { taskSecretData } from './tasks/task-secrets.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'servers', column: 'credential', key: ['id'], associatedData: credentialData },
  { table: 'idempotencyKeys', column: 'response', key: ['userId', 'key'], associatedData: answerData },
  { table: 'taskSecrets', column: 'value', key: ['taskId'], associatedData: taskSecretData },
  { table: 'notificationChannels', column: 'settings', key: ['id'], associatedData: channelData },
  { table: 'keptSecrets', column: 'value', key: ['name'], associatedData: keptSecretData },
];

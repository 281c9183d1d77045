// The one list of all columns that hold texts sealed by the vault. One that is missing here would be lost when an old key is removed.
import { placeOfAnswer } from './http/idempotency.ts';
import { placeOfKeptSecret } from './secrets/kept-secrets.ts';
import type { SealedColumn } from './secrets/sealed-secrets.ts';
import { placeOfCredential } from './servers/credential.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'servers', column: 'credential', key: ['id'], place: placeOfCredential },
  { table: 'idempotencyKeys', column: 'response', key: ['userId', 'key'], place: placeOfAnswer },
  { table: 'keptSecrets', column: 'value', key: ['name'], place: placeOfKeptSecret },
];

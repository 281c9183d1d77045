// Lists the keys, their source and how many secrets each protects, for a terminal. Never a key.

import type { JwtSecrets } from './jwt-secrets.ts';
import { countOf } from './sealed-secrets.ts';
import { oldKeys, type Ring } from './vault-ring.ts';

export async function showKeys(vault: Ring, jwt: JwtSecrets): Promise<string> {
  const counts = await vault.sealedSecrets.countByKey();
  const missing = await vault.sealedSecrets.lacking();
  const outdated = counts.slice(1).reduce((sum, { secrets }) => sum + secrets, 0);
  const away = vault.file === null ? [] : oldKeys(vault.file);
  const older = jwt.secrets.length - 1;
  return [
    `Vault keys, from ${vault.file ?? 'VAULT_KEYS in the environment'}:`,
    ...counts.map(
      ({ keyId, secrets }, index) => `  ${keyId}  ${index === 0 ? 'active' : 'older'}  ${countOf(secrets)}`,
    ),
    ...missing.map(
      ({ keyId, secrets }) => `  ${keyId}  MISSING  ${countOf(secrets)}, which cannot be opened`,
    ),
    ...(outdated === 0 ? [] : [`  Restart Buoy: it seals ${countOf(outdated)} again under the active key.`]),
    ...(away.length === 0
      ? []
      : [`  Kept in ${vault.file}.old for older backups: ${away.map(({ id }) => id).join(', ')}`]),
    `JWT secrets, from ${jwt.file ?? 'JWT_SECRET in the environment'}:`,
    `  1 signs${older === 0 ? '' : `, ${older} older still ${older === 1 ? 'verifies' : 'verify'}`}`,
  ].join('\n');
}

// SQL for the secrets of Buoy itself, each sealed by the vault.
import type { Db } from '../db/database.ts';
import type { KeptSecretTable } from '../db/schema.ts';

export type KeptSecretStore = ReturnType<typeof createKeptSecretStore>;

export function createKeptSecretStore(db: Db) {
  return {
    async find(name: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('keptSecrets')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.value;
    },

    /** Of two first starts at once, the first one's secret stays. */
    async insertIfAbsent(secret: KeptSecretTable): Promise<void> {
      await db
        .insertInto('keptSecrets')
        .values(secret)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    },
  };
}

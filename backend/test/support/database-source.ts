// The source of an open test database, for another process.
import { sql } from 'kysely';
import type { DatabaseHandle, DatabaseSource } from '../../src/db/database.ts';

export async function sourceOf({ db, dialect }: DatabaseHandle): Promise<DatabaseSource> {
  if (dialect === 'sqlite') {
    const { rows } = await sql<{ file: string }>`pragma database_list`.execute(db);
    return { engine: 'sqlite', file: rows[0]?.file ?? '' };
  }
  const { rows } = await sql<{ name: string; port: number }>`
    select current_database() as name, inet_server_port() as port
  `.execute(db);
  return { engine: 'postgres', url: `postgresql://postgres@127.0.0.1:${rows[0]?.port}/${rows[0]?.name}` };
}

// Serializes transactions that count rows before they insert one.
import { sql } from 'kysely';
import type { DatabaseHandle, Db } from './database.ts';

/**
 * Holds the turn called `name` until the transaction ends, so that each transaction counts what the one before it has stored.
 * SQLite has one writer, whose transactions never overlap.
 */
export async function takeTurn(trx: Db, dialect: DatabaseHandle['dialect'], name: string): Promise<void> {
  if (dialect === 'postgres')
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
}

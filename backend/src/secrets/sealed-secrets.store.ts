// SQL for every sealed text of the database, whatever table it is in: counted and listed by how it begins, read and replaced one by one.
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

/** Where sealed texts are: a column, and the columns that name a row. */
export type StoredColumn = {
  [T in keyof Database]: {
    table: T;
    column: keyof Database[T] & string;
    key: ReadonlyArray<keyof Database[T] & string>;
  };
}[keyof Database];

/** `key` holds the values of the row's key columns, in their order. */
export type SealedText = { key: string[]; sealed: string };

/** A text as far as it says which key it is sealed under. */
export type ListedText = { key: string[]; beginning: string };

/** Characters of a text that hold its version and the longest key id. */
const BEGINNING = 36;

export type SealedSecretStore = ReturnType<typeof createSealedSecretStore>;

export function createSealedSecretStore(db: Db) {
  return {
    /** Texts that begin with one of `prefixes`. */
    async countWith({ table, column }: StoredColumn, prefixes: readonly string[]): Promise<number> {
      const { rows } = await sql<{ count: number }>`
        select count(*) as "count" from ${sql.table(table)}
        where ${beginsWithOne(column, prefixes)}
      `.execute(db);
      return rows[0]?.count ?? 0;
    },

    /** Texts that begin with none of `prefixes`. */
    async countWithout({ table, column }: StoredColumn, prefixes: readonly string[]): Promise<number> {
      const { rows } = await sql<{ count: number }>`
        select count(*) as "count" from ${sql.table(table)}
        where ${beginningOf(column)} is not null and not (${beginsWithOne(column, prefixes)})
      `.execute(db);
      return rows[0]?.count ?? 0;
    },

    /**
     * Texts that begin with none of `prefixes`, by key.
     * @param after the key of the last one that was listed, null from the start
     */
    async pageWithout(
      { table, column, key }: StoredColumn,
      prefixes: readonly string[],
      after: readonly string[] | null,
      limit: number,
    ): Promise<ListedText[]> {
      const keyColumns = sql.join(key.map((name) => sql.ref(name)));
      const { rows } = await sql<Record<string, string>>`
        select ${keyColumns}, ${beginningOf(column)} as "beginning" from ${sql.table(table)}
        where ${beginningOf(column)} is not null and not (${beginsWithOne(column, prefixes)})
          ${after === null ? sql`` : sql`and (${keyColumns}) > (${sql.join(after)})`}
        order by ${keyColumns}
        limit ${limit}
      `.execute(db);
      return rows.map(({ beginning = '', ...row }) => ({
        key: key.map((name) => row[name] ?? ''),
        beginning,
      }));
    },

    /** The text of the row with this key; null when there is none any more. */
    async read({ table, column, key }: StoredColumn, values: readonly string[]): Promise<SealedText | null> {
      const { rows } = await sql<{ sealed: string | null }>`
        select ${sql.ref(column)} as "sealed" from ${sql.table(table)} where ${isRow(key, values)}
      `.execute(db);
      const sealed = rows[0]?.sealed ?? null;
      return sealed === null ? null : { key: [...values], sealed };
    },

    /** Writes `next` where `text` was read; false when another text is there by now, or nothing. */
    async replace({ table, column, key }: StoredColumn, text: SealedText, next: string): Promise<boolean> {
      const { numAffectedRows } = await sql`
        update ${sql.table(table)} set ${sql.ref(column)} = ${next}
        where ${isRow(key, text.key)} and ${sql.ref(column)} = ${text.sealed}
      `.execute(db);
      return numAffectedRows === 1n;
    },
  };
}

function isRow(key: readonly string[], values: readonly string[]): RawBuilder<boolean> {
  return sql.join(
    key.map((name, index) => sql`${sql.ref(name)} = ${values[index]}`),
    sql` and `,
  );
}

/** As migration 0017 has it in an index of the longest texts: without that, SQLite reads each text to its end. */
function beginningOf(column: string): RawBuilder<string | null> {
  return sql`substr(${sql.ref(column)}, 1, ${sql.lit(BEGINNING)})`;
}

/** By substr: LIKE takes the "_" of a key id for any letter, and SQLite's takes "K1" for "k1". */
function beginsWithOne(column: string, prefixes: readonly string[]): RawBuilder<boolean> {
  return sql.join(
    prefixes.map((prefix) => sql`substr(${beginningOf(column)}, 1, ${sql.lit(prefix.length)}) = ${prefix}`),
    sql` or `,
  );
}

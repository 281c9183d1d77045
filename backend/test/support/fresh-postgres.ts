// An empty database of its own on the PostgreSQL server of the run, for suites that start a whole Buoy on it.
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type FreshPostgres = {
  url: string;
  /** Runs a statement directly on the database and returns its rows. */
  query<T extends object>(statement: string): Promise<T[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** @param server URL of any database on that server */
export async function freshPostgres(server: string): Promise<FreshPostgres> {
  const name = `suite_${randomBytes(8).toString('hex')}`;
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  await queryOn(server, `create database ${name}`);
  return {
    url,
    query: <T extends object>(statement: string) => queryOn<T>(url, statement),
    [Symbol.asyncDispose]: async () => void (await queryOn(server, `drop database ${name} with (force)`)),
  };
}

async function queryOn<T extends object>(connectionString: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

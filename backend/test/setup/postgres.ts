// Starts one PostgreSQL for the whole run; tests create their own databases in it.
import type { TestProject } from 'vitest/node';
import { postgresSupport, startPostgres } from '../../../testbed/postgres.ts';
import { migratePostgres } from '../../src/db/testing/migrated-databases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** null: PostgreSQL cannot run here, and its half of the store suite is skipped. */
    postgresUrl: string | null;
    postgresMissing: string;
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const support = await postgresSupport();
  if (!support.ok) {
    process.stdout.write(`PostgreSQL half of the suites is skipped: ${support.reason}\n`);
    project.provide('postgresUrl', null);
    project.provide('postgresMissing', support.reason);
    return undefined;
  }
  const postgres = await startPostgres();
  await migratePostgres(postgres.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('postgresMissing', '');
  return () => postgres.stop();
}

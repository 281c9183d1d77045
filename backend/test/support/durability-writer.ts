// Writes servers and people until it is killed: `node durability-writer.ts SOURCE_AS_JSON PREFIX`.
// Prints each id once the database has acknowledged it, and not before.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatabaseSource, openDatabase } from '../../src/db/database.ts';
import { createServerStore } from '../../src/servers/servers.store.ts';
import { createUserStore } from '../../src/users/users.store.ts';
import { rowOfServer, rowOfUser } from './durability-rows.ts';

/** Milliseconds: about as long as a disk takes for a commit. On a file system in memory it would leave no CPU time to others. */
const COMMIT_MS = 2;

const source = JSON.parse(process.argv[2] ?? '') as DatabaseSource;
const prefix = process.argv[3] ?? '';
const { db } = await openDatabase(source);
const servers = createServerStore(db);
const users = createUserStore(db);

for (let count = 0; ; count += 1) {
  const id = `${prefix}-${count}`;
  // One row on its own, and three that belong together.
  await users.upsert(rowOfUser(id), new Date().toISOString());
  await servers.insert(rowOfServer(id));
  writeSync(1, `${id}\n`);
  await sleep(COMMIT_MS);
}

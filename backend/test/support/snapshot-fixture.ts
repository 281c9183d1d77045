// A server behind a real sshd, with archives that Buoy has records of.
import path from 'node:path';
import { openDatabase } from '../../src/db/database.ts';
import type { SetupSnapshotTable } from '../../src/db/schema.ts';
import { type LoopbackSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, prepareAccessFixture } from './access-fixture.ts';

export const ARCHIVES = '~/.local/state/openclaw-snapshots';

export type SnapshotFixture = AccessFixture & {
  serverId: string;
  /** Runs a command on the server as the login of Buoy. */
  onServer(command: string): Promise<string>;
  /** Stores a record. */
  record(row: Partial<SetupSnapshotTable> & { id: string }): Promise<void>;
  /** Makes an archive of random bytes on the server, and its record. */
  archive(id: string, bytes: number): Promise<{ sizeBytes: number; sha256: string }>;
  close(): Promise<void>;
};

export async function prepareSnapshotFixture(): Promise<SnapshotFixture> {
  const [fixture, sshd] = await Promise.all([prepareAccessFixture(), startLoopbackSshd()]);
  const serverId = await fixture.newServer(loginOf(sshd));
  const file = path.join(fixture.running.dataDir, 'buoy.db');

  const onServer = async (command: string): Promise<string> => {
    const answer = await fixture.as('owner', 'POST', `/servers/${serverId}/exec`, { command });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    return answer.json().stdout.trim();
  };
  const record: SnapshotFixture['record'] = async (row) => {
    const { db, close } = await openDatabase({ engine: 'sqlite', file });
    await db
      .insertInto('setupSnapshots')
      .values({
        ...{
          serverId,
          version: '2026.9.6',
          reason: 'manual',
          note: null,
          sizeBytes: 1,
          sha256: 'a'.repeat(64),
        },
        ...{ verified: 1, createdAt: '2026-03-01T10:00:00.000Z', ...row },
      })
      .execute();
    await close();
  };
  return {
    ...fixture,
    serverId,
    onServer,
    record,
    async archive(id, bytes) {
      const name = `${ARCHIVES}/${id}.tar.gz`;
      await onServer(`umask 077; mkdir -p ${ARCHIVES} && head -c ${bytes} /dev/urandom >${name}`);
      const sha256 = (await onServer(`sha256sum <${name}`)).slice(0, 64);
      await record({ id, sizeBytes: bytes, sha256 });
      return { sizeBytes: bytes, sha256 };
    },
    async close() {
      await fixture.running.close();
      await sshd.stop();
    },
  };
}

function loginOf({ port, username, privateKey }: LoopbackSshd) {
  return { port, username, authType: 'key', password: undefined, privateKey };
}

// What every POST of a setup takes, on a server that is away: a password for sudo that a call does not need is not stored.
import path from 'node:path';
import { contract, type Endpoint, type EndpointKey, requestExamples } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const common = { sudoPassword: 'planted-for-sudo', via: 'server' };
/** In place of the examples, which may hold secrets of their own. */
const bodies: Partial<Record<EndpointKey, object>> = {
  'POST /servers/:id/setup/onboard': { provider: 'skip' },
  'POST /servers/:id/setup/run': { onboard: { provider: 'skip' } },
};
/** Their work may need root. */
const keeps: readonly EndpointKey[] = [
  'POST /servers/:id/setup/fix',
  'POST /servers/:id/setup/systemd',
  'POST /servers/:id/setup/run',
];
const posts = Object.entries<Endpoint>(contract)
  .filter(([key]) => key.startsWith('POST /servers/:id/setup/'))
  .map(([key]) => key as EndpointKey);

describe('a POST of a setup', () => {
  let running: TestBuoy;
  let token: string;
  let servers = 0;
  beforeAll(async () => {
    running = await startTestBuoy({ NPM_REGISTRY: 'http://127.0.0.1:1' });
    token = await running.signIn(42);
  });
  afterAll(() => running?.close());

  /** Nothing listens there, and no task of another call is in the way. */
  async function newServer(): Promise<string> {
    servers += 1;
    const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'x' };
    const body = { name: `bare-${servers}`, ...login };
    return (await running.call('POST', '/servers', { token, body })).json().server.id;
  }

  /** The status of the call, and whether its task holds a secret. */
  async function send(key: EndpointKey, body?: object) {
    const url = key
      .slice('POST '.length)
      .replace(':id', await newServer())
      .replace(':snapshotId', 'snp_1');
    const answer = await running.call('POST', url, { token, ...(body && { body }) });
    const taskId: string | undefined = answer.json().task?.id;
    if (taskId === undefined) return { status: answer.statusCode, holdsSecret: false };
    const { db, close } = await openDatabase({
      engine: 'sqlite',
      file: path.join(running.dataDir, 'buoy.db'),
    });
    const rows = await db.selectFrom('taskSecrets').where('taskId', '=', taskId).selectAll().execute();
    await close();
    return { status: answer.statusCode, holdsSecret: rows.length > 0 };
  }

  test.each(posts)(
    'takes the password for sudo, and keeps it only where it may be needed: %s',
    async (key) => {
      const body = { ...(bodies[key] ?? requestExamples[key]), ...common };
      const { status, holdsSecret } = await send(key, body);
      expect([200, 202, 404, 429, 503]).toContain(status);
      expect(holdsSecret).toBe(keeps.includes(key));
    },
  );

  test.each(posts.filter((key) => (contract[key] as Endpoint).body?.safeParse({}).success !== false))(
    'needs no body where none of its fields is needed: %s',
    async (key) => {
      expect([200, 202, 404, 429, 503]).toContain((await send(key)).status);
    },
  );

  test.each(['node', 'npm', 'openclaw'])('keeps no password for a fix of %s', async (checkId) => {
    const sent = await send('POST /servers/:id/setup/fix', { checkId, ...common });
    expect(sent).toEqual({ status: 202, holdsSecret: false });
  });
});

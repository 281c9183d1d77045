// Approving people and devices, in the form that each version requires.
import type { Source } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import type { ExecResult } from '../../ssh/ssh.ts';
import type { Cli } from '../host/cli.ts';
import type { Installations } from '../host/installation.ts';
import { type CalledGateways, createCalledGateways, readerOf, refused } from '../testing/called-gateways.ts';
import { createSnapshotsInMemory } from '../testing/snapshots-in-memory.ts';
import { createPairing, type Pairing } from './pairing.ts';

const clock = createFakeClock();
const createdAt = new Date(clock.now()).toISOString();
const signal = new AbortController().signal;
const limits = { deadlineMs: 1_000, signal };
let gateways: CalledGateways;
/** Where an answer came from. */
let source: Source;
/** What the script on the host prints, and the words of each of its runs. */
let inFiles: string;
let asked: string[][];
let pairing: Pairing;
let commands: string[][];
let commandSays: Pick<ExecResult, 'exitCode' | 'stdout' | 'stderr'>;
let noted: unknown[];

const recorder = {
  note: (note: unknown) => void noted.push(note),
  change: () => {
    throw new Error('not part of this test');
  },
  routine: () => {
    throw new Error('not part of this test');
  },
  denial: () => {
    throw new Error('not part of this test');
  },
  unchanged: () => {
    throw new Error('not part of this test');
  },
  begin: () => Promise.resolve(),
};
const resolve = (id: string, decision: 'approved' | 'rejected') =>
  pairing.resolve('s1', id, decision, recorder, signal);

beforeEach(() => {
  gateways = createCalledGateways();
  source = 'gateway';
  gateways.methods['device.pair.list'] = () => ({ pending: [] });
  inFiles = '';
  asked = [];
  commands = [];
  noted = [];
  commandSays = { exitCode: 0, stdout: 'Approved telegram sender 77.\n', stderr: '' };
  const cli: Cli = {
    json: () => Promise.reject(new Error('not part of this test')),
    async run(_serverId, words) {
      commands.push([...words]);
      return { ...commandSays, signal: null, truncated: false, durationMs: 1 };
    },
  };
  const installations = {
    find: () => Promise.resolve({ configPath: '/home/deploy/.openclaw/openclaw.json' }),
  } as unknown as Installations;
  pairing = createPairing({
    reader: {
      async read(...call) {
        return { ...(await readerOf(gateways).read(...call)), source };
      },
    },
    gateways,
    runAsGateway: async (_serverId, _script, words) => {
      asked.push([...words]);
      return { ...commandSays, exitCode: 0, stdout: inFiles, signal: null, truncated: false, durationMs: 1 };
    },
    installations,
    cli,
    snapshots: createSnapshotsInMemory(),
    clock,
    logger: createRecordingLogger().logger,
  });
});

describe('pairing with a gateway that lists people', () => {
  const row = { requestId: 'r1', channel: 'telegram', accountId: 'work', senderId: '77', createdAt };
  beforeEach(() => {
    gateways.methods['channels.pairing.list'] = () => ({ requests: [row] });
  });

  test('people and devices are in one list', async () => {
    gateways.methods['device.pair.list'] = () => ({ pending: [{ requestId: 'd1', deviceId: 'abc' }] });
    const { requests } = await pairing.list('s1', { signal });
    expect(requests.map(({ id, kind }) => [id, kind])).toEqual([
      ['r1', 'dm'],
      ['d1', 'device'],
    ]);
  });

  test('a person is approved on the account that they wrote to; the audit log names them', async () => {
    gateways.methods['channels.pairing.approve'] = () => ({ requestId: 'r1' });
    expect(await resolve('r1', 'approved')).toMatchObject({
      already: false,
      decision: 'approved',
      note: null,
    });
    expect(gateways.calls.at(-1)).toEqual({
      method: 'channels.pairing.approve',
      params: { channel: 'telegram', accountId: 'work', requestId: 'r1' },
    });
    expect(noted).toEqual([
      { details: { kind: 'dm', channel: 'telegram', account: 'work', from: '77', already: false } },
    ]);
    expect(await resolve('r1', 'approved')).toMatchObject({ already: true });
    await expect(resolve('r1', 'rejected')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a decided request is in no answer from before its decision', async () => {
    gateways.methods['channels.pairing.approve'] = () => ({ requestId: 'r1' });
    source = 'snapshot';
    expect(await pairing.list('s1', { signal })).toMatchObject({ requests: [{ id: 'r1' }] });
    await resolve('r1', 'approved');
    expect(await pairing.list('s1', { signal })).toMatchObject({ requests: [], source: 'snapshot' });
  });

  test('a person is rejected', async () => {
    gateways.methods['channels.pairing.dismiss'] = () => ({ requestId: 'r1' });
    expect(await resolve('r1', 'rejected')).toMatchObject({ decision: 'rejected' });
  });

  test('returns 404 for an unknown request, or one that ended at this moment', async () => {
    await expect(resolve('r2', 'approved')).rejects.toMatchObject({ code: 'not_found' });
    gateways.methods['channels.pairing.approve'] = () => {
      throw refused('pending DM access request no longer exists');
    };
    await expect(resolve('r1', 'approved')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a device is approved by its request', async () => {
    gateways.methods['device.pair.list'] = () => ({ pending: [{ requestId: 'd1', deviceId: 'abc' }] });
    gateways.methods['device.pair.approve'] = () => ({ requestId: 'd1', device: {} });
    expect(await resolve('d1', 'approved')).toMatchObject({ request: { kind: 'device' } });
    gateways.methods['device.pair.list'] = () => ({ pending: [{ requestId: 'd2', deviceId: 'abc' }] });
    gateways.methods['device.pair.reject'] = () => {
      throw refused('unknown requestId');
    };
    await expect(resolve('d2', 'rejected')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('pairing with a gateway that does not list people', () => {
  let id: string;
  beforeEach(async () => {
    const requests = [{ id: '77', code: 'ABCDEFGH', createdAt, meta: { accountId: 'default' } }];
    inFiles = `telegram-pairing.json\n${JSON.stringify({ version: 1, requests })}\n`;
    id = (await pairing.pending('s1', limits))[0]!.id;
  });

  test('requests come from the files beside the config', () => {
    expect(asked.at(-1)).toEqual(['/home/deploy/.openclaw']);
  });

  test('a person is approved by the command, with their code', async () => {
    expect(await resolve(id, 'approved')).toMatchObject({ already: false, note: null });
    expect(commands).toEqual([
      ['pairing', 'approve', '--channel', 'telegram', '--account', 'default', 'ABCDEFGH'],
    ]);
  });

  test('reports that the command made the person the command owner', async () => {
    commandSays.stdout += 'Command owner configured telegram:77 (commands.ownerAllowFrom was empty).\n';
    expect((await resolve(id, 'approved')).note).toContain('owner');
  });

  test('returns 404 for an expired code, and 422 with the message of OpenClaw for anything else', async () => {
    commandSays = {
      exitCode: 1,
      stdout: '',
      stderr: 'No pending pairing request found for code "ABCDEFGH".',
    };
    await expect(resolve(id, 'approved')).rejects.toMatchObject({ code: 'not_found' });
    commandSays = { exitCode: 1, stdout: '', stderr: 'disk I/O error' };
    await expect(resolve(id, 'approved')).rejects.toMatchObject({
      code: 'refused',
      details: { openclaw: { message: 'disk I/O error' } },
    });
  });

  test('returns 422 for rejecting a person', async () => {
    await expect(resolve(id, 'rejected')).rejects.toMatchObject({ code: 'unsupported' });
    expect(commands).toEqual([]);
  });
});

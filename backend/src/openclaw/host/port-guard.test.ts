// Who holds the gateway's port: rows of the kernel's tables, the real script on this machine, and how checks are shared.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../testing/loopback-ssh.ts';
import type { GatewayAccess } from './installation.ts';
import { createPortGuard, type PortGuard, uidsOn } from './port-guard.ts';

const soon = { deadlineMs: 10_000 };
const NOBODY = 65_534;

describe('rows of /proc/net/tcp and tcp6', () => {
  const port = 18_789;
  const zeros = '0'.repeat(24);

  test.each([
    ['127.0.0.1', '0100007F'],
    ['127.0.0.1 on a big-endian host', '7F000001'],
    ['0.0.0.0', '00000000'],
    ['::', `${zeros}00000000`],
    ['::ffff:127.0.0.1', '0000000000000000FFFF00000100007F'],
    ['::ffff:127.0.0.1 on a big-endian host', '00000000000000000000FFFF7F000001'],
    ['::ffff:0.0.0.0', '0000000000000000FFFF000000000000'],
  ])('%s counts', (_name, address) => {
    expect(uidsOn([`${address}:4965 0A 1000`], port)).toEqual(new Set([1000]));
  });

  test.each([
    ['127.0.0.2', '0200007F'],
    ['127.1.2.3', '0302017F'],
    ['::1', `${zeros}01000000`],
    ['192.168.1.5', '0501A8C0'],
    ['10.0.0.1', '0100000A'],
    ['2001:db8::1', 'B80D0120000000000000000001000000'],
    ['::ffff:192.168.1.5', '0000000000000000FFFF00000501A8C0'],
    ['fe80::1', '000080FE000000000000000001000000'],
    ['64:ff9b::127.0.0.1', '9BFF640000000000000000000100007F'],
  ])('%s does not: no stream to 127.0.0.1 ends there', (_name, address) => {
    expect(uidsOn([`${address}:4965 0A 1000`], port)).toEqual(new Set());
  });

  test('every state counts but TIME_WAIT', () => {
    const states = Array.from({ length: 13 }, (_, state) =>
      state.toString(16).toUpperCase().padStart(2, '0'),
    );
    const counted = states.filter((state) => uidsOn([`0100007F:4965 ${state} 7`], port)?.has(7));
    expect(counted).toEqual(states.filter((state) => state !== '06'));
  });

  test('ports are compared whole, whatever they are', () => {
    const ports = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(ports, ports, fc.nat(4_294_967_295), (asked, held, uid) => {
        const hex = held.toString(16).toUpperCase().padStart(4, '0');
        expect(uidsOn([`0100007F:${hex} 01 ${uid}`], asked)).toEqual(new Set(asked === held ? [uid] : []));
      }),
    );
  });

  test.each([
    '',
    '0100007F:4965 0A',
    '0100007F:4965 0A -1',
    '0100007F:4965 0A 1e3',
    '100007F:4965 0A 1000',
    '0100007F:4965 0A 1000 0',
  ])('"%s" is no row', (row) => {
    expect(uidsOn(['0100007F:4965 0A 0', row], port)).toBeNull();
  });
});

describe('the script on this machine', () => {
  let server: Server;
  let access: GatewayAccess;
  let ssh: LoopbackSsh;
  let guard: PortGuard;
  let printed: string;
  beforeEach(async () => {
    server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    access = { port: (server.address() as AddressInfo).port, auth: null, problem: null };
    ssh = createLoopbackSsh();
    ssh.onScript = async (args, script) => {
      printed = await runLocally(args, script);
      return printed;
    };
    guard = createPortGuard({ ssh, clock: systemClock });
  });
  afterEach(() => {
    server.close();
  });

  test('accepts a port that the login itself holds', async () => {
    await guard.check('s1', access, soon);
    expect(printed).toMatch(/^row1=0100007F:[0-9A-F]{4} 0A \d+$/m);
  });

  test('accepts one on IPv6 and any address', async () => {
    const both = createServer().listen({ port: 0, host: '::' });
    await once(both, 'listening');
    try {
      await guard.check('s1', { ...access, port: (both.address() as AddressInfo).port }, soon);
      expect(printed).toMatch(/^row1=0{32}:/m);
    } finally {
      both.close();
    }
  });

  test('names the owner of the config file and the account of the unit', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'buoy config '));
    const configPath = path.join(folder, 'openclaw.json');
    await writeFile(configPath, '{}');
    await guard.check('s1', { ...access, configPath, account: 'nobody' }, soon);
    expect(printed).toContain(`\nconfig=${process.getuid?.()}\naccount=${NOBODY}\n`);
    await rm(folder, { recursive: true });
  });

  test('refuses a port on which nothing is seen', async () => {
    server.close();
    await once(server, 'close');
    await expect(guard.check('s1', access, soon)).rejects.toMatchObject({
      code: 'bad_gateway',
      details: { reason: 'port_owner_unseen' },
    });
  });

  test.each([
    ['the tables cannot be read', (script: string) => script.replaceAll('/proc/net/', '/proc/net/no/')],
    ['there are more rows than it prints', (script: string) => script.replace('MAX_ROWS=200', 'MAX_ROWS=0')],
  ])('refuses when %s', async (_what, change) => {
    ssh.onScript = (args, script) => runLocally(args, change(script));
    await expect(guard.check('s1', access, soon)).rejects.toMatchObject({
      code: 'bad_gateway',
      message:
        'Buoy cannot read on this server who listens on the port of the gateway, so it sent nothing there.',
    });
  });
});

describe('the verdict', () => {
  let ssh: LoopbackSsh;
  let guard: PortGuard;
  const access: GatewayAccess = {
    port: 18_789,
    auth: null,
    problem: null,
    configPath: '/c',
    account: 'claw',
  };
  const rows = (...uids: number[]) =>
    [
      'login=1000\nconfig=1001\naccount=1002',
      ...uids.map((uid, index) => `row${index + 1}=0100007F:4965 0${index + 1} ${uid}`),
      `rows=${uids.length}\ntables=1\nend=1\n`,
    ].join('\n');
  beforeEach(() => {
    ssh = createLoopbackSsh();
    guard = createPortGuard({ ssh, clock: systemClock });
  });

  test('root, the login, the owner of the config and the account of the unit may hold it', async () => {
    ssh.onScript = () => rows(0, 1000, 1001, 1002);
    await guard.check('s1', access, soon);
    expect(ssh.scripts).toEqual([['4965', '/c', 'claw']]);
  });

  test('one socket of another account is enough to refuse', async () => {
    ssh.onScript = () => rows(0, 1000, NOBODY, 1001);
    await expect(guard.check('s1', access, soon)).rejects.toMatchObject({
      code: 'bad_gateway',
      message:
        'Another account of this server (uid 65534) listens on the port of the gateway, so Buoy sent it nothing.',
      details: { uid: NOBODY, port: 18_789 },
    });
  });

  test('an account that the server does not know makes nobody else welcome', async () => {
    ssh.onScript = () => rows(1002).replace('account=1002', 'account=');
    await expect(guard.check('s1', access, soon)).rejects.toMatchObject({ details: { uid: 1002 } });
  });

  test('ends with the deadline and the signal of each caller', async () => {
    ssh.onScript = () => new Promise(() => {});
    await expect(guard.check('s1', access, { deadlineMs: 30 })).rejects.toMatchObject({ code: 'deadline' });
    const gone = guard.check('s1', access, { ...soon, signal: AbortSignal.abort() });
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('callers share one check, but never one that began before their stream was open', async () => {
    const answers: Array<(text: string) => void> = [];
    ssh.onScript = () => new Promise((resolve) => answers.push(resolve));
    const first = [guard.check('s1', access, soon), guard.check('s1', access, soon)];
    const other = guard.check('s2', access, soon);
    await turn();
    expect(answers).toHaveLength(2);
    const late = [guard.check('s1', access, soon), guard.check('s1', access, soon)].map((one) =>
      one.catch((error: unknown) => error),
    );
    await turn();
    expect(answers).toHaveLength(2);
    for (const answer of answers) answer(rows(0));
    await Promise.all([...first, other]);
    await turn();
    expect(answers).toHaveLength(3);
    answers[2]?.(rows(NOBODY));
    for (const one of late) expect(await one).toMatchObject({ code: 'bad_gateway' });
    // Nothing is kept.
    const again = guard.check('s1', access, soon);
    await turn();
    answers[3]?.(rows(0));
    await again;
    expect(answers).toHaveLength(4);
  });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

function runLocally(args: readonly string[], script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('/bin/sh', ['-s', ...args], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(script);
  });
}

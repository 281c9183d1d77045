// How the check asks a server, over an SSH port whose answers the test writes.
import { beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../openclaw/testing/loopback-ssh.ts';
import type { CallOptions } from '../ssh/ssh.ts';
import { type CheckPrerequisites, createCheckPrerequisites } from './check-prereqs.ts';
import { downloadsOf } from './downloads.ts';
import { goodInspection } from './testing/prerequisite-parts.ts';

const downloads = { nodeMirror: 'https://node.example/dist', npmRegistry: 'https://192.0.2.7:4873/npm' };

let ssh: LoopbackSsh;
let clock: FakeClock;
let inspections: CallOptions[];
let checkPrerequisites: CheckPrerequisites;
beforeEach(() => {
  ssh = createLoopbackSsh();
  clock = createFakeClock();
  inspections = [];
  checkPrerequisites = createCheckPrerequisites({
    ssh,
    installations: {
      async inspect(_serverId, options) {
        inspections.push(options);
        clock.pass(4_000);
        return goodInspection;
      },
    },
    downloads: downloadsOf(downloads),
    reachesDownloads: async () => false,
    clock,
  });
});

const seconds = () => Math.floor(clock.now() / 1000);

test('sends the port in hex and what to ask each source for; the name of an address is empty', async () => {
  ssh.onScript = () => 'kernel=Linux\nend=1\n';
  await checkPrerequisites('s1', { port: 80 });
  expect(ssh.scripts).toEqual([
    [
      ...['0050', 'https://192.0.2.7:4873/npm/openclaw/latest', ''],
      ...['https://node.example/dist/index.json', 'node.example'],
      '/home/deploy/.npm-global/bin/openclaw',
    ],
  ]);
});

test('asks nothing of a mirror where Node is an npm package', async () => {
  checkPrerequisites = createCheckPrerequisites({
    ssh,
    installations: { inspect: async () => goodInspection },
    downloads: downloadsOf({ ...downloads, nodeMirror: null }),
    reachesDownloads: async () => false,
    clock,
  });
  ssh.onScript = () => 'end=1\n';
  await checkPrerequisites('s1', { port: 18_789 });
  expect(ssh.scripts[0]?.slice(3, 5)).toEqual(['', '']);
});

test('has 20 s in all, of which the inspection has taken some, and ends when all callers have left', async () => {
  const limits: CallOptions[] = [];
  const { script } = ssh;
  ssh.script = (serverId, text, args, options) => {
    limits.push(options);
    return script(serverId, text, args, options);
  };
  const caller = new AbortController();
  ssh.onScript = () => {
    caller.abort(new Error('left'));
    return 'end=1\n';
  };
  const { signal } = caller;
  await expect(checkPrerequisites('s1', { port: 18_789, signal })).rejects.toThrow('left');
  expect(inspections).toMatchObject([{ deadlineMs: 20_000, signal: { aborted: true } }]);
  expect(limits).toMatchObject([{ deadlineMs: 16_000, maxOutputBytes: 65_536, signal: { aborted: true } }]);
});

test('compares the clocks at the time of the script, not of the inspection before it', async () => {
  ssh.onScript = () => {
    const began = seconds();
    clock.pass(3_000);
    return `began=${began}\nended=${seconds()}\nend=1\n`;
  };
  const { checks, observedAt } = await checkPrerequisites('s1', { port: 18_789 });
  expect(checks.find(({ id }) => id === 'clock')?.detail).toMatch(/differ by [01] s\./);
  expect(observedAt).toBe(new Date(clock.now()).toISOString());
});

test.each([
  ['Buoy, where the server does not reach the sources and Buoy does', 0, true, 'buoy', true],
  ['the server, where neither reaches them', 0, false, 'server', false],
  ['the server, where it reaches them', 200, false, 'server', true],
] as const)('leaves the downloads to %s', async (_what, status, isReached, via, isReady) => {
  let questions = 0;
  checkPrerequisites = createCheckPrerequisites({
    ...{ ssh, clock, installations: { inspect: async () => goodInspection } },
    downloads: downloadsOf({ ...downloads, nodeMirror: null }),
    async reachesDownloads() {
      questions += 1;
      return isReached;
    },
  });
  ssh.onScript = () => `registryBy=curl\nregistryStatus=${status === 0 ? '' : status}\nend=1\n`;
  const answer = await checkPrerequisites('s1', { port: 18_789 });
  expect(answer.via).toBe(via);
  expect(answer.checks.find(({ id }) => id === 'registry')?.status !== 'fail').toBe(isReady);
  expect(questions).toBe(status === 0 ? 1 : 0);
});

test('does not leave them to Buoy where the server has no program to ask with', async () => {
  checkPrerequisites = createCheckPrerequisites({
    ...{ ssh, clock, installations: { inspect: async () => goodInspection } },
    ...{ downloads: downloadsOf(downloads), reachesDownloads: async () => true },
  });
  ssh.onScript = () => 'registryBy=none\nmirrorBy=none\nend=1\n';
  expect((await checkPrerequisites('s1', { port: 18_789 })).via).toBe('server');
});

test('refuses an answer that was cut', async () => {
  ssh.onScript = () => 'kernel=Linux\n';
  await expect(checkPrerequisites('s1', { port: 18_789 })).rejects.toMatchObject({
    code: 'bad_gateway',
  });
});

test('passes on that the server cannot be reached in time', async () => {
  checkPrerequisites = createCheckPrerequisites({
    ssh,
    installations: { inspect: async () => goodInspection },
    downloads: downloadsOf(downloads),
    reachesDownloads: async () => false,
    clock,
  });
  ssh.script = (_serverId, _text, _args, { deadlineMs }) =>
    Promise.reject(Object.assign(new Error(`over after ${deadlineMs}`), { code: 'deadline' }));
  await expect(checkPrerequisites('s1', { port: 18_789 })).rejects.toMatchObject({ code: 'deadline' });
});

// The fixture of the README screenshots: servers at one fixed moment.
import type { Contract, OpenclawStatus, ResponseOf, Server } from '@buoy/contract';
import type { Page } from 'playwright-core';

export const MOMENT = new Date('2026-11-02T09:41:00Z');
const VERSION = '2026.9.6';
const GIB = 2 ** 30;
const MINUTE_MS = 60_000;

const ago = (minutes: number): string => new Date(MOMENT.getTime() - minutes * MINUTE_MS).toISOString();

type Picture = {
  name: string;
  tags: string[];
  state?: Server['status']['state'];
  reason?: string;
  sinceMinutes?: number;
};

const pictures: Picture[] = [
  {
    name: 'support-eu',
    tags: ['prod', 'eu'],
    state: 'down',
    reason: 'The gateway keeps crashing; systemd stopped restarting it.',
    sinceMinutes: 12,
  },
  {
    name: 'warehouse',
    tags: ['prod'],
    state: 'unreachable',
    reason: 'Nothing answers at 10.0.8.31:22: the connection timed out.',
    sinceMinutes: 47,
  },
  { name: 'bookings', tags: ['prod', 'eu'] },
  { name: 'family', tags: ['home'] },
  { name: 'mail-triage', tags: ['prod', 'us'] },
  { name: 'research', tags: ['lab'] },
  { name: 'sales-eu', tags: ['prod', 'eu'] },
  { name: 'sales-us', tags: ['prod', 'us'] },
  { name: 'staging', tags: ['lab'] },
];

const idOf = (name: string): string => `srv_${name.replaceAll('-', '')}`;

const servers: Server[] = pictures.map(
  ({ name, tags, state = 'up', reason, sinceMinutes = 4_000 }, index) => ({
    id: idOf(name),
    name,
    host: name === 'warehouse' ? '10.0.8.31' : `${name}.example.org`,
    port: 22,
    username: 'claw',
    authType: 'key',
    tags,
    jumpServerId: null,
    jumpServerRemoved: false,
    hostKey: {
      algorithm: 'ssh-ed25519',
      fingerprint: 'SHA256:Zl4vF0Q1rYb7cJrHkQh3u9bq0wXcT1m8sE5dN2aKfPU',
      pinnedAt: ago(40_000),
    },
    openclaw: { installed: true, version: VERSION },
    status: {
      state,
      since: ago(sinceMinutes),
      checkedAt: ago(1 + (index % 4)),
      reasons: reason === undefined ? [] : [reason],
    },
    role: 'owner',
    owner: { id: '1', name: 'Anna', givenBy: null },
    version: 1,
    createdAt: ago(40_000),
    updatedAt: ago(40_000),
  }),
);

function statusOf(index: number): OpenclawStatus {
  return {
    installed: true,
    version: VERSION,
    gateway: {
      state: 'running',
      ready: true,
      pid: 1_204 + index,
      uptimeS: 86_400 * (3 + index),
      port: 18_789,
      bind: 'loopback',
      authMode: 'token',
      rssBytes: (380 + 12 * index) * 2 ** 20,
    },
    service: {
      manager: 'systemd-user',
      unit: 'openclaw-gateway.service',
      activeState: 'active',
      result: 'success',
      restarts: 0,
      startLimitHit: false,
    },
    channels: [
      { id: 'telegram', account: 'default', state: 'connected', error: null },
      { id: 'whatsapp', account: 'default', state: 'connected', error: null },
    ],
    agents: 2 + (index % 3),
    sessions: 18 + 7 * index,
    update: { current: VERSION, latest: VERSION, behind: false },
    disk: { totalBytes: 80 * GIB, availableBytes: (41 - index) * GIB },
    memory: { totalBytes: 8 * GIB, availableBytes: 5 * GIB },
  };
}

type Answers = {
  servers: ResponseOf<Contract['GET /servers']>;
  server: ResponseOf<Contract['GET /servers/:id']>;
  status: ResponseOf<Contract['GET /servers/:id/openclaw/status']>;
  alerts: ResponseOf<Contract['GET /alerts']>;
  inbox: ResponseOf<Contract['GET /inbox']>;
  tasks: ResponseOf<Contract['GET /tasks/active-server']>;
};

function answerTo(path: string): Answers[keyof Answers] | null {
  const [, id, what] = /^\/servers\/(srv_\w+)(\/openclaw\/status)?$/.exec(path) ?? [];
  const index = servers.findIndex((server) => server.id === id);
  const found = servers[index];
  if (found !== undefined && what === undefined) return { server: found };
  if (found !== undefined) return { status: statusOf(index), source: 'gateway', observedAt: ago(0) };
  if (path === '/servers') return { servers, nextCursor: null };
  if (path === '/alerts') return { alerts: [], nextCursor: null, unread: 2 };
  if (path === '/inbox') return { items: [], accessRequests: [], unreachable: [] };
  if (path === '/tasks/active-server') return { tasks: [] };
  return null;
}

/** The clock of the page stands at that moment, and the API answers of this fleet; everything else comes from the Buoy of the test. */
export async function showPicturedFleet(page: Page): Promise<void> {
  await page.clock.setFixedTime(MOMENT);
  await page.route(/\/api\//, async (route) => {
    const { pathname } = new URL(route.request().url());
    const path = pathname.replace('/api', '');
    // A stream without events: nothing changes while the picture is made.
    if (path.endsWith('/events')) return;
    const answer = answerTo(path);
    await (answer === null ? route.continue() : route.fulfill({ json: answer }));
  });
}

/** The path of a server's own page. */
export const pathOf = (name: string): string => `/servers/${idOf(name)}`;

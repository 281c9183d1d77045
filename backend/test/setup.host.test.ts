// From a bare Debian to a gateway that runs, through the API alone: as a sudo user with and without a password, and as root.
import type { FixableCheckId, Server, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { addServer, untilUp } from '../../testbed/buoy-client.ts';
import { startFakeModelServer } from '../../testbed/fake-model-server.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';

/** Milliseconds: 70 s on an idle machine. */
const SETUP_MS = 400_000;
const MINUTES = 60_000;

describe.skipIf(inject('hostsMissing') !== '')('setup', () => {
  let live: LiveBuoy;
  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
  });
  afterAll(() => live?.close());

  const run = async (server: Server, body: object) => {
    await live.untilIdle(server.id, SETUP_MS);
    const params = { id: server.id };
    const setup = { onboard: { provider: 'skip' }, ...body };
    return (await live.api('POST /servers/:id/setup/run', { params, body: setup })).task;
  };
  const configure = (server: Server, body: object) =>
    live.api('POST /servers/:id/setup/configure-gateway', { params: { id: server.id }, body });
  /** Those of the two ports of these tests on which something listens. */
  const listeners = async (host: Host) => {
    const { stdout } = await host.exec('ss -ltnH');
    return [18_789, 18_790].filter((port) => stdout.includes(`127.0.0.1:${port} `));
  };
  const outputOf = async ({ id }: Task) =>
    (await live.api('GET /tasks/:id/output', { params: { id } })).output.text;
  const succeeded = async (task: Task) => {
    const end = await live.untilTask(task.id, ended, SETUP_MS);
    if (end.status !== 'succeeded') throw new Error(`${JSON.stringify(end.error)}\n${await outputOf(end)}`);
    return end;
  };

  describe('of a sudo user without a password', () => {
    let host: Host;
    let server: Server;
    let tries = 0;
    /** Anew for each try: the one before may have installed something. */
    const acquireBareHost = async () => {
      tries += 1;
      if (tries > 1) await host.down();
      host = await acquireHost({ name: testHost('bare') });
      server = await live.add(host, `bare ${tries}`);
    };
    // Other files take a host of this name for one without OpenClaw.
    afterAll(() => host?.down());

    test(
      'runs from a bare server to a healthy gateway that survives a reboot',
      async () => {
        await acquireBareHost();
        // The machine of the test, as its hosts see it.
        const model = await startFakeModelServer({ host: host.host.replace(/\d+$/, '1') });
        const body = {
          onboard: {
            ...{ provider: 'custom', providerId: 'fake', model: 'fake-1' },
            ...{ baseUrl: `${model.url}/v1`, apiKey: 'sk-of-a-provider-0123456789' },
          },
          agent: { message: 'Are you there?' },
        };
        const task = await succeeded(await run(server, body));
        await model.stop();
        expect(task.steps.map(({ id, status }) => [id, status])).toEqual([
          ['check-prereqs', 'succeeded'],
          ['install-node', 'succeeded'],
          ['install-openclaw', 'succeeded'],
          ['onboard', 'succeeded'],
          ['configure-gateway', 'skipped'],
          ['systemd', 'succeeded'],
          ['channel', 'skipped'],
          ['verify-health', 'succeeded'],
          ['create-default-agent', 'succeeded'],
        ]);
        expect(task.result).toMatchObject({
          version: '2026.9.6',
          gateway: { port: 18_789, bind: 'loopback' },
          agentId: 'main',
          reply: expect.stringContaining('Are you there?'),
        });

        const { status } = await untilUp(live.api, server.id);
        expect(status.gateway).toMatchObject({ state: 'running', ready: true });
        const { stdout } = await host.exec('bash -lc "command -v node openclaw"', { user: 'deploy' });
        expect(stdout.trim().split('\n')).toEqual([
          '/home/deploy/.local/openclaw/bin/node',
          '/home/deploy/.local/openclaw/bin/openclaw',
        ]);

        await host.reboot();
        await host.waitGateway();
        expect((await untilUp(live.api, server.id)).status.gateway).toMatchObject({ state: 'running' });
      },
      10 * MINUTES,
    );

    test('keeps the key out of the task, its output, the log of Buoy and the files of its runs', async () => {
      const { tasks } = await live.api('GET /tasks', { query: { serverId: server.id } });
      const shown = [JSON.stringify(tasks), await outputOf(tasks.at(-1)!), live.printed()].join('');
      expect(shown).not.toContain('sk-of-a-provider');
      const { stdout } = await host.exec(
        'grep -rl sk-of-a-provider ~/.buoy ~/.bash_history ~/.profile 2>/dev/null; grep -c sk-of-a-provider ~/.openclaw/openclaw.json',
        { user: 'deploy' },
      );
      expect(stdout.trim()).toBe('1');
    });

    test(
      'finds everything in place when it runs again, and changes nothing',
      async () => {
        const before = await host.exec('systemctl --user show openclaw-gateway -p MainPID', {
          user: 'deploy',
        });
        const task = await succeeded(await run(server, {}));
        expect(task.steps.map(({ id, status }) => [id, status])).toEqual([
          ['check-prereqs', 'succeeded'],
          ['install-node', 'skipped'],
          ['install-openclaw', 'skipped'],
          ['onboard', 'skipped'],
          ['configure-gateway', 'skipped'],
          ['systemd', 'skipped'],
          ['channel', 'skipped'],
          ['verify-health', 'succeeded'],
          ['create-default-agent', 'skipped'],
        ]);
        const after = await host.exec('systemctl --user show openclaw-gateway -p MainPID', {
          user: 'deploy',
        });
        expect(after.stdout).toBe(before.stdout);
      },
      3 * MINUTES,
    );

    test.runIf(isLongRun)('makes a service in which OpenClaw finds nothing to mend', async () => {
      const { stdout } = await host.exec('bash -lc "openclaw gateway status --json"', { user: 'deploy' });
      const { service } = JSON.parse(stdout);
      expect(service).toMatchObject({ loaded: true, configAudit: { ok: true, issues: [] } });
      const { maxOldSpaceSizeMiB } = service.gatewayHeap;
      expect(service.layout.execStart).toContain(` --max-old-space-size=${maxOldSpaceSizeMiB} `);
    });

    test('mends what one check found, and what is there already is skipped', async () => {
      const fix = async (checkId: FixableCheckId) => {
        const params = { id: server.id };
        await live.untilIdle(server.id, SETUP_MS);
        const { task } = await live.api('POST /servers/:id/setup/fix', { params, body: { checkId } });
        return (await succeeded(task)).steps.map(({ id, status, detail }) => [id, status, detail]);
      };
      const notNeeded = 'This check does not need it.';
      await host.exec('rm /var/lib/systemd/linger/deploy');
      expect(await fix('linger')).toEqual([
        ['install-node', 'skipped', notNeeded],
        ['install-openclaw', 'skipped', notNeeded],
        ['enable-linger', 'succeeded', null],
      ]);
      expect(await host.exec('ls /var/lib/systemd/linger')).toMatchObject({ stdout: 'deploy\n' });
      expect(await fix('openclaw')).toEqual([
        ['install-node', 'skipped', expect.stringContaining('is installed already')],
        ['install-openclaw', 'skipped', 'OpenClaw 2026.9.6 is installed already.'],
        ['enable-linger', 'skipped', notNeeded],
      ]);
    });

    test('has the newest versions, and says so', async () => {
      const { components } = await live.api('GET /servers/:id/setup/check-updates', {
        params: { id: server.id },
      });
      const byName = Object.fromEntries(components.map((one) => [one.component, one]));
      expect(byName.openclaw).toMatchObject({ current: '2026.9.6', latest: '2026.9.6', behind: false });
      expect(byName.node).toMatchObject({ current: expect.stringMatching(/^24\./), behind: false });
      expect(byName.npm).toMatchObject({ current: expect.stringMatching(/^\d+\./) });
      expect(byName.ollama).toMatchObject({ current: null, behind: null });
    });

    test.runIf(isLongRun)(
      'moves the gateway and its service to another port with a new token, and changes nothing the second time',
      async () => {
        const tokenOf = async () => {
          const { stdout } = await host.exec('cat ~/.openclaw/openclaw.json', { user: 'deploy' });
          return JSON.parse(stdout).gateway.auth.token as string;
        };
        const before = await tokenOf();
        expect(await configure(server, { port: 18_790, rotateToken: true })).toEqual({
          gateway: { port: 18_790, bind: 'loopback', authMode: 'token' },
          restarted: true,
        });
        const after = await tokenOf();
        expect(after).toMatch(/^[0-9a-f]{48}$/);
        expect(after).not.toBe(before);
        const { status, source } = await untilUp(live.api, server.id);
        expect({ port: status.gateway.port, source }).toEqual({ port: 18_790, source: 'gateway' });
        expect(await listeners(host)).toEqual([18_790]);

        expect(await configure(server, { port: 18_790 })).toMatchObject({ restarted: false });
        const { tasks } = await live.api('GET /tasks', { query: { serverId: server.id } });
        expect(JSON.stringify(tasks) + live.printed()).not.toContain(after);
      },
      5 * MINUTES,
    );

    test('says that a version does not exist', async () => {
      const { task } = await live.api('POST /servers/:id/setup/install-node', {
        params: { id: server.id },
        body: { version: '24.99.0' },
      });
      expect(await live.untilTask(task.id, ended, SETUP_MS)).toMatchObject({
        status: 'failed',
        error: { code: 'version_not_found', hint: expect.stringContaining('another version') },
      });
    });
  });

  test.runIf(isLongRun)(
    'goes on after Buoy was killed in the middle of an installation, which runs once',
    async () => {
      const host = await acquireHost({ name: testHost('bare-killed') });
      const server = await live.add(host);
      const task = await run(server, {});
      await live.untilTask(
        task.id,
        (now) => stepRuns('install-openclaw')(now) && now.status === 'running',
        SETUP_MS,
      );
      await live.killAndRestart();
      const end = await succeeded(task);
      expect((await outputOf(end)).match(/Installing OpenClaw/g)).toHaveLength(1);
      await host.down();
    },
    10 * MINUTES,
  );

  test.runIf(isLongRun)(
    'needs no sudo for a user service, and the password of a sudo user to put a system service in its place and to change it',
    async () => {
      const host = await acquireHost({ name: testHost('bare-password'), sudo: 'password' });
      await host.exec('loginctl disable-linger deploy');
      const server = await addServer(live.api, {
        ...{ name: host.name, host: host.host, port: host.port, username: host.user },
        ...{ authType: 'password', password: host.password },
      });
      await succeeded(await run(server, {}));
      expect((await host.exec('ls /var/lib/systemd/linger')).stdout.trim()).toBe('deploy');

      const service = async (body: object) => {
        const params = { id: server.id };
        return (await live.api('POST /servers/:id/setup/systemd', { params, body })).task;
      };
      /** Whether the unit of each manager starts at boot, and whether it runs. */
      const services = async () => {
        const of = async (scope: string) => {
          const words = ['is-enabled', 'is-active'].map(
            (word) => `systemctl ${scope} ${word} openclaw-gateway`,
          );
          const { stdout } = await host.exec(words.join('; '), { user: 'deploy' });
          return stdout.trim().split('\n').join(' ');
        };
        return { user: await of('--user'), system: await of('--system') };
      };
      const manager = 'systemd-system';
      const sudoPassword = host.password;
      const refused = await live.untilTask((await service({ manager })).id, ended, SETUP_MS);
      expect(refused).toMatchObject({ status: 'failed', error: { code: 'sudo_refused' } });
      expect(await services()).toMatchObject({ user: 'enabled active' });

      // A system service that cannot run.
      const dropIn = '/etc/systemd/system/openclaw-gateway.service.d';
      await host.exec(
        `mkdir ${dropIn} && printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >${dropIn}/false.conf`,
      );
      const failed = await live.untilTask((await service({ manager, sudoPassword })).id, ended, SETUP_MS);
      expect(failed).toMatchObject({
        ...{ status: 'failed', error: { code: 'not_ready' } },
      });
      expect(await outputOf(failed)).toContain('The old service was put back.');
      expect(await services()).toEqual({ user: 'enabled active', system: 'not-found inactive' });
      await host.exec(`rm -r ${dropIn}`);

      const task = await succeeded(await service({ manager, sudoPassword }));
      expect(task.result).toMatchObject({ manager, unit: 'openclaw-gateway.service' });
      expect((await host.exec('systemctl show openclaw-gateway -p User')).stdout.trim()).toBe('User=deploy');
      expect(await services()).toEqual({ user: 'not-found inactive', system: 'enabled active' });
      const back = await succeeded(await service({ manager: 'systemd-user', sudoPassword }));
      expect(back.result).toMatchObject({ manager: 'systemd-user' });
      expect(await services()).toEqual({ user: 'enabled active', system: 'not-found inactive' });
      await succeeded(await service({ manager, sudoPassword }));
      expect(await services()).toEqual({ user: 'not-found inactive', system: 'enabled active' });

      const port = 18_790;
      await expect(configure(server, { port })).rejects.toMatchObject({ code: 'sudo_refused' });
      expect(await listeners(host)).toEqual([18_789]);
      expect(await configure(server, { port, sudoPassword: host.password })).toMatchObject({
        restarted: true,
      });
      expect(await listeners(host)).toEqual([port]);
      await host.down();
    },
    10 * MINUTES,
  );
});

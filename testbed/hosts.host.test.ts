// The test bed hosts: each fault as OpenSSH's client sees it, and the state after it ends.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { acquireHost, currentOpenclawLayer, type Host } from './hosts.ts';
import { isLongRun } from './long-run.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { testHost } from './test-hosts.ts';
import { until } from './until.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buoy-hosts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type SshOptions = { user?: string; options?: string[]; knownHosts?: string; env?: NodeJS.ProcessEnv };

/** Runs a command through OpenSSH's client; code 255 is its own failure. */
function ssh(host: Host, command: string, given: SshOptions = {}): Promise<CommandResult> {
  const {
    user = host.user,
    options = ['BatchMode=yes', `IdentityFile=${host.key}`],
    knownHosts,
    env,
  } = given;
  const all = [
    'ConnectTimeout=3',
    `UserKnownHostsFile=${knownHosts ?? '/dev/null'}`,
    `StrictHostKeyChecking=${knownHosts ? 'yes' : 'no'}`,
    ...(knownHosts ? [] : ['LogLevel=ERROR']),
    ...options,
  ];
  const args = ['-F', 'none', ...all.flatMap((option) => ['-o', option]), `${user}@${host.host}`, command];
  return runCommand('ssh', args, { timeoutMs: 60_000, env: { ...process.env, ...env } });
}

/** A session that runs until something ends it; resolves when it has begun. */
async function longSession(host: Host, options: string[] = []): Promise<{ end: Promise<CommandResult> }> {
  const mark = `begun-${Math.random().toString(36).slice(2)}`;
  const base = ['BatchMode=yes', `IdentityFile=${host.key}`];
  const end = ssh(host, `touch /tmp/${mark}; sleep 50`, { options: [...base, ...options] });
  await until(10_000, async () => (await host.exec(`test -e /tmp/${mark}`)).code === 0);
  return { end };
}

const works = { code: 0, stdout: 'here\n', stderr: '' };
const echo = (host: Host) => ssh(host, 'echo here');

describe.skipIf(inject('hostsMissing'))('a bare test host', () => {
  let host: Host;
  beforeAll(async () => {
    host = await acquireHost({ name: testHost('faults'), disk: 600 });
  });
  afterEach(() => host.fault('none'));

  test("starts without changing this machine's addresses, which would abort a browser's requests", async () => {
    const prefix = process.env.BUOY_TESTBED_PREFIX ?? 'buoytb';
    const { stdout } = await runCommand('ip', ['-o', '-6', 'addr', 'show'], { timeoutMs: 10_000 });
    expect(stdout.split('\n').filter((line) => line.includes(` ${prefix}`))).toEqual([]);
    expect(
      (await runCommand('ip', ['link', 'show', 'type', 'veth'], { timeoutMs: 10_000 })).stdout,
    ).toContain(prefix);
  });

  test('accepts logins by key, and by password for deploy only', async () => {
    expect(await echo(host)).toEqual(works);
    expect((await ssh(host, 'id -u', { user: host.rootUser })).stdout).toBe('0\n');
    const askpass = join(folder, 'askpass');
    await writeFile(askpass, `#!/bin/sh\necho ${host.password}\n`, { mode: 0o700 });
    const byPassword = {
      options: ['PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1'],
      env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
    };
    expect((await ssh(host, 'id -un', byPassword)).stdout).toBe('deploy\n');
    expect((await ssh(host, 'id -un', { ...byPassword, user: host.rootUser })).code).toBe(255);
  });

  test('has the host keys named in its JSON', async () => {
    const { stdout } = await runCommand('bash', ['-c', `ssh-keyscan -q ${host.host} | ssh-keygen -lf -`], {
      timeoutMs: 20_000,
    });
    expect(stdout).toContain(host.hostKeys.ed25519);
    expect(stdout).toContain(host.hostKeys.ecdsa);
  });

  test('runs systemd for the system and for deploy, with a journal that deploy can read', async () => {
    const states = 'systemctl is-system-running --wait; systemctl --user is-system-running --wait';
    expect((await ssh(host, states)).stdout).toBe('running\nrunning\n');
    // journald asks the kernel which unit a line is of, and cannot when the process is gone by then: it stays a moment
    const greeterCommand = "systemd-run --user --quiet --wait --unit=greeter sh -c 'echo said-it; sleep 2'";
    expect((await ssh(host, greeterCommand)).code).toBe(0);
    const journal = 'journalctl --user --quiet --output=cat --unit=greeter';
    await until(10_000, async () => (await ssh(host, journal)).stdout.includes('said-it\n'));
    expect((await ssh(host, 'sudo -n id -u')).stdout).toBe('0\n');
  });

  test('cut: open and new sessions time out until it is restored', async () => {
    const session = await longSession(host, ['ServerAliveInterval=1', 'ServerAliveCountMax=2']);
    await host.fault('cut');
    await host.fault('cut');
    const late = await echo(host);
    expect(late.code).toBe(255);
    expect(late.stderr).toContain('Connection timed out');
    expect((await session.end).code).toBe(255);
    await host.fault('restore');
    await host.fault('restore');
    expect(await echo(host)).toEqual(works);
  });

  test('refuse: port 22 refuses connections until it is ended', async () => {
    await host.fault('refuse');
    expect((await echo(host)).stderr).toContain('Connection refused');
    await host.fault('unrefuse');
    expect(await echo(host)).toEqual(works);
  });

  test('rate: transfers are slow until the limit is lifted', async () => {
    const secondsFor100Kilobytes = async () => {
      const startedAt = performance.now();
      expect((await ssh(host, 'head -c 100000 /dev/urandom')).code).toBe(0);
      return (performance.now() - startedAt) / 1000;
    };
    await host.fault('rate', 400);
    expect(await secondsFor100Kilobytes()).toBeGreaterThan(1.5);
    await host.fault('unrate');
    expect(await secondsFor100Kilobytes()).toBeLessThan(1.5);
  });

  test('freeze: the port accepts connections but does not answer until thaw', async () => {
    await host.fault('freeze');
    expect((await host.info()).state).toBe('frozen');
    const frozen = await echo(host);
    expect(frozen.code).toBe(255);
    expect(frozen.stderr).toContain('during banner exchange');
    await host.fault('thaw');
    expect((await host.info()).state).toBe('running');
    expect(await echo(host)).toEqual(works);
  });

  test('fill: writes fail but logins work until space is freed', async () => {
    const write = () => ssh(host, 'head -c 100000 /dev/zero > file && rm file');
    await host.fault('fill');
    expect((await write()).stderr).toContain('No space left on device');
    expect(await echo(host)).toEqual(works);
    await host.fault('unfill');
    expect((await write()).code).toBe(0);
  });

  test('kill-connections: an open session breaks and the next one works', async () => {
    const session = await longSession(host);
    await host.fault('kill-connections');
    expect((await session.end).code).toBe(255);
    await host.fault('kill-connections');
    expect(await echo(host)).toEqual(works);
  });

  test('ssh-stop: port 22 is closed until ssh-start', async () => {
    await host.fault('ssh-stop');
    expect((await echo(host)).stderr).toContain('Connection refused');
    await host.fault('ssh-start');
    expect(await echo(host)).toEqual(works);
  });

  test('new-host-key: a client that knows the host refuses it until the old key is restored', async () => {
    const knownHosts = join(folder, 'known-hosts');
    const scan = await runCommand('ssh-keyscan', ['-q', host.host], { timeoutMs: 20_000 });
    await writeFile(knownHosts, scan.stdout);
    expect((await ssh(host, 'echo here', { knownHosts })).stdout).toBe('here\n');
    await host.fault('new-host-key');
    expect((await host.info()).hostKeys).not.toEqual(host.hostKeys);
    const refused = await ssh(host, 'echo here', { knownHosts });
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
    await host.fault('restore-host-key');
    expect((await host.info()).hostKeys).toEqual(host.hostKeys);
    expect((await ssh(host, 'echo here', { knownHosts })).stdout).toBe('here\n');
  });

  test.runIf(isLongRun)(
    'reboot, stop and power loss keep the disk, and a stopped host does not answer',
    async () => {
      await ssh(host, 'echo kept > kept; sudo touch /run/lost; sync');
      const state = () => ssh(host, 'cat kept; test -e /run/lost && echo still-up');
      await host.reboot();
      expect((await state()).stdout).toBe('kept\n');
      await host.powerOff();
      expect((await host.info()).state).toBe('stopped');
      expect((await echo(host)).stderr).toContain('Connection timed out');
      await expect(host.exec('true')).rejects.toThrow(`${host.name} is not running`);
      await host.start();
      expect((await state()).stdout).toBe('kept\n');
      await host.stop();
      await host.start();
      expect((await state()).stdout).toBe('kept\n');
    },
  );

  test('acquire ends leftover faults and keeps the host', async () => {
    await host.exec('echo mine > /home/deploy/mine');
    await host.fault('new-host-key');
    await host.fault('ssh-stop');
    for (const fault of ['cut', 'refuse', 'freeze'] as const) await host.fault(fault);
    const again = await acquireHost({ name: host.name, disk: 600 });
    expect(again.hostKeys).toEqual(host.hostKeys);
    expect((await ssh(again, 'cat mine')).stdout).toBe('mine\n');
  });

  test('acquire recreates a host that a killed run left dead and frozen', async () => {
    await host.exec('touch /home/deploy/old');
    await host.fault('freeze');
    await runCommand(
      'bash',
      [
        '-c',
        `for p in $(pgrep -f "[h]osts.sh run-supervisor ${host.name}|[m]achine=[a-z]*-${host.name}"); do kill -KILL $p; done`,
      ],
      { timeoutMs: 10_000 },
    );
    host = await acquireHost({ name: host.name, disk: 600 });
    expect((await ssh(host, 'ls')).stdout).toBe('');
    expect(await echo(host)).toEqual(works);
  });
});

describe.skipIf(inject('hostsMissing'))('a test host with limits', () => {
  let host: Host;
  beforeAll(async () => {
    host = await acquireHost({ name: testHost('limits'), mem: 300, internet: false, sudo: 'none' });
  });

  test('kills a process that exceeds the memory limit and keeps running', async () => {
    const pipeResult = await ssh(host, 'head -c 500M /dev/zero | (tail > /dev/null; echo $?)');
    expect(pipeResult.stdout).toBe('137\n');
    expect(await echo(host)).toEqual(works);
  });

  test('gives deploy no sudo', async () => {
    expect((await ssh(host, `echo ${host.password} | sudo -S -p '' true`)).stderr).toContain(
      'not in the sudoers file',
    );
  });

  test('cannot reach the internet', async () => {
    const gateway = host.host.replace(/\d+$/, '1');
    expect((await ssh(host, 'curl -sS -m 2 http://192.0.2.1/')).code).toBe(28);
    expect((await ssh(host, `ip route show default`)).stdout).toContain(`via ${gateway}`);
  });

  test('is recreated for other options, and then sudo asks for a password', async () => {
    await host.exec('touch /home/deploy/old');
    const other = await acquireHost({ name: host.name, sudo: 'password' });
    expect(other).toMatchObject({ sudo: 'password', internet: true, memoryMiB: 0 });
    expect((await ssh(other, 'ls')).stdout).toBe('');
    expect((await ssh(other, 'sudo -n true')).stderr).toContain('a password is required');
    expect((await ssh(other, `echo ${host.password} | sudo -S -p '' id -u`)).stdout).toBe('0\n');
  });
});

describe.skipIf(inject('hostsMissing'))('a test host with OpenClaw', () => {
  let host: Host;
  beforeAll(async () => {
    host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer });
  });
  afterAll(() => host.fault('none'));

  const ready = async () =>
    (await ssh(host, 'curl -s -m 5 http://127.0.0.1:18789/readyz')).stdout.includes('"ready":true');
  const unitState = async () =>
    (await ssh(host, 'systemctl --user show -P ActiveState openclaw-gateway')).stdout.trim();
  const statusWithToken = async (token: string) => {
    const curl = `curl -s -o /dev/null -w '%{http_code}' -H 'authorization: Bearer ${token}' -d '{}' http://127.0.0.1:18789/tools/invoke`;
    return (await ssh(host, curl)).stdout;
  };

  test('has a ready gateway that accepts only its own token', async () => {
    expect(await ready()).toBe(true);
    expect(await statusWithToken(host.gatewayToken ?? '')).not.toBe('401');
    expect(await statusWithToken('f'.repeat(48))).toBe('401');
  });

  test('finds openclaw in a login shell, not in a plain command', async () => {
    expect((await ssh(host, 'bash -lc "openclaw --version"')).stdout).toContain(
      currentOpenclawLayer.replace('openclaw-', ''),
    );
    expect((await ssh(host, 'openclaw --version')).code).toBe(127);
  });

  test('starts its gateway at the first attempt', async () => {
    const journal = await host.exec('journalctl --user -u openclaw-gateway --no-pager', { user: 'deploy' });
    expect(journal.stdout).toContain('Started openclaw-gateway.service');
    expect(journal.stdout).not.toContain('changed during startup');
  });

  test('answers a message through its model server', async () => {
    const answer = await ssh(host, 'bash -lc "openclaw agent --agent main --message hello --json"');
    expect(answer.stdout).toMatch(/FAKE-REPLY to: .*hello/);
  });

  test('gateway-stop and gateway-start stop and start the gateway', async () => {
    await host.fault('gateway-stop');
    await host.fault('gateway-stop');
    expect(await ready()).toBe(false);
    expect(await unitState()).toBe('inactive');
    await host.fault('gateway-start');
    await host.waitGateway();
    expect(await ready()).toBe(true);
  });

  test('break-config: the gateway fails to start until the config is repaired, with the same token', async () => {
    await host.fault('break-config');
    await host.fault('break-config');
    await until(30_000, async () => (await unitState()) === 'failed');
    expect(await ready()).toBe(false);
    expect((await host.info()).gatewayToken).toBe(host.gatewayToken);
    await host.fault('mend-config');
    await host.waitGateway();
    expect(await statusWithToken(host.gatewayToken ?? '')).not.toBe('401');
  });

  test.runIf(isLongRun)('the gateway starts after a reboot with the same token', async () => {
    await host.reboot();
    await host.waitGateway();
    expect((await host.info()).gatewayToken).toBe(host.gatewayToken);
    expect(await statusWithToken(host.gatewayToken ?? '')).not.toBe('401');
  });
});

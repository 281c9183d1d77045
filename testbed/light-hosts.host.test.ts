// Light hosts: many at once, each with files and a key of its own.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { endLightHosts, freezeLightHosts, type LightHost, lightHosts } from './light-hosts.ts';
import { runCommand } from './run-command.ts';

/** Far above the numbers that scale tests use. */
const first = 9001;

function ssh({ host, user, key }: LightHost, command: string) {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ];
  const args = [
    ...options.flatMap((option) => ['-o', option]),
    '-F',
    'none',
    '-i',
    key,
    `${user}@${host}`,
    command,
  ];
  return runCommand('ssh', args, { timeoutMs: 30_000 });
}

describe.skipIf(inject('hostsMissing'))('light test hosts', () => {
  afterAll(() => endLightHosts(first, first + 9));

  test('have their own name, files, processes and host key, and are reused', async () => {
    const hosts = await lightHosts(first, first + 9);
    expect(new Set(hosts.map((host) => host.hostKey)).size).toBe(10);
    const names = await Promise.all(
      hosts.map((host) => ssh(host, 'hostname; echo mine > mine; ls; pgrep -c sshd')),
    );
    expect(names.map(({ stdout }) => stdout.split('\n').slice(0, 2))).toEqual(
      hosts.map(({ name }) => [name, 'mine']),
    );
    expect(await lightHosts(first, first + 9)).toEqual(hosts);
  });

  test('say nothing once frozen, and can be ended', async () => {
    const [frozen] = await lightHosts(first + 5, first + 5);
    await freezeLightHosts(first + 5, first + 5);
    const socket = connect({ host: frozen!.host, port: frozen!.port });
    let said = 0;
    socket.on('data', ({ length }) => {
      said += length;
    });
    await once(socket, 'connect');
    await expect(once(socket, 'data', { signal: AbortSignal.timeout(500) })).rejects.toThrow();
    expect(said).toBe(0);
    socket.destroy();
    await endLightHosts(first + 5, first + 5);
    expect((await ssh(frozen!, 'true')).stderr).toContain('Connection refused');
  });

  test('do not answer once ended, and come back new', async () => {
    const [before] = await lightHosts(first, first);
    await endLightHosts(first, first);
    expect((await ssh(before!, 'true')).stderr).toContain('Connection refused');
    const [after] = await lightHosts(first, first);
    expect(after?.hostKey).not.toBe(before?.hostKey);
    expect((await ssh(after!, 'ls')).stdout).toBe('');
  });
});

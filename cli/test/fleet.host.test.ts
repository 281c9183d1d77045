// Runs docs/fleet.sh with the bundled command line: two real hosts, one missing host, a real Buoy.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type LiveBuoy, startLiveBuoy } from '../../backend/test/support/live-buoy.ts';
import { currentVersion, previousVersion } from '../../backend/test/support/openclaw-fixture.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';

const script = fileURLToPath(new URL('../../docs/fleet.sh', import.meta.url));
/** Milliseconds for two restarts on a busy machine. */
const FLEET_MS = 280_000;

describe.skipIf(inject('hostsMissing') !== '')('docs/fleet.sh', { timeout: FLEET_MS + 10_000 }, () => {
  let folder: string;
  let bundle: Bundle;
  let live: LiveBuoy;
  let current: Host;
  let previous: Host;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-fleet-'));
    bundle = await buildBundle();
    current = await acquireHost({ ...currentVersion, waitGateway: true });
    previous = await acquireHost({ ...previousVersion, waitGateway: true });
    live = await startLiveBuoy();
    // Each host has its own key; the fleet needs one for all.
    copyFileSync(current.key, path.join(folder, 'key'));
    const { stdout } = await current.exec('cat ~/.ssh/authorized_keys', { user: 'deploy' });
    await previous.exec('cat >> ~/.ssh/authorized_keys', { user: 'deploy', input: stdout });
  }, 480_000);
  afterAll(async () => {
    await live?.close();
    bundle?.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const loginOf = (host: Host): string => `${host.user}@${host.host}:${host.port}`;
  const fleet = (lines: string[], environment: Record<string, string> = {}): Promise<CommandResult> => {
    const list = path.join(folder, 'list');
    writeFileSync(list, lines.join('\n'));
    return runCommand('bash', [script, list, path.join(folder, 'key')], {
      timeoutMs: FLEET_MS,
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
        HOME: folder,
        BUOY: `node ${bundle.file}`,
        BUOY_URL: live.process().url,
        BUOY_TOKEN: live.token,
        ...environment,
      },
    });
  };
  const rows = (table: string): string[][] =>
    table
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd().split(/ {2,}/));
  const pidOf = async (host: Host): Promise<string> =>
    (
      await host.exec('systemctl --user show openclaw-gateway -p MainPID --value', { user: 'deploy' })
    ).stdout.trim();

  test('adds both servers, restarts their gateways and reports them healthy; a second run finds them already added', async () => {
    const before = await Promise.all([current, previous].map(pidOf));
    const lines = ['# the fleet', `web ${loginOf(current)}`, '', `desk ${loginOf(previous)}`];
    const { code, stdout, stderr } = await fleet(lines);
    expect(stderr).toBe('');
    expect(rows(stdout)).toEqual([
      ['NAME', 'STATE', 'OPENCLAW', 'WHY'],
      ['web', 'healthy', currentVersion.version],
      ['desk', 'healthy', previousVersion.version],
    ]);
    expect(code).toBe(0);
    const after = await Promise.all([current, previous].map(pidOf));
    for (const [index, pid] of before.entries()) expect(after[index]).not.toBe(pid);
    const { servers } = await live.api('GET /servers');
    expect(servers.map(({ name, tags }) => [name, tags]).sort()).toEqual([
      ['desk', ['fleet']],
      ['web', ['fleet']],
    ]);

    const again = await fleet([...lines, 'gone deploy@127.0.0.1:1', 'odd not-a-login'], { RESTART: 'no' });
    expect(rows(again.stdout)).toEqual([
      ['NAME', 'STATE', 'OPENCLAW', 'WHY'],
      ['web', 'healthy', currentVersion.version],
      ['desk', 'healthy', previousVersion.version],
      ['gone', 'unreachable', '-', expect.stringMatching(/\S/)],
      ['odd', 'not added', '-', '"not-a-login" is not a login.'],
    ]);
    expect(again.code).toBe(1);
    expect((await live.api('GET /servers')).servers).toHaveLength(3);
    expect(await Promise.all([current, previous].map(pidOf))).toEqual(after);
  });

  test('reports a gateway that cannot restart with its reason, and continues with the others', async () => {
    await current.fault('break-config');
    try {
      const { code, stdout } = await fleet([`web ${loginOf(current)}`, `desk ${loginOf(previous)}`]);
      const [, web, desk] = rows(stdout);
      expect(web).toEqual(['web', 'not restarted', currentVersion.version, expect.stringMatching(/\S/)]);
      expect(desk).toEqual(['desk', 'healthy', previousVersion.version]);
      expect(code).toBe(1);
    } finally {
      await current.fault('mend-config');
      await current.waitGateway();
    }
  });

  test('prints its usage and exits with 2 without arguments', async () => {
    const { code, stderr } = await runCommand('bash', [script], { timeoutMs: 10_000 });
    expect(code).toBe(2);
    expect(stderr).toContain('fleet.sh LIST KEY');
  });
});

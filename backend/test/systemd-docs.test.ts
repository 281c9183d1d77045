// The systemd unit of docs/operations.md: systemd accepts it, and its command starts as an account without a home.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';
import { until } from '../../testbed/until.ts';
import { codeBlocks } from './support/doc-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const [unit = ''] = codeBlocks('docs/operations.md', 'ini');
const unitValue = (key: string): string => new RegExp(`^${key}=(.+)$`, 'm').exec(unit)?.[1] ?? '';
/** systemd.exec(5): the environment of a system service. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
const COMMAND_DEADLINE_MS = 60_000;
const missing = ['/usr/bin/npm', '/usr/bin/systemd-analyze'].filter((program) => !existsSync(program));

describe.skipIf(missing.length > 0)(
  `the unit of docs/operations.md${missing.length > 0 ? ` (skipped: no ${missing.join(', no ')})` : ''}`,
  () => {
    let dir: string;
    let child: ChildProcess | undefined;
    beforeAll(() => {
      dir = mkdtempSync(path.join(tmpdir(), 'buoy-unit-'));
    });
    afterAll(() => {
      child?.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    });

    /** The environment of the unit, its folders below `dir`. */
    const environment = (): Record<string, string> => ({
      PATH: SYSTEM_PATH,
      HOME: '/dev/null/none',
      ...Object.fromEntries(
        unitValue('Environment')
          .replaceAll('=/var/', `=${dir}/`)
          .split(' ')
          .map((pair) => pair.split('=') as [string, string]),
      ),
    });

    test('systemd-analyze reports no problem', async () => {
      const file = path.join(dir, 'buoy.service');
      writeFileSync(file, unit);
      const checked = await runCommand('systemd-analyze', ['verify', '--man=no', file], {
        timeoutMs: COMMAND_DEADLINE_MS,
        env: process.env,
      });
      expect(checked).toEqual({ code: 0, stdout: '', stderr: '' });
    });

    test('its command listens, writes nothing outside its folders, and exits with 0', async () => {
      mkdirSync(path.join(dir, 'cache'));
      const [program = '', ...args] = unitValue('ExecStart').split(' ');
      expect(unitValue('WorkingDirectory')).toBe('/opt/buoy');
      child = spawn(program, args, { cwd: root, env: { ...environment(), PORT: '0' }, stdio: 'pipe' });
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => {
          printed += chunk;
        });
      await until(COMMAND_DEADLINE_MS, async () => {
        if (child?.exitCode !== null) throw new Error(`It ended:\n${printed}`);
        return printed.includes('"msg":"listening"');
      });
      // npm has its own folder to write in: without a home it could not install anything.
      expect(readdirSync(path.join(dir, 'cache/buoy'))).toContain('_logs');
      expect(existsSync(path.join(dir, 'lib/buoy/vault-keys'))).toBe(true);
      child.kill('SIGTERM');
      expect((await once(child, 'exit'))[0]).toBe(0);
    });
  },
);

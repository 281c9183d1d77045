// Dockerfile and compose files, as far as they can be checked without a container engine.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runCommand } from '../../testbed/run-command.ts';
import { ensureSystemPackages } from '../../testbed/system-packages.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const COMMAND_DEADLINE_MS = 30_000;
const { docs } = await ensureSystemPackages(['docs'], { install: false });
const noDocs = docs?.ok === false ? ` (skipped: ${docs.reason})` : '';

const service = z.looseObject({
  image: z.string(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
const composeFile = z.object({
  services: z.record(z.string(), service),
  configs: z.record(z.string(), z.object({ content: z.string() })).optional(),
  volumes: z.record(z.string(), z.null()),
});
const files = ['compose.yaml', 'compose.postgres.yaml'];

describe.each(files)('%s', (file) => {
  const { services, volumes } = composeFile.parse(parse(read(file)));
  const buoy = services.buoy ?? expect.unreachable('no service buoy');

  test('runs Buoy of this version with a read-only root and without capabilities', () => {
    expect(buoy).toMatchObject({
      image: `buoy:${JSON.parse(read('package.json')).version}`,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  test("keeps Buoy's data in volumes, and declares each volume that it uses", () => {
    expect(buoy.volumes).toContain('data:/var/lib/buoy');
    const used = Object.values(services).flatMap((one) => one.volumes ?? []);
    expect(used.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort());
  });

  test('sets only variables that docs/operations.md names', () => {
    const page = read('docs/operations.md');
    for (const name of Object.keys(buoy.environment ?? {})) expect(page).toContain(`\`${name}\``);
  });
});

test.skipIf(noDocs !== '')(`Caddy takes the configuration of compose.postgres.yaml${noDocs}`, async () => {
  const { configs } = composeFile.parse(parse(read('compose.postgres.yaml')));
  const dir = mkdtempSync(path.join(tmpdir(), 'buoy-compose-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = path.join(dir, 'Caddyfile');
  // Compose reads two dollar signs as one.
  writeFileSync(file, (configs?.caddyfile?.content ?? '').replaceAll('$$', '$'));
  const checked = await runCommand('caddy', ['validate', '--adapter', 'caddyfile', '--config', file], {
    timeoutMs: COMMAND_DEADLINE_MS,
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      APP_DOMAIN: 'buoy.example.org',
      CONTROL_UI_DOMAIN: 'control.buoy.example.org',
    },
  });
  expect(checked.code, checked.stderr).toBe(0);
  const adapted = await runCommand('caddy', ['adapt', '--adapter', 'caddyfile', '--config', file], {
    timeoutMs: COMMAND_DEADLINE_MS,
    env: { PATH: process.env.PATH, HOME: dir, APP_DOMAIN: 'one.example', CONTROL_UI_DOMAIN: 'two.example' },
  });
  expect(adapted.stdout).toContain('"host":["one.example"]');
  expect(adapted.stdout).toContain('"dial":"buoy:8081"');
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');
  const usage = async () =>
    (
      await runCommand('sh', [path.join(root, 'packaging/bin/buoy-server'), 'help'], {
        timeoutMs: COMMAND_DEADLINE_MS,
        env: process.env,
      })
    ).stdout;

  test('runs as a user that is not root', () => {
    expect([...text.matchAll(/^USER (\d+):/gm)].at(-1)?.[1]).toMatch(/^[1-9]\d+$/);
  });

  test('starts Buoy and checks its health by commands that buoy-server has', async () => {
    const commands = [...text.matchAll(/CMD \["buoy-server", "([a-z-]+)"\]/g)].map(([, command]) => command);
    expect(commands).toEqual(['healthy', 'start']);
    for (const command of commands) expect(await usage()).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  test('copies nothing of this machine into the image', () => {
    expect(read('.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['.git', '**/node_modules', '**/dist', 'data']),
    );
  });

  const ignored = (file: string): boolean =>
    read('.dockerignore')
      .split('\n')
      .some((pattern) => path.matchesGlob(file, pattern) || path.matchesGlob(file, `${pattern}/**`));

  test.each([
    '.env',
    '.env.old',
    'buoy.env',
    'buoy.key',
    'tls/privkey.pem',
    'vault-keys',
    'vault-keys.old',
    'jwt-secret',
    'buoy.db',
    'buoy.db-wal',
    'data/vault-keys',
    'backups/buoy-20260301T100000Z.db.gz',
    'buoy-20260301T100000Z.db.gz',
    'buoy-20260301T100000Z.dump.gz',
  ])('keeps %s, which may lie beside the sources, out of the layers of the build', (file) => {
    expect(ignored(file)).toBe(true);
  });

  test('leaves what the package is made of to the build', () => {
    for (const file of [
      'packaging/buoy.env',
      'packaging/defaults.env',
      'backend/src/backups/backups.ts',
      'Dockerfile',
    ])
      expect([file, ignored(file)]).toEqual([file, false]);
  });
});

// docs/api.md and the API part of the README as written: only address, token and host are those of the test.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Contract, ResponseOf } from '@buoy/contract';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { until } from '../../testbed/until.ts';
import { codeBlocks } from './support/doc-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { resolve } = createRequire(import.meta.url);
const SCRIPT_DEADLINE_MS = 240_000;
const missing = ['curl', 'jq'].filter((program) => !existsSync(`/usr/bin/${program}`)).join(' and ');

let buoy: BuoyProcess;
let token: string;
let dir: string;

beforeAll(async () => {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  dir = mkdtempSync(path.join(root, '.cache/api-docs-'));
  buoy = await startBuoy({ DATA_DIR: path.join(dir, 'data'), RATE_LIMIT_GLOBAL: '100000' });
  const signedIn = await signInByLink(buoy);
  const made = await fetch(`${buoy.url}/api/me/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${signedIn}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'docs', scopes: ['admin'] }),
  });
  token = ((await made.json()) as ResponseOf<Contract['POST /me/tokens']>).token.secret;
});
afterAll(async () => {
  await buoy?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The folder of a reader who has installed the packages that the page names, in the versions of this repository. */
function readersFolder(name: string): string {
  const folder = path.join(dir, name);
  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  for (const one of ['openapi-fetch', 'openapi-typescript', 'typescript'])
    symlinkSync(path.dirname(resolve(`${one}/package.json`)), path.join(folder, 'node_modules', one));
  symlinkSync('../openapi-typescript/bin/cli.js', path.join(folder, 'node_modules/.bin/openapi-typescript'));
  writeFileSync(path.join(folder, 'package.json'), '{}');
  return folder;
}

/** Types the blocks into one shell, which stops at the first command that fails. */
function type(blocks: readonly string[], folder: string): Promise<CommandResult> {
  const typed = blocks
    .join('\n')
    .replaceAll('https://buoy.example.org', buoy.url)
    .replaceAll('buoy_YOUR_TOKEN', token)
    .replaceAll('web.example.org', '127.0.0.1');
  // The packages are installed already; the test does not download them again.
  const script = `set -euo pipefail\nnpm() { [ "$1" = install ]; }\ncd '${folder}'\n${typed}`;
  return runCommand('bash', ['-c', script], {
    timeoutMs: SCRIPT_DEADLINE_MS,
    env: { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, HOME: folder },
  });
}

async function cancelFirstTask(): Promise<void> {
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const id = await until(SCRIPT_DEADLINE_MS, async () => {
    const { tasks } = await api('GET /tasks', { query: { status: 'running' } });
    return tasks[0]?.id ?? null;
  });
  await api('POST /tasks/:id/cancel', { params: { id } });
}

describe.skipIf(missing !== '')(`the API pages${missing && ` (skipped: no ${missing})`}`, () => {
  test('docs/api.md: the commands work in order', { timeout: SCRIPT_DEADLINE_MS }, async () => {
    const folder = readersFolder('api');
    const [program = ''] = codeBlocks('docs/api.md', 'ts');
    writeFileSync(path.join(folder, 'first-call.mts'), program);
    const typed = type(codeBlocks('docs/api.md', 'sh'), folder);
    // No server exists that could be restarted: without this the page would wait for it for minutes.
    await cancelFirstTask();
    const { code, stdout, stderr } = await typed;
    expect(stderr.replace(/^.*openapi-typescript.*$/gm, '').trim()).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('"isSuperAdmin":true');
    expect(stdout).toContain('"tags":["prod"]');
    expect(stdout).toMatch(/^event: task$/m);
    expect(stdout).toContain('"status": "cancelled"');
    expect(stdout).toContain('"noteCount": 1');
    expect(stdout).toMatch(/^not_found\n.+\n[\w.-]+$/m);
    expect(stdout).toMatch(/^web (unknown|unreachable)$/m);
  });

  test('README.md: the first call works with curl and with a generated client', {
    timeout: SCRIPT_DEADLINE_MS,
  }, async () => {
    const folder = readersFolder('readme');
    const [program = ''] = codeBlocks('README.md', 'ts');
    writeFileSync(path.join(folder, 'first-call.mts'), program);
    const blocks = codeBlocks('README.md', 'sh').filter((block) => block.includes('BUOY_URL'));
    expect(blocks).toHaveLength(2);
    const { code, stdout } = await type([...blocks, 'node first-call.mts'], folder);
    expect(code).toBe(0);
    expect(stdout).toContain('{"servers":[');
    expect(stdout).toMatch(/^\[.*\]$/m);
  });

  test('the programs of both pages compile in strict mode', { timeout: SCRIPT_DEADLINE_MS }, async () => {
    const folder = readersFolder('compiled');
    for (const page of ['docs/api.md', 'README.md'])
      for (const program of codeBlocks(page, 'ts'))
        writeFileSync(path.join(folder, `${page.replace(/\W/g, '-')}.mts`), program);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
    };
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['*.mts'] }),
    );
    const compiled = await type(
      [`npx openapi-typescript '${buoy.url}/api/openapi.json' -o buoy.ts`, 'npx tsc -p .'],
      folder,
    );
    expect(compiled.stdout).not.toContain('error');
    expect(compiled.code).toBe(0);
  });
});

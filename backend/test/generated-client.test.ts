// A client that is generated from the served document, type-checked, and used against a real Buoy.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';

const root = path.resolve(import.meta.dirname, '../..');
const COMPILE_DEADLINE_MS = 120_000;
const RUN_DEADLINE_MS = 120_000;

/** Below the checkout, so that the generated code finds the packages. */
let dir: string;
let buoy: BuoyProcess;
let token: string;

beforeAll(async () => {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  dir = mkdtempSync(path.join(root, '.cache/client-'));
  buoy = await startBuoy({ DATA_DIR: path.join(dir, 'data') });
  token = await signInByLink(buoy);
  const types = await openapiTypescript(new URL(`${buoy.url}/api/openapi.json`));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    noUncheckedIndexedAccess: true,
    // The generated types themselves are checked too.
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
  };
  write('buoy.ts', astToString(types));
  write('package.json', JSON.stringify({ type: 'module' }));
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  write('client.ts', client);
});
afterAll(async () => {
  await buoy?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(path.join(dir, name), text);
}

function compile(): Promise<CommandResult> {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  return runCommand(process.execPath, [compiler, '-p', dir], { timeoutMs: COMPILE_DEADLINE_MS });
}

const client = `
import createClient from 'openapi-fetch';
import type { components, paths } from './buoy.ts';

const { BUOY_URL = '', BUOY_TOKEN = '' } = process.env;
const api = createClient<paths>({ baseUrl: BUOY_URL, headers: { authorization: \`Bearer \${BUOY_TOKEN}\` } });

const health = await api.GET('/api/health');
const me = await api.GET('/api/me');
const made = await api.POST('/api/servers', {
  body: { name: 'web', host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'secret' },
});
const id: string = made.data?.server.id ?? '';
const listed = await api.GET('/api/servers', { params: { query: { q: 'web', limit: 10 } } });
const restarted = await api.POST('/api/servers/{id}/openclaw/restart', { params: { path: { id } } });
const result: components['schemas']['TaskResult'] | undefined = restarted.data?.task.result;
const refused = await api.PUT('/api/servers/{id}', { params: { path: { id } }, body: { port: 70_000 } });
const details = refused.error?.details;
const removed = await api.DELETE('/api/servers/{id}', { params: { path: { id } } });

console.log(JSON.stringify({
  health: health.data?.status,
  superAdmin: me.data?.user.isSuperAdmin,
  port: made.data?.server.port,
  names: listed.data?.servers.map((server) => server.name),
  task: restarted.data?.task.type,
  result,
  code: refused.error?.code,
  field: Array.isArray(details) ? details[0]?.path : details?.kind,
  removed: removed.response.status,
}));
`;

describe('a generated client', () => {
  test('compiles in strict mode, its types included', { timeout: COMPILE_DEADLINE_MS }, async () => {
    expect(await compile()).toMatchObject({ code: 0, stdout: '' });
  });

  test('calls a real Buoy and gets answers of the declared types', { timeout: RUN_DEADLINE_MS }, async () => {
    const { code, stdout, stderr } = await runCommand(process.execPath, [path.join(dir, 'client.ts')], {
      timeoutMs: RUN_DEADLINE_MS,
      env: { BUOY_URL: buoy.url, BUOY_TOKEN: token },
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      health: 'ok',
      superAdmin: true,
      port: 1,
      names: ['web'],
      task: 'openclaw.restart',
      result: null,
      code: 'invalid_request',
      field: 'port',
      removed: 204,
    });
  });

  test('does not compile with calls or fields that the document lacks', {
    timeout: COMPILE_DEADLINE_MS,
  }, async () => {
    const mistakes = [
      "await api.GET('/api/nowhere');",
      "await api.POST('/api/servers', { body: { name: 'web' } });",
      'console.log(me.data?.user.password);',
      "console.log(refused.error?.code === 'no_such_code');",
    ];
    write('wrong.ts', `${client}\n${mistakes.join('\n')}\n`);
    const { stdout } = await compile().finally(() => rmSync(path.join(dir, 'wrong.ts')));
    const firstLine = client.split('\n').length + 1;
    const lines = [...stdout.matchAll(/wrong\.ts\((\d+),\d+\): error TS/g)].map(([, line]) => Number(line));
    expect(lines).toEqual(mistakes.map((_, index) => firstLine + index));
  });
});

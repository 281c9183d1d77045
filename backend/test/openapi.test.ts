// The served OpenAPI document, read by two strict parsers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { validate } from '@apidevtools/swagger-parser';
import { contract, type Endpoint, operationIds } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { version } from '../src/lib/version.ts';

const TOOL_DEADLINE_MS = 120_000;
const { resolve } = createRequire(import.meta.url);

type Operation = {
  operationId: string;
  tags: string[];
  description: string;
  security: object[];
  responses: Record<string, unknown>;
};
type Document = {
  openapi: string;
  info: { version: string };
  tags: Array<{ name: string }>;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, unknown> }> };
};

let dir: string;
let buoy: BuoyProcess;
let document: Document;
const served = () => path.join(dir, 'openapi.json');
const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path));

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'buoy-openapi-'));
  buoy = await startBuoy({ DATA_DIR: path.join(dir, 'data') });
  const text = await fetch(`${buoy.url}/api/openapi.json`).then((response) => response.text());
  document = JSON.parse(text);
  writeFileSync(served(), text);
});
afterAll(async () => {
  await buoy?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs a program of a package, with telemetry off. */
async function run(script: string, args: string[]): Promise<{ code: number; printed: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const { code, stdout, stderr } = await runCommand(process.execPath, [script, ...args], {
    timeoutMs: TOOL_DEADLINE_MS,
    env: { PATH, HOME, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  return { code, printed: `${stdout}${stderr}` };
}

describe('the OpenAPI document', () => {
  test('is served without a token, with the version of this Buoy', async () => {
    const health = await fetch(`${buoy.url}/api/health`).then((response) => response.json());
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe(version);
    expect(health).toMatchObject({ version });
  });

  test('is valid for swagger-parser', async () => {
    await expect(validate(JSON.parse(JSON.stringify(document)))).resolves.toBeDefined();
  });

  test('passes redocly lint without errors or warnings', { timeout: TOOL_DEADLINE_MS }, async () => {
    const redocly = path.join(path.dirname(resolve('@redocly/cli/package.json')), 'bin/cli.js');
    // A WebSocket answers 101, which OpenAPI cannot describe otherwise.
    const rules = ['--extends=recommended', '--skip-rule=operation-2xx-response'];
    const { code, printed } = await run(redocly, ['lint', ...rules, served()]);
    expect(printed).toContain('Your API description is valid');
    expect(printed).not.toMatch(/\d+ (warning|error)/);
    expect(code).toBe(0);
  });

  test('gives each call a unique operation id', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(ids.sort()).toEqual(Object.values(operationIds).sort());
  });

  test('puts each call under one described tag', () => {
    const chapters = document.tags.map(({ name }) => name);
    for (const { tags } of operations()) {
      expect(tags).toHaveLength(1);
      expect(chapters).toContain(tags[0]);
    }
  });

  test('states for each call who may make it and what success and failure answer', () => {
    for (const [key, { status, hasDryRun }] of Object.entries<Endpoint>(contract)) {
      const [method = '', path = ''] = key.split(' ');
      const operation = document.paths[`/api${path.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()];
      expect(operation?.description, key).not.toBe('');
      expect(Object.keys(operation?.responses ?? {}), key).toEqual([
        ...(hasDryRun === true ? ['200'] : []),
        ...[String(status), '4XX', '5XX'],
      ]);
    }
  });

  test('holds the types of task results and error details', () => {
    const { Task, Problem } = document.components.schemas;
    expect(Task?.properties.result).toEqual({ $ref: '#/components/schemas/TaskResult' });
    expect(Problem?.properties.details).toEqual({
      anyOf: [{ $ref: '#/components/schemas/FieldErrors' }, { $ref: '#/components/schemas/ErrorFacts' }],
    });
  });
});

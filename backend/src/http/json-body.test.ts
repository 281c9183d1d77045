// Valid JSON beyond the limits: nested too deep, or with too many values.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';
import { signedIn } from './policies.ts';
import { route } from './route.ts';

let running: DurabilityApp;

beforeAll(async () => {
  const echo = route('POST /auth/link', { who: 'public' }, ({ body }) => {
    throw new Error(`The handler was reached with ${body.code.length} characters.`);
  });
  running = await startDurabilityApp({
    routes: [echo, route('GET /me', signedIn, ({ caller }) => ({ user: caller.user }))],
  });
});
afterAll(() => running.close());

const post = async (url: string, body: string | null, headers: Record<string, string> = {}) => {
  const response = await running.app.inject({
    method: 'POST',
    url: `/api${url}`,
    headers: { ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === null ? {} : { payload: body }),
  });
  return { status: response.statusCode, code: response.body === '' ? null : response.json().code };
};
const nested = (depth: number, [open, close]: [string, string]) => open.repeat(depth) + close.repeat(depth);

describe('JSON body limits', () => {
  test.each([
    ['lists', ['[', ']']],
    ['objects', ['{"a":[', ']}']],
  ] as Array<[string, [string, string]]>)('answer 400 for deeply nested %s', async (_what, brackets) => {
    expect(await post('/auth/link', nested(8_000, brackets))).toEqual({
      status: 400,
      code: 'malformed_json',
    });
  });

  test('allow 64 levels of nesting and no more', async () => {
    expect((await post('/auth/link', nested(64, ['[', ']']))).code).toBe('invalid_request');
    expect((await post('/auth/link', nested(65, ['[', ']']))).code).toBe('malformed_json');
  });

  test('answer 400 above the maximum number of values and accept the maximum', async () => {
    const list = (values: number) => `[${'0,'.repeat(values - 2)}0]`;
    expect((await post('/auth/link', list(10_000))).code).toBe('invalid_request');
    expect((await post('/auth/link', list(10_002))).code).toBe('malformed_json');
    const fields = Array.from({ length: 12_000 }, () => '"":0');
    expect((await post('/auth/link', `{${fields.join(',')}}`)).code).toBe('malformed_json');
  });

  test('do not count brackets inside strings, with escaped quotes and backslashes', async () => {
    const text = JSON.stringify({ code: `${'['.repeat(90)}"\\"{{[[\\` });
    // Past the parser and the schema: our stand-in for the feature.
    expect(await post('/auth/link', text)).toEqual({ status: 500, code: 'internal' });
  });

  test('write an audit entry for a refused body like for any failed call', async () => {
    const id = 'nested-too-deep';
    await post('/auth/telegram', nested(8_000, ['[', ']']), { 'x-request-id': id });
    const { entries } = await running.audit.list({ limit: 50 });
    expect(entries.filter(({ requestId }) => requestId === id)).toMatchObject([
      { action: 'POST /auth/telegram', result: 'failed', details: { error: 'malformed_json' } },
    ]);
  });
});

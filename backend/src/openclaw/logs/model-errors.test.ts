// Errors of model providers in lines as OpenClaw 2026.9.6 writes them.
import { expect, test } from 'vitest';
import { apiErrorConditions } from '../../alerts/api-errors.ts';
import { modelErrorsIn } from './model-errors.ts';

const at = Date.parse('2026-12-02T06:00:00.000Z');
const lineOf = (event: object, ms = at): string =>
  JSON.stringify({
    1: event,
    _meta: { logLevelName: 'WARN' },
    time: new Date(ms).toISOString(),
    message: 'm',
  });
const attempt = (rawErrorPreview: string, more: object = {}) =>
  lineOf({ event: 'embedded_run_agent_end', isError: true, provider: 'fake', rawErrorPreview, ...more });
const exhausted = lineOf({
  ...{ event: 'model_fallback_decision', decision: 'candidate_failed', candidateProvider: 'fake' },
  ...{
    reason: 'auth',
    status: 401,
    errorPreview: '401 Incorrect API key provided: sk-live-abcdefghijklmnop1234.',
  },
  fallbackStepFinalOutcome: 'chain_exhausted',
});
const errorsIn = (lines: string[]) => modelErrorsIn(lines, at - 600_000, at + 1_000);

test('a turn that no model answered is critical, with the last error and its key masked', async () => {
  const [first] = apiErrorConditions(await errorsIn([exhausted]));
  expect(first).toMatchObject({ type: 'api_errors', subject: '', severity: 'critical' });
  expect(first?.cause).toContain('No model answered. The last error: 401 Incorrect API key');
  expect(JSON.stringify(first)).not.toContain('abcdefghijklmnop');
});

test('three errors of a kind from one provider are a burst; two are not', async () => {
  const limited = attempt('429 Rate limit reached for requests');
  expect(apiErrorConditions(await errorsIn([limited, limited]))).toEqual([]);
  expect(apiErrorConditions(await errorsIn([limited, limited, limited]))).toMatchObject([
    {
      ...{ severity: 'warning', subject: 'limit/fake' },
      cause: expect.stringContaining('"fake" answered 3 times with HTTP 429 within 10 minutes.'),
    },
  ]);
});

test('takes the status from the reason where the text does not begin with one', async () => {
  expect(await errorsIn([attempt('overloaded', { failoverReason: 'overloaded' })])).toMatchObject([
    { status: 503 },
  ]);
});

test('ignores lines outside the window, successes, other events and what is no JSON', async () => {
  const success = lineOf({ event: 'embedded_run_agent_end', isError: false });
  const old = lineOf({ event: 'embedded_run_agent_end', isError: true, provider: 'fake' }, at - 700_000);
  const future = lineOf({ event: 'embedded_run_agent_end', isError: true, provider: 'fake' }, at + 9e9);
  expect(await errorsIn([success, old, future, 'embedded_run_agent_end {', lineOf({ event: 'x' })])).toEqual(
    [],
  );
});

test('a log of lines of a megabyte and of thousands of errors gives few errors, in little time', async () => {
  const long = attempt('x'.repeat(1_000_000));
  const lines = [...Array.from({ length: 8 }, () => long), ...Array.from({ length: 5_000 }, () => exhausted)];
  const before = process.cpuUsage();
  expect(await errorsIn(lines)).toHaveLength(200);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200);
});

test('lines of thousands of values each are no errors, and take little time', async () => {
  const keys = Object.fromEntries(Array.from({ length: 1_900 }, (_, index) => [`k${index}`, 1]));
  const lines = Array.from({ length: 200 }, () => attempt('500 Server error', keys));
  const before = process.cpuUsage();
  expect(await errorsIn(lines)).toEqual([]);
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200);
});

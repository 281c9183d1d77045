import { expect, it } from 'vitest';
import { pause, waitingOut } from './wait-out.ts';

const tooMany = (headers: Record<string, string>, details: object = { limit: 120, retryAfterS: 7 }) =>
  Response.json({ error: 'Too many requests.', code: 'rate_limited', details }, { status: 429, headers });

/** Answers one after the other, and how long was waited between them, in whole seconds. */
function before(...answers: Response[]) {
  const waits: number[] = [];
  let sent = 0;
  const send = waitingOut(
    async () => {
      sent += 1;
      return answers.shift() ?? Response.json({ ok: true });
    },
    async (ms) => void waits.push(Math.floor(ms / 1_000)),
  );
  return { send, waits, sent: () => sent };
}

it('waits for Retry-After, then repeats the call', async () => {
  const { send, waits } = before(tooMany({ 'retry-after': '7' }), tooMany({ 'retry-after': '2' }));
  const answer = await send('/api/me', { method: 'POST', body: '{}' });
  expect(await answer.json()).toEqual({ ok: true });
  expect(waits.map((seconds, index) => seconds - ([7, 2][index] ?? 0))).toEqual([0, 0]);
});

it('passes on the rate-limit error after three waits', async () => {
  const refusals = Array.from({ length: 5 }, () => tooMany({ 'retry-after': '60' }));
  const { send, sent, waits } = before(...refusals);
  expect((await send('/api/me')).status).toBe(429);
  expect([sent(), waits.length]).toEqual([4, 3]);
});

it.each([
  ['a wait that is too long', tooMany({ 'retry-after': '3600' })],
  ['a refusal that names no time', tooMany({})],
  ['one that only a closed stream ends', tooMany({ 'retry-after': '30' }, { open: 20, retryAfterS: 30 })],
  ['another refusal', Response.json({ error: 'No.' }, { status: 503, headers: { 'retry-after': '1' } })],
])('passes %s on at once, with its words', async (_what, refusal) => {
  const { send, waits } = before(refusal);
  expect(await (await send('/api/me')).json()).toHaveProperty('error');
  expect(waits).toEqual([]);
});

it('stops waiting when the caller aborts', async () => {
  const caller = new AbortController();
  const send = waitingOut(async () => tooMany({ 'retry-after': '60' }));
  const waiting = send('/api/me', { signal: caller.signal });
  caller.abort(new Error('The page is gone.'));
  await expect(waiting).rejects.toThrow('The page is gone.');
});

it('waits for the given time', async () => {
  const startedAt = performance.now();
  await pause(30);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
});

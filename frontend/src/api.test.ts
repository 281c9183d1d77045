import { afterEach, expect, it, vi } from 'vitest';
import { createApi } from './api.ts';

/** Stands in for the network: answers by the token that came. */
function networkWhere(answer: (token: string | null) => Response | Error): (string | null)[] {
  const tokens: (string | null)[] = [];
  vi.stubGlobal('fetch', async (_input: string, init: RequestInit) => {
    const token = new Headers(init.headers).get('authorization');
    tokens.push(token);
    const next = answer(token);
    if (next instanceof Error) throw next;
    return next;
  });
  return tokens;
}

const expired = () =>
  Response.json({ error: 'Too old.', code: 'token_expired', requestId: 'r1' }, { status: 401 });

afterEach(() => vi.unstubAllGlobals());

it('retries a call with the new token after a 401', async () => {
  let token = 'old';
  const tokens = networkWhere((sent) => (sent === 'Bearer new' ? Response.json({ ok: true }) : expired()));
  const api = createApi({
    token: () => token,
    renew: async () => {
      token = 'new';
      return true;
    },
    person: () => '7',
  });
  expect(await api.call('GET /health')).toEqual({ ok: true });
  expect(tokens).toEqual(['Bearer old', 'Bearer new']);
});

it('retries only once, and passes on the server’s error', async () => {
  const tokens = networkWhere(expired);
  const api = createApi({ token: () => 'old', renew: async () => true, person: () => '7' });
  await expect(api.call('GET /health')).rejects.toMatchObject({ status: 401, requestId: 'r1' });
  expect(tokens).toHaveLength(2);
});

it.each([
  ['while it waited', 0],
  ['while the token was renewed', 1],
])('does not repeat a call of a person as another one who has signed in %s', async (_what, renewals) => {
  const people = ['7', ...Array(renewals).fill('7'), '8'];
  const tokens = networkWhere(expired);
  let renewed = 0;
  const api = createApi({
    token: () => 'of 8',
    renew: async () => {
      renewed += 1;
      return true;
    },
    person: () => people.shift() ?? '8',
  });
  await expect(api.call('GET /health')).rejects.toMatchObject({ status: 401 });
  expect([tokens.length, renewed]).toEqual([1, renewals]);
});

it('reports a missing answer as a network error', async () => {
  networkWhere(() => new TypeError('Failed to fetch'));
  const api = createApi({ token: () => null, renew: async () => false, person: () => '7' });
  await expect(api.call('GET /health')).rejects.toMatchObject({
    status: 0,
    code: 'network',
    message: 'Buoy does not answer.',
  });
});

it('resumes a broken stream, and reports its refusal as an error', async () => {
  networkWhere(() => new Response('data: x\n\n'));
  const api = createApi({ token: () => 't', renew: async () => false, person: () => '7' });
  const options = { lastEventId: '1.0', signal: new AbortController().signal };
  expect(await new Response(await api.openStream('/tasks/1/events', options)).text()).toBe('data: x\n\n');
  networkWhere(() => Response.json({ error: 'There is no such task.', code: 'not_found' }, { status: 404 }));
  await expect(api.openStream('/tasks/1/events', options)).rejects.toMatchObject({ code: 'not_found' });
});

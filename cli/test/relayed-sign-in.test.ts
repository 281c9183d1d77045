// A phishing address that relays the sign-in code of another Buoy: a person who approves it would sign the attacker in there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
  fixture.environment.BUOY_URL = undefined;
  fixture.environment.BUOY_TOKEN = undefined;
});
afterAll(() => fixture.close());

/** The attacker's address, which starts each sign-in at the person's Buoy and keeps its token. */
function relay() {
  const stolen: unknown[] = [];
  const fetch: Terminal['fetch'] = async (input, init) => {
    const { pathname } = new URL(String(input));
    const response = await globalThis.fetch(`${fixture.url}${pathname}`, init);
    const body = await response.json();
    if (pathname.endsWith('/device/token') && response.ok) stolen.push(body);
    return Response.json(body, { status: response.status });
  };
  return { stolen, fetch };
}

/** A person who approves the code that the terminal shows. */
function trusting(own: Partial<Terminal> = {}): Partial<Terminal> {
  let shown = '';
  return {
    err: (text) => {
      shown += text;
    },
    async pause() {
      const [, userCode] = /approve the code (\S+)/.exec(shown) ?? [];
      await fixture.running.call('POST', '/auth/device/approve', {
        token: fixture.token,
        body: { userCode },
      });
    },
    ...own,
  };
}

const MALLORY = 'https://mallory.example';

test.each([
  ['another machine', MALLORY],
  ['another port of the same machine', 'http://127.0.0.1:9'],
])(
  'buoy login names the address of another Buoy before it shows a code that %s relays, and stops when the person says no',
  async (_where, url) => {
    const { stolen, fetch } = relay();
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return 'n';
    };
    const { exit, err } = await fixture.buoy(['login', url], trusting({ fetch, canAsk: true, ask }));
    expect({ exit, stolen }).toEqual({ exit: 1, stolen: [] });
    expect(err).not.toContain('approve the code');
    expect(questions).toEqual([expect.stringContaining(`another address, ${new URL(fixture.url).origin}.`)]);
  },
);

test('buoy login in a script refuses an address of another Buoy without --yes', async () => {
  const { stolen, fetch } = relay();
  expect((await fixture.buoy(['login', MALLORY], trusting({ fetch }))).exit).toBe(2);
  expect(stolen).toEqual([]);
  expect((await fixture.buoy(['login', MALLORY, '--yes'], trusting({ fetch }))).exit).toBe(0);
});

// What `buoy setup check` prints, for answers that a real server gives differently each day.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const os = {
  ...{ id: 'os', title: 'Operating system', status: 'pass' },
  ...{ detail: 'The server runs Debian GNU/Linux 13 on x86_64.', fix: null },
};
const node = {
  ...{ id: 'node', title: 'Node.js', status: 'fail', detail: 'The server has no Node.js.' },
  fix: { text: 'Setup installs Node.js 24 in the home of the account.', command: null, automatic: true },
};
const port = {
  ...{ id: 'port', title: 'Gateway port', status: 'fail' },
  detail: 'The program \u001b]0;x\u0007nginx of www (uid 33) listens on port 18790.',
  fix: {
    text: 'Stop that program, or choose another port for the gateway.',
    command: 'sudo ss -ltnp sport = :18790',
    automatic: false,
  },
};
const sudo = {
  ...{ id: 'linger', title: 'Services after sign-out', status: 'fail', detail: 'Lingering is off.' },
  fix: { text: 'Turn lingering on.', command: 'sudo loginctl enable-linger deploy', automatic: false },
};

async function check(line: string, body: object) {
  const queries: unknown[] = [];
  const { fetch } = scriptedBuoy((key, _calls, { query }) => {
    if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    expect(key).toBe('GET /servers/:id/setup/check-prereqs');
    queries.push(query);
    return { body: { ...body, via: 'server', observedAt: at } };
  });
  return { ...(await cli.buoy(line.split(' '), { fetch })), queries };
}

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

test('setup check prints a table and each fix, and exits with 1 when the server is not ready', async () => {
  expect(await check('setup check web --port 18790', { ready: false, checks: [os, node, port] })).toEqual(
    expect.objectContaining({
      exit: 1,
      out: lines(
        'CHECK             STATUS  FOUND',
        'Operating system  pass    The server runs Debian GNU/Linux 13 on x86_64.',
        'Node.js           fail    The server has no Node.js.',
        'Gateway port      fail    The program nginx of www (uid 33) listens on port 18790.',
        '',
        'Node.js: Setup installs Node.js 24 in the home of the account.',
        '',
        'Gateway port: Stop that program, or choose another port for the gateway.',
        '  sudo ss -ltnp sport = :18790',
        '',
        'The server is not ready for setup: fix what setup cannot fix itself, then check again.',
      ),
      queries: [{ port: 18_790 }],
    }),
  );
});

test('setup check exits with 0 when setup can mend all that fails', async () => {
  const body = { ready: true, checks: [os, node, sudo] };
  const printed = await check('setup check web', body);
  expect(printed).toMatchObject({ exit: 0, queries: [{ port: 18_789 }] });
  expect(printed.out).toMatch(/The server is ready for setup\.\n$/);
  const json = await check('setup check web --json', body);
  expect(JSON.parse(json.out)).toEqual({ ...body, via: 'server', observedAt: at });
});

test('setup check refuses a port that is none', async () => {
  expect(await check('setup check web --port 70000', {})).toMatchObject({ exit: 2, queries: [] });
});

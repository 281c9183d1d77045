// Strangers, devices and gateways that name their request like another one, so that a decision means the wrong one.
import type { AccessRequest, InboxItem } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

type Pairing = Extract<InboxItem, { type: 'pairing' }>;
const web = { serverId: 'srv_1', serverName: 'web' };
const evil = { serverId: 'srv_2', serverName: 'evil' };
const pairing = (id: string, from: Pairing['pairing']['from'], place = web): Pairing => ({
  ...{ type: 'pairing', ...place },
  pairing: {
    ...{ id, kind: 'dm', channel: 'telegram', account: null, code: null, from },
    ...{ device: null, requestedAt: at, expiresAt: null },
  },
});
const approval = (id: string, place = web): InboxItem => ({
  ...{ type: 'approval', ...place },
  approval: {
    ...{ id, command: `echo ${place.serverName}`, cwd: null, env: [], host: null, node: null },
    ...{ agentId: 'main', sessionKey: null, warning: null, requestedAt: at, expiresAt: null },
    ...{ allowedDecisions: ['allow-once', 'allow-always', 'deny'], status: 'pending' },
  },
});

async function inbox(
  words: readonly string[],
  items: readonly InboxItem[],
  { accessRequests = [], own = {} }: { accessRequests?: AccessRequest[]; own?: Partial<Terminal> } = {},
) {
  const { fetch, calls } = scriptedBuoy((key, made) => {
    if (key === 'GET /inbox') return { body: { items, accessRequests, unreachable: [] } };
    if (key === 'GET /servers')
      return {
        body: { servers: [server, { ...server, id: 'srv_2', name: 'evil' }], nextCursor: null },
      };
    if (key.includes('/approvals/'))
      return { body: { approvalId: 'any', decision: 'allow-once', already: false, approval: null } };
    if (key.startsWith('POST /admin/users/')) return { status: 403, body: { error: 'Reached.' } };
    const named = items.find(
      (item): item is Pairing => item.type === 'pairing' && made.at(-1)?.includes(item.pairing.id) === true,
    );
    return { body: { request: named?.pairing, decision: 'approved', already: false, note: null } };
  });
  const ran = await cli.buoy(['inbox', ...words], { fetch, now: () => Date.parse(at), ...own });
  return { ...ran, changes: calls.filter((call) => !call.startsWith('GET ')) };
}

const anna = pairing('req_anna1', { id: '77', name: 'Anna Smith' });

describe('a stranger with the name of an expected person', () => {
  const stranger = pairing('req_evil6', { id: '666', name: 'Anna' }, evil);

  test.each([
    ['approve', 'Anna', '--yes'],
    ['approve', 'anna', '--yes'],
    ['approve', 'Anna'],
    ['deny', 'Anna'],
  ])('is not meant by it while the other one waits as well: %s %s %s', async (...words) => {
    expect(await inbox(words, [anna, stranger])).toMatchObject({
      exit: 1,
      changes: [],
      err: `buoy: "${words[1]}" matches several requests: Anna Smith (req_anna1) on web (srv_1), Anna (req_evil6) on evil (srv_2).\n  Give the id.\n`,
    });
  });

  test.each(['req_anna1', 'req_a', '77'])(
    'does not keep the other one from being named by the id %s',
    async (id) => {
      expect(await inbox(['approve', id, '--yes'], [anna, stranger])).toMatchObject({
        exit: 0,
        changes: ['POST /servers/srv_1/openclaw/pairing/req_anna1/approve'],
      });
    },
  );

  test.each(['req_anna1', '4f0c', '7f3e9a52-77aa-4c1e-9d57-0c6a2b1f4e11', '701', '77'])(
    'who took an id that no longer waits as a name is not let in by --yes: %s',
    async (id) => {
      const liar = pairing('req_evil6', { id: '666', name: id }, evil);
      const accessRequests = [{ userId: '42', name: `${id}x`, requestedAt: at }];
      expect(await inbox(['approve', id, '--yes'], [liar], { accessRequests })).toMatchObject({
        exit: 1,
        changes: [],
        err: expect.stringContaining(`There is no request "${id}" that waits for you.`),
      });
    },
  );

  test('is shown with the id to a person who typed a name with a digit', async () => {
    const max = pairing('req_max9', { id: '90', name: 'max90' });
    const asked: string[] = [];
    const own = {
      ...{ isTty: true, isErrTty: true, canAsk: true },
      ask: async (question: string) => asked.push(question).toString(),
    };
    const { err, changes } = await inbox(['approve', 'max90'], [max], { own });
    expect([asked, changes]).toEqual([['Approve this request on web? [y/N] '], []]);
    expect(err).toContain('  Person:   max90, id 90\n');
  });
});

describe('a gateway that gives its request the id of another one', () => {
  const items = [approval('4f0c-11'), approval('4f0c-11', evil)];

  test('is named with its server, and --server chooses', async () => {
    expect(await inbox(['approve', '4f0c-11', '--yes'], items)).toMatchObject({
      exit: 1,
      changes: [],
      err: 'buoy: "4f0c-11" matches several requests: 4f0c-11 on web (srv_1), 4f0c-11 on evil (srv_2).\n  Their ids are the same. Choose the server: --server SERVER\n',
    });
    expect(await inbox(['approve', '4f0c-11', '--yes', '--server', 'web'], items)).toMatchObject({
      exit: 0,
      changes: ['POST /servers/srv_1/openclaw/approvals/4f0c-11/resolve'],
    });
  });

  test('keeps nobody from deciding a request for access to Buoy by its id', async () => {
    const accessRequests = [{ userId: '701', name: 'Bob', requestedAt: at }];
    for (const [words, verb] of [
      [['approve', '701'], 'approve'],
      [['deny', '701'], 'refuse'],
    ] as const)
      expect(
        await inbox(words, [approval('701', evil), pairing('701', { id: '701', name: '701' }, evil)], {
          accessRequests,
        }),
      ).toMatchObject({
        changes: [`POST /admin/users/701/${verb}`],
        err: expect.stringContaining('Reached.'),
      });
  });
});

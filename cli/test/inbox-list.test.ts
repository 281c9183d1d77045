// Which servers the list of open requests says nothing, or not everything, about.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, type ScriptedAnswer, scriptedBuoy } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

test('inbox list › tells a server that was not asked from one that has more than is shown', async () => {
  const request = {
    ...{ id: 'r1', kind: 'dm', channel: 'telegram', account: 'default', from: { id: '7', name: 'Anna' } },
    ...{ code: null, device: null, requestedAt: at, expiresAt: null },
  };
  const body = {
    items: [{ type: 'pairing', serverId: 'srv_1', serverName: 'web', pairing: request }],
    accessRequests: [],
    unreachable: [
      { serverId: 'srv_2', serverName: 'mail', reason: 'Nothing answers there.' },
      { serverId: 'srv_1', serverName: 'web', reason: 'The rest is on its pages.' },
    ],
  };
  const { fetch } = scriptedBuoy((): ScriptedAnswer => ({ body }));
  const { exit, out, err } = await cli.buoy(['inbox', 'list'], { fetch });
  expect([exit, out]).toEqual([0, expect.stringContaining('Anna (7) writes on telegram')]);
  expect(err).toBe(
    'The requests on mail could not be read: Nothing answers there.\n' +
      'The requests on web are not all here: The rest is on its pages.\n',
  );
});

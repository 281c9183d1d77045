// What a gateway sends to a Control UI: in its order, with the secret masked.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ControlUiRelay,
  startControlUiRelay,
  type Tab,
} from '../../../test/support/control-ui-relay.ts';

const MIB = 1024 * 1024;
const secret = 'gw-0123456789';

let relay: ControlUiRelay;
let tab: Tab;
/** What the browser has got. */
let got: string[];
beforeEach(async () => {
  relay = await startControlUiRelay({ secret });
  tab = await relay.open('ada');
  got = [];
  tab.browser.on('message', (data, isBinary) => got.push(isBinary ? 'binary' : String(data)));
});
afterEach(() => relay.close());

describe('a frame of megabytes', () => {
  test('comes with the secret masked wherever it stands, before what was sent behind it', async () => {
    // A length that divides nothing: each of them stands elsewhere in the pieces that are passed on.
    const unit = `${secret}${'ä'.repeat(977)}`;
    const text = unit.repeat((6 * MIB) / Buffer.byteLength(unit));
    tab.server.send(text);
    tab.server.send(`short ${secret}`);
    tab.server.send(Buffer.of(1));
    tab.server.close(4_001, 'done');
    await once(tab.browser, 'close');
    const stars = '*'.repeat(secret.length);
    expect([got[0] === text.replaceAll(secret, stars), ...got.slice(1)]).toEqual([
      true,
      `short ${stars}`,
      'binary',
    ]);
    expect(tab.closed.browser).toEqual({ code: 4_001, reason: 'done' });
  });

  test('that repeats the secret endlessly is not passed on, nor what was sent behind it', async () => {
    tab.server.send('before');
    tab.server.send(secret.repeat(10_001));
    tab.server.send('behind');
    await once(tab.browser, 'close');
    expect(got).toEqual(['before']);
    expect(tab.closed.browser).toEqual({ code: 1_008, reason: 'this cannot be passed on' });
  });

  test('from the browser comes to the gateway as it was sent, before what was sent behind it', async () => {
    const taken: string[] = [];
    tab.server.on('message', (data) => taken.push(String(data)));
    const text = `${secret}ä`.repeat(400_000);
    tab.browser.send(text);
    tab.browser.send('behind');
    while (taken.length < 2) await once(tab.server, 'message');
    expect([taken[0] === text, taken[1]]).toEqual([true, 'behind']);
  });
});

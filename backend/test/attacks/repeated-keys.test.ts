// A gateway that was taken over repeats keys in a frame: the first ones name a call that may be answered at length, the last
// ones, which are those that JSON.parse keeps, make something else of it.
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lib/testing/until.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';

/** UTF-16 units: more than an event, or any answer that carries no file, may have. */
const LONG = 'x'.repeat(1_100_000);
/** More values than an event may have. */
const MANY = JSON.stringify(Array(6_100).fill({}));

describe.skipIf(noSshd !== null)('frames of a hostile gateway with repeated keys', () => {
  let world: HostileGateway;
  let pendingId: string;
  beforeEach(async () => {
    world = await startHostileGateway();
    pendingId = '';
    // A call of the attacker's own person, left unanswered.
    world.gateway.methods['config.get'] = (_params, id) => {
      pendingId = id;
      return 'silent';
    };
  });
  afterEach(() => world.close());

  /** The text of the event stream, which grows. */
  async function listen(): Promise<() => string> {
    const base = await world.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    let text = '';
    request(
      `${base}/api/servers/${world.serverId}/openclaw/events`,
      { agent: false, headers: { authorization: `Bearer ${world.token}` } },
      (response) => {
        response
          .setEncoding('latin1')
          .on('error', () => undefined)
          .on('data', (piece: string) => {
            text += piece;
          });
      },
    )
      .on('error', () => undefined)
      .end();
    await until(() => text.includes('"connected"'), 'the stream is open');
    return () => text;
  }

  test.each([
    ['values', `{"type":"toolCall","id":"1","name":"n","arguments":${MANY}}`],
    ['length', `{"type":"text","text":"${LONG}"}`],
  ])('an event that begins as the answer of a config does not get its %s', async (_what, part) => {
    const told = await listen();
    void world.get('/openclaw/config').catch(() => undefined);
    await until(() => pendingId !== '', 'the call waits');
    const payload = `{"sessionKey":"agent:main:main","message":{"role":"assistant","content":[${part}]}}`;
    const before = world.gateway.connects.length;
    world.gateway.sendRaw(
      `{"type":"res","id":"${pendingId}","type":"event","event":"session.message","payload":${payload}}`,
    );
    await until(() => world.gateway.connects.length > before, 'it is connected again', 20_000);
    await until(() => told().split('"connected"').length > 2, 'the stream says so', 20_000);
    expect(told()).not.toContain('agent:main:main');
  });

  test.each([
    ['sessions.list', '/openclaw/sessions', { sessions: [{ key: 'agent:main:x', pad: LONG }] }],
    [
      'chat.history',
      '/openclaw/sessions/agent%3Amain%3Ax/messages',
      { sessionId: 's', messages: [{ role: 'assistant', content: 'hi', pad: Array(21_000).fill(0) }] },
    ],
  ])('an answer of %s that names a config first does not get its limit', async (method, path, payload) => {
    await world.get('/openclaw/channels');
    void world.get('/openclaw/config').catch(() => undefined);
    await until(() => pendingId !== '', 'the call waits');
    world.gateway.methods[method] = (_params, id) => {
      world.gateway.sendRaw(
        `{"type":"res","id":"${pendingId}","ok":true,"id":"${id}","payload":${JSON.stringify(payload)}}`,
      );
      return 'silent';
    };
    const answer = await world.get(path);
    expect([answer.statusCode, answer.json().code]).toEqual([502, 'bad_gateway']);
  });
});

// Sessions on the command line against a real gateway: messages, answers and changes of a conversation.
import { afterEach, describe, expect, inject, test } from 'vitest';
import { currentVersion } from '../../backend/test/support/openclaw-fixture.ts';
import { startTcpProxy } from '../../testbed/tcp-proxy.ts';
import { until } from '../../testbed/until.ts';
import { pause, useCliOnGateway } from './support/cli-on-gateway.ts';

describe.skipIf(inject('hostsMissing') !== '')(
  `sessions by the command line and OpenClaw ${currentVersion.version}`,
  { timeout: 180_000 },
  () => {
    const stamp = Date.now().toString(36);
    const { fixture, cli, server, buoy, out, json } = useCliOnGateway(currentVersion);

    describe('openclaw sessions', () => {
      const key = `agent:main:cli-${stamp}`;
      const words = (verb: string, ...more: string[]) => ['openclaw', 'sessions', verb, server, key, ...more];
      afterEach(async () => {
        await until(50_000, async () => {
          const ran = await buoy(words('delete', '--yes'));
          return ran.exit === 0 || ran.err.includes('no such session');
        });
      });

      test('send follows the answer until the turn ends; the session is read, changed and deleted', async () => {
        const sent = await buoy(words('send', 'hello there'));
        expect({ ...sent, out: sent.out.replace(/\[.*?\] /, '') }).toEqual({
          exit: 0,
          out: 'FAKE-REPLY to: hello there\n',
          err: '',
        });
        const turn = await json<{ state: string; text: string }>(...words('send', 'run: uname -s'));
        expect(turn).toMatchObject({ state: 'final', error: null, run: { sessionKey: key } });
        const said = (await out(...words('messages'))).replace(/\d{4}-\d\d-\d\dT\S+Z|\[.*?\] /g, '');
        expect(said).toBe(
          [
            ...['user ', '  hello there', 'assistant ', '  FAKE-REPLY to: hello there'],
            ...['user ', '  run: uname -s', 'assistant ', '  → exec {"command":"uname -s"}'],
            ...['tool exec ', '  Linux', 'assistant ', '  FAKE-REPLY to: run: uname -s', ''],
          ].join('\n'),
        );
        expect(await out(...words('rename', `Chat ${stamp}`))).toBe(`${key} is now called Chat ${stamp}.\n`);
        expect(await out('openclaw', 'sessions', 'show', server, `chat ${stamp}`)).toContain(
          `Session:    ${key}\nTitle:      Chat ${stamp}\nAgent:      main\nState:      done\n`,
        );
        expect(await out(...words('pin'))).toBe(`${key} is pinned.\n`);
        expect(await out(...words('show'))).toContain('Pinned:     yes\nArchived:   no\n');
        expect(await out(...words('model', 'fake/fake-1'))).toBe(`${key} now uses fake/fake-1.\n`);
        expect(await out(...words('model', ''))).toMatch(/ now uses the model of its agent/);
        expect(await out(...words('archive'))).toBe(`${key} is archived.\n`);
        expect(await out('openclaw', 'sessions', 'unarchive', server, `chat ${stamp}`)).toBe(
          `${key} is back in the list.\n`,
        );
        expect(await out(...words('abort'))).toBe('Nothing was running.\n');
        expect(await out(...words('reset', '--yes'))).toBe(`Reset ${key}.\n`);
      });

      test('send exits with 1 when the turn is stopped from elsewhere', async () => {
        const sending = buoy(words('send', 'slow please'));
        await until(60_000, async () => {
          const { exit, out: text } = await buoy(words('abort'));
          return exit === 0 && text === 'Stopped.\n';
        });
        expect(await sending).toEqual({ exit: 1, out: '', err: 'buoy: the answer was stopped.\n' });
      });

      test('send reconnects after a cut connection, sends the text once and prints the answer once', async () => {
        const { hostname, port } = new URL(fixture().live.process().url);
        const proxy = await startTcpProxy({ target: { host: hostname, port: Number(port) } });
        try {
          const environment = { ...cli().environment, BUOY_URL: `http://${proxy.host}:${proxy.port}` };
          const sending = buoy(words('send', 'slow please'), { environment });
          await until(60_000, async () => {
            const { exit, out: text } = await buoy([...words('show'), '--json']);
            return exit === 0 && (JSON.parse(text) as { session: { running: boolean } }).session.running;
          });
          proxy.cut();
          await pause();
          proxy.restore();
          const { exit, out: text, err } = await sending;
          expect({ exit, err, text: text.replace(/\[.*?\] /, '') }).toEqual({
            exit: 0,
            err: '',
            text: 'FAKE-REPLY to: slow please\n',
          });
          const { messages } = await json<{ messages: Array<{ role: string }> }>(...words('messages'));
          expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
        } finally {
          await proxy.stop();
        }
      });

      test('Ctrl-C ends send, not the turn', async () => {
        const interrupted = new AbortController();
        const sending = buoy(words('send', 'slow please'), { signal: interrupted.signal });
        await until(60_000, async () => {
          const { exit, out: text } = await buoy([...words('show'), '--json']);
          return exit === 0 && (JSON.parse(text) as { session: { running: boolean } }).session.running;
        });
        interrupted.abort();
        expect(await sending).toEqual({
          exit: 130,
          out: '',
          err: `buoy: Stopped following; the agent continues.\n  Stop it: buoy openclaw sessions abort ${fixture().serverId} ${key}\n`,
        });
        await until(60_000, async () =>
          (await out(...words('messages'))).includes('FAKE-REPLY to: ') ? true : null,
        );
      });
    });
  },
);

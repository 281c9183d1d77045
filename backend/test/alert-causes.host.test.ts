// What people are told of a gateway that is made to fail on a real host: in time, with the cause, and when it is over.
import { webhookBody } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { within } from '../../testbed/until.ts';
import { apart, currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

/** Milliseconds from a problem, or from its end, to its message. */
const TOLD_MS = 15_000;
/** Milliseconds: a connection that a silent server or a cut network has is given up after its keepalive. */
const SILENT_MS = 60_000;
/** Milliseconds for which a problem that was resolved within the last ten minutes must stay before it is told again. */
const FLAPPING_MS = 60_000;
/** Milliseconds until a gateway that is started again and again is given up by systemd, with its pauses of 5 s. */
const LOOP_MS = 120_000;
const INTERVAL_S = 20;
const UNIT = 'openclaw-gateway.service';
const DROP_IN = `.config/systemd/user/${UNIT}.d`;
/** Answers every request as a provider, or Telegram, does that refuses a key. */
const REFUSING = `require('http').createServer((request, response) => { response.writeHead(401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ok: false, error_code: 401, description: 'Unauthorized', error: { message: 'Incorrect API key provided' } })) }).listen(9401, '127.0.0.1')`;

type Told = { type: string; cause: string; evidence: string };

describe.skipIf(inject('hostsMissing') !== '')('a problem of a gateway', () => {
  let hooks: FakeHttpReceiver;
  let fixture: OpenclawFixture;
  let problem: string;

  beforeAll(async () => {
    hooks = await startFakeHttpReceiver();
    fixture = await openclawFixture(apart(currentVersion, 'causes'), { MONITOR_INTERVAL_S: `${INTERVAL_S}` });
    await fixture.live.api('POST /me/notification-channels', {
      body: { type: 'webhook', url: `${hooks.url}/hook` },
    });
  });
  afterAll(async () => {
    await fixture?.close();
    await hooks?.stop();
  });
  afterEach(async () => {
    await fixture.host.fault('none');
    await fixture.host.waitGateway();
    await untilOver();
    hooks.taken.length = 0;
  });

  const onHost = async (command: string, user: 'deploy' | 'root' = 'deploy') => {
    const { code, stdout, stderr } = await fixture.host.exec(command, { user });
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
    return stdout.trim();
  };
  const messages = (): Told[] =>
    hooks.taken.flatMap(({ body }) => {
      const { type, data } = webhookBody.parse(JSON.parse(body.toString()));
      return data.alerts.map((alert) => ({
        type: `${type} ${alert.type}`,
        cause: alert.cause,
        evidence: alert.evidence,
      }));
    });
  const told = (type: string) => messages().filter((one) => one.type === type);
  /** The first message of that kind. */
  const untilTold = async (type: string, deadlineMs = TOLD_MS): Promise<Told> => {
    await within(deadlineMs, async () => told(type).length > 0);
    return told(type)[0] ?? expect.unreachable();
  };
  /** The open alert of that kind, as soon as its cause is that one: the first message may have come before the service gave up. */
  const untilCause = (type: string, cause: RegExp, deadlineMs = LOOP_MS) =>
    within(deadlineMs, async () => {
      const { alerts } = await fixture.live.api('GET /alerts', { query: { status: 'firing' } });
      problem = alerts.map((alert) => `${alert.type}: ${alert.cause}\n${alert.evidence}`).join('\n');
      return alerts.some((alert) => alert.type === type && cause.test(alert.cause));
    }).catch((error: unknown) => {
      throw new Error(`No such cause; there is:\n${problem}`, { cause: error });
    });
  const untilOver = () =>
    within(LOOP_MS, async () => {
      const { alerts } = await fixture.live.api('GET /alerts', { query: { status: 'firing' } });
      // Errors of models count for ten minutes.
      return alerts.every(({ type }) => type === 'api_errors');
    });
  const restart = () =>
    onHost(`systemctl --user reset-failed ${UNIT}; systemctl --user restart --no-block ${UNIT}`);
  const plantDropIn = async (lines: string[]) => {
    await onHost(
      `mkdir -p ${DROP_IN} && printf '%s\\n' '[Service]' ${lines.map((line) => `'${line}'`).join(' ')} > ${DROP_IN}/test.conf`,
    );
    await onHost('systemctl --user daemon-reload');
  };
  const removeDropIn = async () => {
    await onHost(`rm -rf ${DROP_IN} && systemctl --user daemon-reload`);
    await restart();
  };
  const openclaw = (words: string) => onHost(`PATH=/opt/node24/bin:$PATH openclaw --no-color ${words}`);

  test('is told within 15 s when it is killed, and so is its end', { timeout: 300_000 }, async () => {
    await onHost(`systemctl --user kill --kill-whom=main --signal=KILL ${UNIT}`);
    expect((await untilTold('alert.firing gateway_down')).cause).toMatch(/killed/);
    await fixture.host.waitGateway();
    await untilTold('alert.resolved gateway_down');
  });

  test('names the port that another program has', { timeout: 400_000 }, async () => {
    await onHost(`systemctl --user stop ${UNIT}`);
    const listen = `require('net').createServer().listen(${fixture.host.gatewayPort}, '127.0.0.1')`;
    await onHost(`systemd-run --user --unit=squatter /opt/node24/bin/node -e "${listen}"`);
    await restart();
    try {
      await untilCause('gateway_down', /port/i);
    } finally {
      await onHost('systemctl --user stop squatter');
      await restart();
    }
  });

  test('names the key of a config that OpenClaw does not know', { timeout: 400_000 }, async () => {
    await onHost(`sed -i 's/"gateway": {/"gateway": { "nonsense": 1,/' .openclaw/openclaw.json`);
    await restart();
    try {
      await untilCause('gateway_down', /nonsense/);
    } finally {
      await onHost(`sed -i 's/ "nonsense": 1,//' .openclaw/openclaw.json`);
      await restart();
    }
  });

  test('names what a gateway says that crashes at each start, with its last line', {
    timeout: 600_000,
  }, async () => {
    await plantDropIn([
      'ExecStart=',
      'ExecStart=/bin/sh -c "echo Error: the library is gone; exit 3"',
      'RestartSec=1',
    ]);
    await restart();
    try {
      await untilCause('gateway_down', /Error: the library is gone/);
      expect(problem).toContain('Last line of its log: Error: the library is gone');
    } finally {
      await removeDropIn();
    }
  });

  test('says that the program of the gateway is missing', { timeout: 400_000 }, async () => {
    await plantDropIn(['ExecStart=', 'ExecStart=/opt/no-node/bin/node gateway', 'RestartSec=1']);
    await restart();
    try {
      await untilCause('gateway_down', /no-node|executable|EXEC/);
    } finally {
      await removeDropIn();
    }
  });

  test('says that a server is frozen', { timeout: 300_000 }, async () => {
    await fixture.host.fault('freeze');
    expect((await untilTold('alert.firing connection_failed', SILENT_MS)).cause).toMatch(/answer|time/i);
    await fixture.host.fault('thaw');
    await untilTold('alert.resolved connection_failed', SILENT_MS);
  });

  test('says that the network is cut', { timeout: 300_000 }, async () => {
    await fixture.host.fault('cut');
    const { cause } = await untilTold('alert.firing connection_failed', SILENT_MS + FLAPPING_MS);
    expect(cause).toMatch(/answer|reach|route/i);
    await fixture.host.fault('restore');
    await untilTold('alert.resolved connection_failed', SILENT_MS);
  });

  test('says that a provider refuses its key, and that Telegram refuses the token of a channel', {
    timeout: 600_000,
  }, async () => {
    await onHost(
      `systemd-run --user --unit=refusing /opt/node24/bin/node -e "${REFUSING.replaceAll('"', '\\"')}"`,
    );
    const before = await onHost('cat .openclaw/openclaw.json');
    await openclaw('config set models.providers.fake.baseUrl http://127.0.0.1:9401/v1');
    await openclaw('config set channels.telegram.apiRoot http://127.0.0.1:9401');
    await openclaw('config set channels.telegram.botToken 1234567:AAHwrongwrongwrongwrongwrongwrongwro');
    await openclaw('config set channels.telegram.enabled true');
    try {
      await fixture.live
        .api('POST /servers/:id/openclaw/sessions/:key/messages', {
          params: { id: fixture.serverId, key: 'agent:main:main' },
          body: { text: 'Hello' },
        })
        .catch(() => {});
      await untilCause('api_errors', /401/);
      await untilCause('channel_down', /telegram/);
      expect(problem).toMatch(/Unauthorized|401/);
    } finally {
      await onHost(`cat > .openclaw/openclaw.json <<'END'\n${before}\nEND`);
      await onHost('systemctl --user stop refusing');
      await restart();
    }
  });

  test.skipIf(!isLongRun)(
    'is told twice at most where a gateway stops and starts every 20 s',
    {
      timeout: 900_000,
    },
    async () => {
      const endsAt = Date.now() + 5 * 60_000;
      for (let isUp = true; Date.now() < endsAt; isUp = !isUp) {
        await onHost(`systemctl --user ${isUp ? 'stop' : 'start'} --no-block ${UNIT}`);
        const next = Date.now() + 20_000;
        await within(21_000, async () => Date.now() >= next);
      }
      await restart();
      await fixture.host.waitGateway();
      await untilOver();
      expect(messages().filter(({ type }) => type.endsWith(' gateway_down')).length).toBeLessThanOrEqual(2);
    },
  );
});

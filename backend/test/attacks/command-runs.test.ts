// A viewer reads a server whose gateway is down, in ever new words, so that OpenClaw's command takes its processor and its owner waits.
import type { Session } from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../src/lib/app-error.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { createReader } from '../../src/openclaw/reads/reader.ts';
import { createSessionReads } from '../../src/openclaw/sessions/read-sessions.ts';
import { createCalledGateways } from '../../src/openclaw/testing/called-gateways.ts';
import { configOn, inspectionOf } from '../../src/openclaw/testing/running-host.ts';
import { createSnapshotsInMemory } from '../../src/openclaw/testing/snapshots-in-memory.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

const CALLS = 20;
const MAX_BLOCK_MS = 50;

const config = { ...configOn(1), agents: { entries: { main: {}, sales: {} } } };
const sessions = ['main', 'sales'].map((agent, index) => ({
  key: `agent:${agent}:main`,
  updatedAt: index + 1,
}));

describe('a viewer of a server whose gateway is down', () => {
  let fixture: AccessFixture;
  let server: ScriptedServer;
  let shared: string;
  /** Of each run of OpenClaw's command, its words. */
  let runs: string[];
  beforeAll(async () => {
    fixture = await prepareAccessFixture();
    server = await startScriptedServer({
      onSession,
      // Nothing listens on the port of the gateway.
      onClient: (client) => client.on('tcpip', (_accept, reject) => reject()),
    });
    shared = await fixture.newServer({ port: server.port });
    expect((await fixture.as('owner', 'POST', `/servers/${shared}/test`)).statusCode).toBe(200);
  });
  beforeEach(() => {
    runs = [];
  });
  afterAll(async () => {
    await fixture.running.close();
    await server.close();
  });

  function onSession(session: Session): void {
    session.on('exec', (accept) => {
      const stream = accept();
      let stdin = '';
      stream.on('data', (bytes: Buffer) => {
        stdin += bytes;
      });
      stream.on('end', () => {
        const [mark = ''] = /buoy-[0-9a-f]{24}/.exec(stdin) ?? [];
        stream.write(`\n${mark}\n${answerTo(stdin)}`);
        stream.exit(0);
        stream.end();
      });
    });
  }

  function answerTo(script: string): string {
    const [, words] =
      /^set -- '\/opt\/node24\/bin\/node' '\/opt\/node24\/bin\/openclaw' (.*)$/m.exec(script) ?? [];
    if (words === undefined)
      return script.includes('max_bytes=$3') ? `100 1\n${JSON.stringify(config)}` : inspectionOf(config);
    runs.push(words.replaceAll("'", ''));
    return JSON.stringify({
      sessions,
      workspaceDir: '/w',
      managedSkillsDir: '/m',
      skills: [],
      auth: { providers: [] },
    });
  }

  const ask = (path: string) => fixture.as('viewer', 'GET', `/servers/${shared}/openclaw/${path}`);

  test('runs the command once, however the sessions are searched, filtered and paged', async () => {
    const paths = Array.from({ length: CALLS }, (_, index) => `sessions?q=${index}`);
    paths.push('sessions', 'sessions?limit=1', 'sessions?cursor=1', 'sessions?agentId=sales');
    paths.push(`sessions/${encodeURIComponent('agent:sales:main')}`);
    for (const answer of await Promise.all(paths.map(ask)))
      expect([answer.statusCode, answer.json().source]).toEqual([200, 'cli']);
    for (const path of paths) expect((await ask(path)).statusCode).toBe(200);
    expect(runs).toEqual(['sessions --json --all-agents --limit all']);
  });

  test('runs no command for agents that the config does not name', async () => {
    for (let index = 0; index < CALLS; index += 1)
      for (const path of [`skills?agentId=no${index}`, `agents/no${index}/keys`])
        expect((await ask(path)).json().code).toBe('not_found');
    expect(runs).toEqual([]);
    for (const path of ['skills?agentId=Sales', 'skills?agentId=sales', 'agents/sales/keys'])
      expect((await ask(path)).statusCode).toBe(200);
    expect(runs).toEqual(['skills list --json --agent Sales', 'models status --agent sales --json']);
  });
});

test('a hundred searches at once in thousands of sessions have a turn each', async () => {
  const down = async (): Promise<never> => {
    throw new AppError('gateway_unavailable', 'Nothing listens there.');
  };
  const rows = Array.from({ length: 4_000 }, (_, index) => ({
    ...{
      key: `agent:main:${index}`.padEnd(100, 'a'),
      sessionId: `${index}`.padEnd(36, 'b'),
      updatedAt: index,
    },
  }));
  const text = JSON.stringify({ sessions: rows });
  const json = async (_serverId: string, _words: readonly string[], schema: z.ZodType) =>
    schema.parse(JSON.parse(text));
  const reader = createReader({
    ...{ clock: systemClock, logger: createRecordingLogger().logger, cli: { json } as never },
    gateways: { ...createCalledGateways(), call: down, probe: down },
    ssh: { state: () => 'connected' },
    snapshots: createSnapshotsInMemory(),
  });
  const sessionReads = createSessionReads({ reader });
  const search = (_: unknown, index: number) => {
    const query = { archived: false, limit: 50, q: `aaaab${index}` };
    return sessionReads.list('s1', query, { signal: new AbortController().signal });
  };
  const { answer, blockedMs } = await longestBlockOfThree(
    () => Promise.all(Array.from({ length: 100 }, search)),
    MAX_BLOCK_MS,
  );
  expect(answer[99]).toMatchObject({ sessions: [], source: 'cli' });
  expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
});

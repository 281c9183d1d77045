// A viewer asks again and again which versions a server has, or what it lacks, to use up Buoy's time and the server's places for others.
import type { Session } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createNewestVersions } from '../../src/setup/newest-versions.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

const MAX_BLOCK_MS = 50;
/** More than the channels that Buoy opens on one server, and what a person may ask in a row. */
const CALLS = 10;

describe.each([
  ['check for updates', () => 'check-updates', 'ollama_version', 1],
  ['check before setup', () => 'check-prereqs', 'port_facts', 1],
  ['check before setup for other ports', (call: number) => `check-prereqs?port=${call + 1}`, 'port_facts', 2],
] as const)('%s of a server that answers slowly', (_what, pathOf, inScript, most) => {
  let fixture: AccessFixture;
  let server: ScriptedServer;
  let shared: string;
  let scripts = 0;
  const answered = Promise.withResolvers<void>();
  beforeAll(async () => {
    fixture = await prepareAccessFixture();
    server = await startScriptedServer({ onSession });
    shared = await fixture.newServer({ port: server.port });
    expect((await fixture.as('owner', 'POST', `/servers/${shared}/test`)).statusCode).toBe(200);
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
        const isCheck = stdin.includes(inScript);
        if (isCheck) scripts += 1;
        void (isCheck ? answered.promise : Promise.resolve()).then(() => {
          const [mark = ''] = /buoy-[0-9a-f]{24}/.exec(stdin) ?? [];
          const facts = 'manager=systemd-user\nunit=openclaw-gateway.service\nbinary=/usr/bin/openclaw';
          stream.write(`\n${mark}\n${facts}\nnode=v24.1.1\nend=1\n`);
          stream.exit(0);
          stream.end();
        });
      });
    });
  }

  test('runs one script for all who ask, leaves room for the owner, and is counted as costly', async () => {
    const ask = (call: number) => fixture.as('viewer', 'GET', `/servers/${shared}/setup/${pathOf(call)}`);
    const asked = Array.from({ length: CALLS }, (_, index) => ask(index));
    await until(10_000, async () => scripts >= most);
    const exec = await fixture.as('owner', 'POST', `/servers/${shared}/exec`, {
      ...{ command: 'true', timeoutS: 5 },
    });
    expect(exec.statusCode).toBe(200);
    const refused = await ask(CALLS);
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'rate_limited']);
    expect(scripts).toBe(most);
    answered.resolve();
    for (const { statusCode } of await Promise.all(asked)) expect(statusCode).toBe(200);
    expect(scripts).toBe(new Set(asked.map((_, call) => pathOf(call))).size);
  }, 60_000);
});

test('a list of megabytes is searched once for all who ask for the newest versions', async () => {
  const versions = Array.from({ length: 20_000 }, (_, index) => [
    `11.${Math.floor(index / 5_000)}.${index % 5_000}`,
    { dist: 'x'.repeat(300) },
  ]);
  const list = JSON.stringify({ versions: Object.fromEntries(versions) });
  const newest = createNewestVersions(
    { nodeMirror: null, npmRegistry: 'https://npm.example' },
    { clock: createFakeClock(), fetch: async () => new Response(list) },
  );
  await newest();
  const { answer, blockedMs } = await longestBlockOfThree(
    () => Promise.all(Array.from({ length: 100 }, newest)),
    MAX_BLOCK_MS,
  );
  expect(answer[99]?.npm).toBe('11.3.4999');
  expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
});

// Agents, their files, skills, bindings and keys on real gateways.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, type TestContext, test, vi } from 'vitest';
import { z } from 'zod';
import { isLongRun } from '../../testbed/long-run.ts';
import { type AgentsFixture, agentsFixture, home } from './support/agents-fixture.ts';
import { usualVersions } from './support/openclaw-fixture.ts';

/** Different in each run: OpenClaw remembers the workspaces of an interrupted run. */
const AGENT = `suite-${Date.now().toString(36)}`;
const NAME = 'Поддержка 🛟 «24/7»';

const cliAgents = z.array(
  z.looseObject({
    id: z.string(),
    identityName: z.string().optional(),
    workspace: z.string().optional(),
    model: z.string().optional(),
    isDefault: z.boolean().optional(),
  }),
);

/** Whether a test is run once more, because its first try missed a deadline. */
const isRepeated = ({ result }: TestContext['task']) => (result?.retryCount ?? 0) > 0;

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'agents of OpenClaw $version',
  { timeout: 300_000 },
  (openclaw) => {
    const isCurrent = openclaw.version === '2026.9.6';
    let fixture: AgentsFixture;

    const ask = (method: string, path: string, body?: unknown) => fixture.ask(method, path, body);
    const onHost = (command: string) => fixture.onHost(command);
    const ofServer = () => ({ id: fixture.serverId });
    const ofAgent = (agentId = AGENT) => ({ id: fixture.serverId, agentId });
    const find = async (agentId = AGENT) =>
      (await fixture.live.api('GET /servers/:id/openclaw/agents/:agentId', { params: ofAgent(agentId) }))
        .agent;
    /** OpenClaw 2026.7.35 does not tell when it has applied a change: a read soon after it may still show what was there. */
    const shows = async (agentId: string, expected: object) => {
      const check = async () => expect(await find(agentId)).toMatchObject(expected);
      await (isCurrent ? check() : vi.waitFor(check, { timeout: 30_000, interval: 200 }));
    };
    const change = async (agentId: string, body: Record<string, unknown>) =>
      (await ask('PUT', `/agents/${agentId}`, body)).answer.agent;
    const config = async () => {
      const { stdout } = await onHost(`cat ${home}/openclaw.json`);
      return JSON.parse(stdout) as { bindings?: unknown[]; agents: Record<string, unknown> };
    };

    async function clean() {
      await ask('PUT', '/agents/main', { isDefault: true });
      for (const id of [
        AGENT,
        `${AGENT}-two`,
        'suite--end-',
        'suite-end-',
        'suite-never',
        'suite-sales',
        'suite-sales-two',
      ]) {
        await ask('PUT', `/agents/${id}/bindings`, { bindings: [] });
        await ask('DELETE', `/agents/${id}?deleteFiles=true`);
      }
      await onHost(`rm -rf ${home}/workspace-suite-* ${home}/agents/suite-* ~/.Trash`);
    }

    beforeAll(async () => {
      fixture = await agentsFixture(openclaw);
      await clean();
    }, 300_000);
    afterAll(async () => {
      if (fixture === undefined) return;
      await clean();
      await fixture.close();
    }, 120_000);

    test("list matches OpenClaw's own and comes from the gateway", async () => {
      const { agents, source } = await fixture.live.api('GET /servers/:id/openclaw/agents', {
        params: ofServer(),
      });
      expect(source).toBe('gateway');
      const said = await fixture.cli(['agents', 'list', '--json'], cliAgents);
      expect(agents.map(({ id }) => id).toSorted()).toEqual(said.map(({ id }) => id).toSorted());
      expect(await find('main')).toMatchObject({
        id: 'main',
        isDefault: true,
        workspace: `${home}/workspace`,
        model: 'fake/fake-1',
        toolsProfile: isCurrent ? 'full' : 'coding',
        inherited: expect.arrayContaining(['model', 'toolsProfile']),
      });
    });

    /** Removes what a try before this one may have made. */
    const removeAgent = (id: string) => ask('DELETE', `/agents/${id}?deleteFiles=true`);

    test('a new agent has the requested id, any name, and a workspace beside the main one', async () => {
      await removeAgent(AGENT);
      const { agent } = await fixture.live.api('POST /servers/:id/openclaw/agents', {
        params: ofServer(),
        body: { id: AGENT, name: NAME, emoji: '🛟', model: 'fake/fake-1' },
      });
      expect(agent).toMatchObject({
        id: AGENT,
        name: NAME,
        emoji: '🛟',
        workspace: `${home}/workspace-${AGENT}`,
        model: 'fake/fake-1',
        isDefault: false,
      });
      const said = await fixture.cli(['agents', 'list', '--json'], cliAgents);
      expect(said.find(({ id }) => id === AGENT)).toMatchObject({
        identityName: NAME,
        workspace: expect.stringMatching(new RegExp(`/workspace-${AGENT}$`)),
      });
      expect((await onHost(`ls ${home}/workspace-${AGENT}`)).stdout).toContain('SOUL.md');
    });

    test('creating an agent returns 409 for an existing id, also at the same moment', async () => {
      await removeAgent(`${AGENT}-two`);
      const again = { id: AGENT };
      expect(await ask('POST', '/agents', again)).toMatchObject({
        status: 409,
        answer: { code: 'duplicate' },
      });
      const two = { id: `${AGENT}-two` };
      const answers = await Promise.all([ask('POST', '/agents', two), ask('POST', '/agents', two)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    });

    test.each([
      [`${home}/workspace/inside`, 409],
      [`${home}/workspace-${AGENT}/deep/er`, 409],
      [`${home}/workspace/../workspace/x`, 409],
      [home, 409],
      ['relative/folder', 400],
    ])(
      'creating an agent with a workspace at %s returns %i and leaves no agent',
      async (workspace, status) => {
        expect(await ask('POST', '/agents', { id: 'suite-never', workspace })).toMatchObject({ status });
        const { status: found } = await ask('GET', '/agents/suite-never');
        expect(found).toBe(404);
      },
    );

    test.each(['Upper', '-dash', 'а', 'a b', 'a/b', ''])(
      'creating an agent returns 400 for the id %j',
      async (id) => {
        expect((await ask('POST', '/agents', { id })).status).toBe(400);
      },
    );

    test('an id stays as requested, dashes included', async () => {
      const id = 'suite--end-';
      await removeAgent(id);
      const { status, answer } = await ask('POST', '/agents', {
        id,
        workspace: `~/.openclaw/workspace-${id}`,
      });
      expect({ status, answer }).toMatchObject({
        status: 201,
        answer: { agent: { id, name: id, workspace: `${home}/workspace-${id}` } },
      });
    });

    test('one call changes every setting, the agent shows them, and null resets them', async () => {
      const wanted = {
        name: 'Sales',
        emoji: '🛒',
        thinking: 'low',
        sandbox: { mode: 'off' },
        toolsProfile: 'minimal',
        heartbeat: { every: '45m' },
      };
      expect(await change(AGENT, { ...wanted, model: 'fake/fake-1' })).toMatchObject({
        ...wanted,
        sandbox: { mode: 'off', scope: null, workspaceAccess: null },
        heartbeat: { every: '45m', target: null },
        model: 'fake/fake-1',
        inherited: [],
      });
      await shows(AGENT, { name: 'Sales', toolsProfile: 'minimal' });
      const { agents } = await config();
      expect(JSON.stringify(agents)).toContain('"thinkingDefault":"low"');
      const cleared = await change(AGENT, {
        model: null,
        thinking: null,
        sandbox: null,
        toolsProfile: null,
        heartbeat: null,
        emoji: null,
      });
      expect(cleared).toMatchObject({
        emoji: null,
        model: 'fake/fake-1',
        inherited: ['model', 'thinking', 'sandbox', 'toolsProfile', 'heartbeat'],
      });
    });

    test('returns 422 with the problem for a value that OpenClaw rejects; 404 for an unknown agent', async () => {
      expect(await ask('PUT', `/agents/${AGENT}`, { thinking: 'furiously' })).toMatchObject({
        status: 422,
        answer: { code: 'refused', details: { issues: [expect.anything()] } },
      });
      for (const path of ['', '/files', '/files/SOUL.md', '/skills', '/bindings', '/keys'])
        expect((await ask('GET', `/agents/suite-nobody${path}`)).status, path).toBe(404);
      expect((await ask('PUT', '/agents/suite-nobody', { name: 'x' })).status).toBe(404);
      expect((await ask('DELETE', '/agents/suite-nobody')).status).toBe(404);
    });

    test.runIf(isLongRun)(
      'the default agent can be removed only when another one is the default',
      async () => {
        expect(await change(AGENT, { isDefault: true })).toMatchObject({ isDefault: true });
        await shows('main', { isDefault: false });
        const said = await fixture.cli(['agents', 'list', '--json'], cliAgents);
        expect(said.find(({ isDefault }) => isDefault)?.id).toBe(AGENT);
        expect(await ask('DELETE', `/agents/${AGENT}`)).toMatchObject({
          status: 409,
          answer: { code: 'conflict', hint: expect.stringContaining('isDefault') },
        });
        expect(await change('main', { isDefault: true })).toMatchObject({ isDefault: true });
      },
    );

    test('files are listed, read and written, and a stale write overwrites nothing', async () => {
      const { files } = await fixture.live.api('GET /servers/:id/openclaw/agents/:agentId/files', {
        params: ofAgent(),
      });
      const names = files.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['AGENTS.md', 'SOUL.md', 'MEMORY.md']));
      expect(names.includes('HEARTBEAT.md')).toBe(!isCurrent);
      expect(files.find(({ name }) => name === 'MEMORY.md')).toMatchObject({ missing: true });

      const params = { ...ofAgent(), name: 'SOUL.md' };
      const read = async () =>
        (await fixture.live.api('GET /servers/:id/openclaw/agents/:agentId/files/:name', { params })).file;
      const first = await read();
      expect(first.hash).toBe(createHash('sha256').update(first.content).digest('hex'));
      const writers = ['первый 🙂\n', 'second\n'].map((content) =>
        ask('PUT', `/agents/${AGENT}/files/SOUL.md`, { content, hash: first.hash }),
      );
      const answers = await Promise.all(writers);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      const now = await read();
      const onDisk = (await onHost(`cat ${home}/workspace-${AGENT}/SOUL.md`)).stdout;
      expect(now.content).toBe(onDisk);
      expect(answers.find(({ status }) => status === 409)?.answer).toMatchObject({
        code: 'stale_version',
        details: { hash: now.hash },
      });
      const winner = answers.find(({ status }) => status === 200)?.answer as { file: { content: string } };
      expect(winner.file.content).toBe(onDisk);
    });

    test('a missing file is created, and a name that OpenClaw does not read returns 404', async () => {
      await onHost(`rm -f ${home}/workspace-${AGENT}/MEMORY.md`);
      const body = { content: '', hash: null };
      const made = await fixture.live.api('PUT /servers/:id/openclaw/agents/:agentId/files/:name', {
        params: { ...ofAgent(), name: 'MEMORY.md' },
        body: { ...body, content: 'We sell boats.\n' },
      });
      expect(made.file).toMatchObject({ missing: false, size: 15, content: 'We sell boats.\n' });
      expect(await ask('PUT', `/agents/${AGENT}/files/MEMORY.md`, body)).toMatchObject({
        status: 409,
        answer: { code: 'stale_version' },
      });
      expect((await ask('GET', `/agents/${AGENT}/files/NOTES.md`)).status).toBe(404);
      expect((await ask('PUT', `/agents/${AGENT}/files/..%2Fx`, body)).status).toBe(400);
      const tooLong = { content: 'ы'.repeat(140_000) };
      expect((await ask('PUT', `/agents/${AGENT}/files/SOUL.md`, tooLong)).status).toBe(400);
    });

    test('skills can be limited to some, to none, and allowed again', async ({ task }) => {
      const put = async (body: { mode: 'only'; names: string[] } | { mode: 'all' }) =>
        (await ask('PUT', `/agents/${AGENT}/skills`, body)).answer.skills;
      const read = async () =>
        (await fixture.live.api('GET /servers/:id/openclaw/agents/:agentId/skills', { params: ofAgent() }))
          .skills;
      if (isRepeated(task)) await put({ mode: 'all' });
      expect(await read()).toMatchObject({ mode: 'all', inherited: true });
      expect(await put({ mode: 'only', names: ['weather', 'no-such-skill'] })).toEqual({
        mode: 'only',
        names: ['weather', 'no-such-skill'],
        inherited: false,
        unknown: ['no-such-skill'],
      });
      expect(await put({ mode: 'only', names: ['weather'] })).toMatchObject({ names: ['weather'] });
      expect(JSON.stringify((await config()).agents)).toContain('"skills":["weather"]');
      expect(await put({ mode: 'only', names: [] })).toMatchObject({ mode: 'only', names: [] });
      expect(await put({ mode: 'all' })).toMatchObject({ mode: 'all', inherited: true });
      expect(await read()).toMatchObject({ mode: 'all', names: [] });
    });

    test.runIf(isLongRun)('replacing the bindings of one agent keeps those of others', async () => {
      const put = async (agentId: string, bindings: object[]) =>
        ask('PUT', `/agents/${agentId}/bindings`, { bindings });
      const group = {
        channel: 'telegram',
        account: 'default',
        peer: { kind: 'group', id: '-100123' },
      };
      expect(await put('main', [{ channel: 'telegram', account: '*' }])).toMatchObject({ status: 200 });
      expect(await put(AGENT, [{ channel: 'telegram', account: 'sales' }, group])).toMatchObject({
        status: 200,
        answer: { bindings: [{ channel: 'telegram', account: 'sales', peer: null }, group] },
      });
      const said = await fixture.cli(
        ['agents', 'bindings', '--json'],
        z.array(z.looseObject({ agentId: z.string(), match: z.looseObject({ channel: z.string() }) })),
      );
      expect(said.filter(({ agentId }) => agentId === AGENT)).toHaveLength(2);
      expect(await find()).toMatchObject({ bindings: 2 });
      expect(await put('main', [{ channel: 'telegram', account: '*' }, group])).toMatchObject({
        status: 409,
        answer: { code: 'conflict', details: { agentId: AGENT } },
      });
      expect(await put(AGENT, [group])).toMatchObject({ status: 200, answer: { bindings: [group] } });
      expect((await config()).bindings).toHaveLength(2);
      for (const agentId of [AGENT, 'main'])
        expect(await put(agentId, [])).toMatchObject({ status: 200, answer: { bindings: [] } });
    });

    test.runIf(isLongRun)(
      'a removed agent keeps its workspace, unless deleteFiles is set',
      async ({ task }) => {
        if (isRepeated(task)) {
          // The try before may have removed what the tests before have made.
          for (const body of [
            { id: AGENT },
            { id: `${AGENT}-two` },
            { id: 'suite--end-', workspace: '~/.openclaw/workspace-suite--end-' },
          ])
            await ask('POST', '/agents', body);
          await ask('PUT', `/agents/${AGENT}/files/MEMORY.md`, { content: 'We sell boats.\n' });
        }
        const { live } = fixture;
        await live.api('DELETE /servers/:id/openclaw/agents/:agentId', { params: ofAgent() });
        expect((await ask('GET', `/agents/${AGENT}`)).status).toBe(404);
        expect((await onHost(`ls ${home}/workspace-${AGENT}`)).stdout).toContain('SOUL.md');
        const { agent } = await live.api('POST /servers/:id/openclaw/agents', {
          params: ofServer(),
          body: { id: AGENT },
        });
        expect(agent.workspace).toBe(`${home}/workspace-${AGENT}`);
        expect(await ask('GET', `/agents/${AGENT}/files/MEMORY.md`)).toMatchObject({
          answer: { file: { content: 'We sell boats.\n' } },
        });
        for (let times = 0; times < 2; times += 1) {
          await live.api('DELETE /servers/:id/openclaw/agents/:agentId', {
            params: ofAgent(),
            query: { deleteFiles: 'true' },
          });
          expect((await onHost(`ls -d ${home}/workspace-${AGENT}`)).stdout.trim()).toBe('');
          if (times === 0) expect(await ask('POST', '/agents', { id: AGENT })).toMatchObject({ status: 201 });
        }
        await live.api('DELETE /servers/:id/openclaw/agents/:agentId', {
          params: ofAgent(`${AGENT}-two`),
          query: { deleteFiles: 'true' },
        });
        expect((await onHost(`ls -d ${home}/workspace-${AGENT}-two`)).stdout.trim()).toBe('');
        const { agents } = await live.api('GET /servers/:id/openclaw/agents', { params: ofServer() });
        expect(agents.map(({ id }) => id).toSorted()).toEqual(['main', 'suite--end-']);
        await live.api('DELETE /servers/:id/openclaw/agents/:agentId', {
          params: ofAgent('suite--end-'),
          query: { deleteFiles: 'true' },
        });
        expect(await ask('DELETE', '/agents/main')).toMatchObject({
          status: 409,
          answer: { code: 'conflict' },
        });
      },
    );
  },
);

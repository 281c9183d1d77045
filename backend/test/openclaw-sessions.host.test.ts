// Conversations and live events on real gateways over HTTP alone, verified with OpenClaw's own command on the host.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../testbed/until.ts';
import { type Conversations, createConversations, statusOf, TURN_MS } from './support/conversations.ts';
import { type LiveEvents, openLiveEvents } from './support/live-events.ts';
import { setModelPrices } from './support/model-prices.ts';
import { type OpenclawFixture, openclawFixture, usualVersions } from './support/openclaw-fixture.ts';

const cliSessions = z.looseObject({
  sessions: z.array(
    z.looseObject({
      key: z.string(),
      inputTokens: z.number().optional(),
      outputTokens: z.number().optional(),
      totalTokens: z.number().nullish(),
      contextTokens: z.number().optional(),
    }),
  ),
});

/** USD for a million tokens, as written into the config. */
const PRICES = { input: 2, output: 8 };

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'sessions of OpenClaw $version',
  { timeout: 180_000 },
  (version) => {
    let fixture: OpenclawFixture;
    let events: LiveEvents;
    let talk: Conversations;
    const stamp = Date.now().toString(36);
    const keyOf = (name: string) => `agent:main:buoy-${stamp}-${name}`;

    beforeAll(async () => {
      fixture = await openclawFixture(version);
      events = await openLiveEvents(fixture.live, fixture.serverId);
      await events.until(({ event, data }) => event === 'gateway' && data.state === 'connected');
      talk = createConversations(fixture, events);
    }, 240_000);

    afterEach(() => talk.tidy(), 120_000);

    afterAll(async () => {
      events?.cut();
      await fixture?.close();
    }, 60_000);

    test('a turn sends its events and records its transcript, tokens and cost', async () => {
      const key = keyOf('turn');
      const restore = await setModelPrices(fixture.host, PRICES);
      try {
        // The gateway picks up the prices after a delay.
        const warm = keyOf('prices');
        await until(60_000, async () => {
          await talk.turn(warm, 'hello');
          return ((await talk.messages(warm)).messages.at(-1)?.usage?.costUsd ?? 0) > 0;
        });
        const since = events.seen.length;
        const { runId, end } = await talk.turn(key, 'hello there');
        expect(end).toMatchObject({
          data: {
            state: 'final',
            sessionKey: key,
            agentId: 'main',
            text: expect.stringContaining('FAKE-REPLY'),
          },
        });
        const pieces = events.seen
          .slice(since)
          .flatMap((one) => (one.event === 'chat' && one.data.runId === runId ? [one.data] : []));
        const spoken = pieces.filter(({ state }) => state === 'delta').map(({ text }) => text);
        expect(spoken.join('')).toBe(end.event === 'chat' ? end.data.text : '');
        await events.until(
          ({ event, data }) =>
            event === 'session' && data.sessionKey === key && data.session?.status === 'done',
        );
        await events.until(
          ({ event, data }) =>
            event === 'message' && data.sessionKey === key && data.message.role === 'assistant',
        );

        const { messages: said, source } = await talk.messages(key);
        expect(source).toBe('gateway');
        expect(said.map(({ role }) => role)).toEqual(['user', 'assistant']);
        expect(said[0]).toMatchObject({ text: 'hello there', usage: null });
        expect(said[1]).toMatchObject({
          text: expect.stringContaining('hello there'),
          model: 'fake/fake-1',
          stopReason: 'stop',
        });

        const session = await until(20_000, async () => {
          const now = await talk.find(key);
          return now.tokens.input === null || now.costUsd === null ? null : now;
        });
        const { sessions } = await fixture.cli(['sessions', '--json', '--all-agents'], cliSessions);
        const row = sessions.find((one) => one.key === key) ?? expect.unreachable('the command knows it');
        expect(session).toMatchObject({
          agentId: 'main',
          isMain: false,
          status: 'done',
          running: false,
          model: 'fake/fake-1',
          tokens: {
            input: row.inputTokens,
            output: row.outputTokens,
            total: row.totalTokens,
            context: row.contextTokens,
            staleSinceCompaction: false,
          },
        });
        expect(session.tokens.input).toBe(said[1]?.usage?.input);
        const cost =
          ((session.tokens.input ?? 0) * PRICES.input + (session.tokens.output ?? 0) * PRICES.output) / 1e6;
        expect(session.costUsd).toBeCloseTo(cost, 6);
        expect(said[1]?.usage?.costUsd).toBeCloseTo(cost, 6);
      } finally {
        await restore();
      }
    });

    test('a tool call of the agent appears in the events and in the transcript', async () => {
      const key = keyOf('tool');
      await talk.turn(key, 'run: uname -s');
      for (const phase of ['start', 'end'])
        await events.until(
          ({ event, data }) =>
            event === 'tool' && data.sessionKey === key && data.name === 'exec' && data.phase === phase,
        );
      const { messages: said } = await talk.messages(key);
      expect(said.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
      expect(said[1]?.toolCalls).toMatchObject([{ name: 'exec', arguments: { command: 'uname -s' } }]);
      expect(said[2]).toMatchObject({
        text: expect.stringContaining('Linux'),
        toolResult: { callId: said[1]?.toolCalls[0]?.id, name: 'exec', failed: false },
      });
    });

    test('the transcript pages backwards, each message once, even while new ones arrive', async () => {
      const key = keyOf('pages');
      for (const text of ['one', 'two', 'three']) await talk.turn(key, text);
      const first = await talk.messages(key, { limit: 2 });
      expect(first.messages.map(({ text }) => text)).toEqual(['three', expect.stringContaining('three')]);
      await talk.turn(key, 'four');
      const second = await talk.messages(key, { limit: 2, cursor: first.nextCursor });
      expect(second.messages.map(({ text }) => text)).toEqual(['two', expect.stringContaining('two')]);
      const third = await talk.messages(key, { limit: 2, cursor: second.nextCursor });
      expect(third.messages.map(({ text }) => text)).toEqual(['one', expect.stringContaining('one')]);
      expect(third.nextCursor).toBeNull();
      expect(await statusOf(talk.messages(key, { cursor: 'nonsense' }))).toBe(400);
    });

    test('a slow turn can be stopped', async () => {
      const key = keyOf('abort');
      const runId = await talk.send(key, 'slow please');
      await events.until(
        ({ event, data }) => event === 'session' && data.sessionKey === key && data.session?.running === true,
        TURN_MS,
      );
      const aborted = await fixture.live.api('POST /servers/:id/openclaw/sessions/:key/abort', {
        ...talk.params(key),
        body: { runId },
      });
      expect(aborted).toEqual({ aborted: true, runIds: [runId] });
      await events.until(
        ({ event, data }) => event === 'chat' && data.runId === runId && data.state === 'aborted',
      );
      expect(
        await until(20_000, async () => ((await talk.find(key)).status === 'killed' ? 'killed' : null)),
      ).toBe('killed');
      await until(20_000, async () => !(await talk.find(key)).running);
      const again = await fixture.live.api('POST /servers/:id/openclaw/sessions/:key/abort', {
        ...talk.params(key),
        body: {},
      });
      expect(again).toEqual({ aborted: false, runIds: [] });
    });

    test('a session can be renamed, pinned and archived, and its model and thinking changed', async () => {
      const key = keyOf('change');
      await talk.turn(key, 'hello');
      const changed = await talk.change(key, { label: `Ärger ${stamp}`, pinned: true, thinking: 'off' });
      expect(changed).toMatchObject({
        label: `Ärger ${stamp}`,
        title: `Ärger ${stamp}`,
        pinned: true,
        thinking: 'off',
      });
      expect((await talk.list({ limit: 1 })).sessions).toMatchObject([{ pinned: true }]);
      expect((await talk.list({ q: `ärger ${stamp}` })).sessions.map((one) => one.key)).toEqual([key]);
      expect((await talk.change(key, { model: 'fake/fake-1' })).model).toBe('fake/fake-1');
      expect(await statusOf(talk.change(key, { thinking: 'with pleasure' }))).toBe(422);

      expect(await talk.change(key, { archived: true })).toMatchObject({ archived: true });
      const keys = async (query: object) =>
        (await talk.list({ ...query, limit: 200 })).sessions.map((one) => one.key);
      expect(await keys({})).not.toContain(key);
      expect(await keys({ archived: 'true' })).toContain(key);
      expect(
        await talk.change(key, { archived: false, label: null, pinned: false, model: null, thinking: null }),
      ).toMatchObject({
        archived: false,
        label: null,
        pinned: false,
      });
    });

    test('the list comes in pages, and filters by agent and by words', async () => {
      const names = ['list-a', 'list-b', 'list-c'];
      for (const name of names) await talk.turn(keyOf(name), 'hello');
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await talk.list({ q: `${stamp}-list`, limit: 2, ...(cursor == null ? {} : { cursor }) });
        seen.push(...page.sessions.map(({ key }) => key));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(names.map(keyOf).reverse());
      expect((await talk.list({ agentId: 'main', q: `${stamp}-list-b` })).sessions).toMatchObject([
        { key: keyOf('list-b') },
      ]);
      expect((await talk.list({ agentId: 'nobody' })).sessions).toEqual([]);
      expect(await statusOf(talk.list({ cursor: 'nonsense' }))).toBe(400);
    });

    test('resetting starts a new conversation under the same key', async () => {
      const key = keyOf('reset');
      await talk.turn(key, 'hello');
      const since = events.seen.length;
      const { session } = await fixture.live.api(
        'POST /servers/:id/openclaw/sessions/:key/reset',
        talk.params(key),
      );
      expect(session).toMatchObject({ key, tokens: { input: 0, output: 0, total: 0 } });
      await events.until(
        ({ event, data }) => event === 'session' && data.sessionKey === key && data.change === 'reset',
        30_000,
        since,
      );
      const { messages: said } = await talk.messages(key);
      expect(said.filter(({ role }) => role !== 'system')).toEqual([]);
    });

    test('compacting reports whether it was done, or why not', async () => {
      const key = keyOf('compact');
      for (const text of ['first thing', 'second thing']) await talk.turn(key, text);
      const { compaction, session } = await fixture.live.api(
        'POST /servers/:id/openclaw/sessions/:key/compact',
        talk.params(key),
      );
      // The fake model's summary is refused by the checks of some versions.
      if (compaction.compacted)
        expect(compaction).toMatchObject({ reason: null, tokensBefore: expect.any(Number) });
      else expect(compaction.reason).toEqual(expect.any(String));
      expect(session.key).toBe(key);
      await events.until(
        ({ event, data }) => event === 'session' && data.sessionKey === key && data.change === 'compacting',
      );
    });

    test('a deleted session is gone here and on the host: 404 after that; 409 for a main session', async () => {
      const key = keyOf('gone');
      await talk.turn(key, 'hello');
      const since = events.seen.length;
      await talk.remove(key);
      await events.until(
        ({ event, data }) => event === 'session' && data.change === 'deleted',
        30_000,
        since,
      );
      const { sessions } = await fixture.cli(['sessions', '--json', '--all-agents'], cliSessions);
      expect(sessions.map((one) => one.key)).not.toContain(key);

      expect(await statusOf(talk.find(key))).toBe(404);
      expect(await statusOf(talk.messages(key))).toBe(404);
      expect(await statusOf(talk.remove(key))).toBe(404);
      expect(await statusOf(talk.change(key, { label: 'x' }))).toBe(404);
      for (const act of ['reset', 'compact'] as const)
        expect(
          await statusOf(
            fixture.live.api(`POST /servers/:id/openclaw/sessions/:key/${act}`, talk.params(key)),
          ),
        ).toBe(404);
      expect(
        await statusOf(
          fixture.live.api('POST /servers/:id/openclaw/sessions/:key/abort', {
            ...talk.params(key),
            body: {},
          }),
        ),
      ).toBe(404);
      expect((await talk.list({ limit: 200 })).sessions.map((one) => one.key)).not.toContain(key);

      const unknownAgent = fixture.live.api('POST /servers/:id/openclaw/sessions/:key/messages', {
        ...talk.params('agent:nobody-here:main'),
        body: { text: 'hello' },
      });
      expect(await statusOf(unknownAgent)).toBe(404);

      const isNew = await talk.find('agent:main:main').then(
        () => false,
        () => true,
      );
      await talk.turn('agent:main:main', 'hello');
      talk.keep('agent:main:main');
      expect(await talk.find('agent:main:main')).toMatchObject({ isMain: true });
      expect(await statusOf(talk.remove('agent:main:main'))).toBe(409);
      if (isNew)
        await fixture.live.api(
          'POST /servers/:id/openclaw/sessions/:key/reset',
          talk.params('agent:main:main'),
        );
    });

    test('an interrupted stream resumes where it was, each event once', async () => {
      const key = keyOf('resume');
      const cut = await openLiveEvents(fixture.live, fixture.serverId);
      const { id } = await cut.until(({ event }) => event === 'gateway');
      cut.cut();
      const { runId } = await talk.turn(key, 'hello');
      const again = await openLiveEvents(fixture.live, fixture.serverId, { lastEventId: id });
      await again.until(
        ({ event, data }) => event === 'chat' && data.runId === runId && data.state === 'final',
      );
      expect(again.seen.some(({ event }) => event === 'missed')).toBe(false);
      const mine = (all: LiveEvents) =>
        all.seen.filter(({ event, data }) => event === 'chat' && data.runId === runId).map((one) => one.id);
      expect(mine(again)).toEqual(mine(events));
      again.cut();

      const lost = await openLiveEvents(fixture.live, fixture.serverId, { lastEventId: 'ffffff.7' });
      await lost.until(({ event }) => event === 'missed');
      lost.cut();
    });
  },
);

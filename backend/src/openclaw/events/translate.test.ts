// The events of the real gateways (2026.7.35 and 2026.9.6), shortened to the fields that are read.
import { openclawEvents } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OpenclawEvent } from './events.ts';
import { createTranslator } from './translate.ts';

let translate: ReturnType<typeof createTranslator>;
beforeEach(() => {
  translate = createTranslator();
});

function translated(event: string, payload: unknown): OpenclawEvent[] {
  const events = translate({ event, payload });
  for (const one of events) openclawEvents[one.event].parse(one.data);
  return events;
}

const key = 'agent:main:main';

describe('sessions', () => {
  test('a run that starts includes the current session', () => {
    const [event] = translated('sessions.changed', {
      sessionKey: key,
      agentId: 'main',
      phase: 'start',
      runId: 'r1',
      session: {
        key,
        status: 'running',
        hasActiveRun: true,
        activeRunIds: ['r1'],
        updatedAt: 1_795_602_938_305,
      },
    });
    expect(event).toMatchObject({
      event: 'session',
      data: { sessionKey: key, agentId: 'main', runId: 'r1', change: 'run', session: { running: true } },
    });
  });

  test.each([
    [{ reason: 'delete' }, 'deleted'],
    [{ reason: 'reset' }, 'reset'],
    [{ reason: 'compact' }, 'compacted'],
    [{ reason: 'patch' }, 'updated'],
    [{ phase: 'error' }, 'run'],
  ])('%j becomes %s, without a session where OpenClaw sends none', (more, change) => {
    expect(translated('sessions.changed', { sessionKey: key, ...more })).toMatchObject([
      { data: { change, session: null, agentId: 'main' } },
    ]);
  });

  test('a change without a key becomes a change of the list', () => {
    expect(translated('sessions.changed', { reason: 'delete' })).toMatchObject([
      { data: { sessionKey: null, agentId: null } },
    ]);
  });

  test('the model of a run is not repeated', () => {
    expect(translated('sessions.changed', { sessionKey: key, phase: 'model' })).toEqual([]);
  });

  test('a compaction is reported at its start and its end', () => {
    const operation = { operation: 'compact', sessionKey: key };
    expect(translated('session.operation', { ...operation, phase: 'start' })).toMatchObject([
      { data: { change: 'compacting' } },
    ]);
    expect(translated('session.operation', { ...operation, phase: 'end', completed: true })).toMatchObject([
      { data: { change: 'compacted' } },
    ]);
    expect(translated('session.operation', { ...operation, phase: 'end', completed: false })).toMatchObject([
      { data: { change: 'updated' } },
    ]);
    expect(translated('session.operation', { ...operation, operation: 'other', phase: 'start' })).toEqual([]);
  });
});

describe('turn events', () => {
  const run = { runId: 'r1', sessionKey: key };
  const message = { role: 'assistant', content: [{ type: 'text', text: 'one two' }], timestamp: 1 };

  test('are sent piece by piece, then as the whole message', () => {
    expect(translated('chat', { ...run, state: 'status', phase: 'starting_model' })).toMatchObject([
      { data: { state: 'status', phase: 'starting_model', text: null, agentId: 'main' } },
    ]);
    expect(translated('chat', { ...run, state: 'delta', deltaText: 'one', message })).toMatchObject([
      { data: { state: 'delta', text: 'one', replace: false } },
    ]);
    expect(translated('chat', { ...run, state: 'delta', deltaText: 'two', replace: true })).toMatchObject([
      { data: { text: 'two', replace: true } },
    ]);
    expect(translated('chat', { ...run, state: 'final', stopReason: 'stop', message })).toMatchObject([
      { data: { state: 'final', text: 'one two', stopReason: 'stop' } },
    ]);
  });

  test('report a failed or stopped turn', () => {
    expect(translated('chat', { ...run, state: 'error', errorMessage: 'LLM request failed.' })).toMatchObject(
      [{ data: { state: 'error', error: 'LLM request failed.', text: null } }],
    );
    expect(translated('chat', { ...run, state: 'aborted', stopReason: 'rpc' })).toMatchObject([
      { data: { state: 'aborted', stopReason: 'rpc', error: null } },
    ]);
  });

  test('report each tool once, by its item, and no other stream of the agent', () => {
    const data = { kind: 'tool', phase: 'end', name: 'exec', title: 'Exec uname -s', toolCallId: 'c1' };
    expect(translated('agent', { ...run, stream: 'item', data: { ...data, status: 'completed' } })).toEqual([
      {
        event: 'tool',
        data: {
          ...run,
          agentId: 'main',
          toolCallId: 'c1',
          name: 'exec',
          title: 'Exec uname -s',
          phase: 'end',
          failed: false,
        },
      },
    ]);
    expect(
      translated('agent', { ...run, stream: 'item', data: { ...data, status: 'failed' } }),
    ).toMatchObject([{ data: { failed: true } }]);
    expect(translated('agent', { ...run, stream: 'item', data: { ...data, kind: 'command' } })).toEqual([]);
    expect(translated('agent', { ...run, stream: 'assistant', data: { text: 'one' } })).toEqual([]);
  });

  test('truncate long texts and arguments', () => {
    const huge = 'x'.repeat(300_000);
    const content = [
      { type: 'text', text: huge },
      { type: 'toolCall', id: 'c1', name: 'write', arguments: { content: huge } },
    ];
    const [event] = translated('session.message', {
      sessionKey: key,
      message: { role: 'assistant', content },
    });
    expect(JSON.stringify(event).length).toBeLessThan(110_000);
    expect(event).toMatchObject({ data: { message: { toolCalls: [{ name: 'write', arguments: null }] } } });
  });

  test('truncate long ids and names, of which a page keeps many', () => {
    const huge = 'x'.repeat(300_000);
    const names = { sessionKey: huge, agentId: huge, runId: huge };
    const item = { kind: 'tool', phase: 'start', name: huge, title: huge, toolCallId: huge };
    for (const [name, payload] of [
      ['agent', { ...names, stream: 'item', data: item }],
      ['chat', { ...names, state: 'status', phase: huge, stopReason: huge }],
      ['exec.approval.requested', { id: huge, request: names }],
      ['cron', { jobId: huge, status: huge }],
    ] as const)
      expect(JSON.stringify(translated(name, payload)).length).toBeLessThan(10_000);
  });
});

describe('admin events', () => {
  test('report that an approval is pending, but not the command', () => {
    const [event] = translated('exec.approval.requested', {
      approvalKind: 'exec',
      id: 'a1',
      request: { command: 'cat /etc/secret', agentId: 'main', sessionKey: key },
      expiresAtMs: 1_795_565_962_720,
    });
    expect(event).toMatchObject({
      event: 'approval',
      data: { kind: 'exec', state: 'requested', id: 'a1', sessionKey: key, decision: null },
    });
    expect(JSON.stringify(event)).not.toContain('secret');
    expect(translated('plugin.approval.resolved', { id: 'a1', decision: 'deny' })).toMatchObject([
      { data: { kind: 'plugin', state: 'resolved', decision: 'deny' } },
    ]);
  });

  test('report that a device asks to be paired', () => {
    expect(translated('device.pair.requested', { requestId: 'p1' })).toEqual([
      { event: 'pairing', data: { kind: 'device', state: 'requested', requestId: 'p1' } },
    ]);
  });
});

describe('health and channels', () => {
  const telegram = (connected: boolean) => ({
    configured: true,
    running: true,
    connected,
    accounts: { default: { accountId: 'default', configured: true, running: true, connected } },
  });
  const health = (more: object) => ({ ok: true, eventLoop: { degraded: false }, channels: {}, ...more });

  test('are reported when they change', () => {
    expect(translated('health', health({}))).toEqual([
      { event: 'health', data: { ok: true, degraded: false } },
    ]);
    expect(translated('health', health({ ts: 2 }))).toEqual([]);
    expect(translated('health', health({ channels: { telegram: telegram(false) } }))).toEqual([
      { event: 'channel', data: { id: 'telegram', account: 'default', state: 'disconnected', error: null } },
    ]);
    expect(translated('health', health({ channels: { telegram: telegram(false) } }))).toEqual([]);
    expect(translated('health', health({ channels: { telegram: telegram(true) } }))).toMatchObject([
      { data: { state: 'connected' } },
    ]);
  });

  test('of a gateway that names ever new channels are limited to 100 at once, and the oldest of 500 are dropped', () => {
    const named = (names: string[]) =>
      health({ channels: Object.fromEntries(names.map((name) => [name, telegram(true)])) });
    const many = (from: string) => Array.from({ length: 100 }, (_, index) => `${from}${index}`);
    translated('health', health({}));
    expect(translated('health', named([...many('a'), 'one-more']))).toHaveLength(100);
    expect(translated('health', named(many('a')))).toEqual([]);
    for (const from of 'bcdef') translated('health', named(many(from)));
    expect(translated('health', named(['a0']))).toHaveLength(1);
  });
});

test('config, cron, skills and updates', () => {
  expect(translated('config.changed', { path: '/x', hash: 'h', ts: 1_795_603_201_576 })).toEqual([
    { event: 'config', data: { at: '2026-11-25T10:40:01.576Z' } },
  ]);
  expect(translated('cron', { jobId: 'j1', action: 'finished', status: 'ok', durationMs: 11 })).toMatchObject(
    [{ event: 'cron', data: { jobId: 'j1', action: 'finished', status: 'ok', durationMs: 11 } }],
  );
  expect(translated('cron', { jobId: 'j1', action: 'new word' })).toMatchObject([
    { data: { action: 'other' } },
  ]);
  expect(translated('skills.changed', { reason: 'watch' })).toEqual([
    { event: 'skills', data: { reason: 'watch' } },
  ]);
  expect(translated('update.available', { updateAvailable: { latestVersion: '2027.1.1' } })).toEqual([
    { event: 'update', data: { latest: '2027.1.1' } },
  ]);
});

test.each([
  ['tick', { ts: 1 }],
  ['presence', { presence: [] }],
  ['toString', {}],
  ['chat', { state: 'new word', runId: 'r', sessionKey: key }],
  ['chat', null],
  ['cron', 'nonsense'],
])('no event for %s %j', (event, payload) => {
  expect(translated(event, payload)).toEqual([]);
});

import type { OpenclawMessage } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerEvent } from '../events/server-event.ts';
import {
  activeRun,
  type Conversation,
  type ConversationChange,
  createConversationReducer,
  emptyConversation,
  shownEntries,
} from './conversation.ts';

const KEY = 'agent:main:one';
const place = { sessionKey: KEY, agentId: 'main', runId: 'run-1' };
const reduce = createConversationReducer(KEY);

const message = (id: string, change: Partial<OpenclawMessage>): OpenclawMessage => ({
  id,
  runId: null,
  role: 'assistant',
  at: null,
  text: '',
  toolCalls: [],
  toolResult: null,
  attachments: [],
  model: null,
  usage: null,
  stopReason: null,
  error: null,
  ...change,
});
const question = message('m1', { role: 'user', at: '2026-01-01T00:00:01.000Z', text: 'what is here?' });
const call = message('m2', {
  runId: 'run-1',
  at: '2026-01-01T00:00:02.000Z',
  text: 'I shall look.',
  toolCalls: [{ id: 'call-1', name: 'exec', arguments: { command: 'ls' } }],
});
const result = message('m3', {
  role: 'tool',
  at: '2026-01-01T00:00:03.000Z',
  text: 'README.md',
  toolResult: { callId: 'call-1', name: 'exec', failed: false },
});
const answer = message('m4', {
  runId: 'run-1',
  at: '2026-01-01T00:00:04.000Z',
  text: 'There is one file: README.md',
});
const completeTurn = [question, call, result, answer];

type Chat = Extract<ServerEvent, { event: 'chat' }>['data'];
const chat = (state: Chat['state'], change: Partial<Chat> = {}): ServerEvent => ({
  event: 'chat',
  data: {
    ...place,
    state,
    text: null,
    replace: false,
    phase: null,
    error: null,
    stopReason: null,
    ...change,
  },
});
const messageEvent = (message: OpenclawMessage): ServerEvent => ({
  event: 'message',
  data: { ...place, message },
});
const tool = (phase: 'start' | 'end'): ServerEvent => ({
  event: 'tool',
  data: { ...place, toolCallId: 'call-1', name: 'exec', title: 'Exec ls', phase, failed: false },
});

/** A turn as a gateway tells it. The result of the tool is in the transcript only, and the last message overtakes its text. */
const turn: ServerEvent[] = [
  chat('status', { phase: 'preparing_context' }),
  messageEvent(question),
  chat('status', { phase: 'starting_model' }),
  chat('delta', { text: 'I shall ' }),
  chat('delta', { text: 'look.' }),
  messageEvent(call),
  tool('start'),
  tool('end'),
  chat('delta', { text: 'There is one ', replace: true }),
  messageEvent(answer),
  chat('delta', { text: 'file: README.md' }),
  chat('final', { text: answer.text, stopReason: 'stop' }),
];

const after = (changes: readonly ConversationChange[], from: Conversation = emptyConversation) =>
  changes.reduce(reduce, from);
const received = (event: ServerEvent, nowMs = 0): ConversationChange => ({ kind: 'event', event, nowMs });
const read = (messages: OpenclawMessage[], askedMs: number): ConversationChange => ({
  kind: 'newest',
  page: { messages, nextCursor: null },
  askedMs,
});
const idle: ConversationChange = { kind: 'session', session: { running: false }, nowMs: 0 };

/** What a reader sees, in a few words. */
const viewOf = (conversation: Conversation) =>
  shownEntries(conversation).map((entry) =>
    entry.kind === 'message'
      ? [
          entry.message.role,
          entry.message.text,
          ...entry.calls.map((one) => `${one.name} ${one.state} ${one.output}`),
        ]
      : [entry.kind, entry.text],
  );
const completeView = [
  ['user', 'what is here?'],
  ['assistant', 'I shall look.', 'exec done README.md'],
  ['assistant', 'There is one file: README.md'],
];

describe('a conversation', () => {
  it('streams an answer without repeats, then shows the transcript', () => {
    let now = after([idle, { kind: 'sending', id: 's1', text: 'what is here?' }]);
    expect(viewOf(now)).toEqual([['sent', 'what is here?']]);
    now = after([{ kind: 'sent', id: 's1', runId: 'run-1', nowMs: 0 }], now);
    expect(activeRun(now)?.id).toBe('run-1');
    const views = turn.map((event) => {
      now = after([received(event)], now);
      return viewOf(now);
    });
    expect(views[1]).toEqual([['user', 'what is here?']]);
    expect(views[3]?.at(-1)).toEqual(['writing', 'I shall']);
    expect(views[5]).toEqual([
      ['user', 'what is here?'],
      ['assistant', 'I shall look.', 'exec unknown null'],
    ]);
    expect(views[6]?.at(-1)).toEqual(['assistant', 'I shall look.', 'exec running null']);
    expect(views[8]?.at(-1)).toEqual(['writing', 'There is one']);
    for (const view of views.slice(9)) expect(view.at(-1)).toEqual(['assistant', answer.text]);
    expect(activeRun(now)).toBeNull();
    expect(viewOf(after([read(completeTurn, 5_000)], now))).toEqual(completeView);
  });

  it('keeps the end of a turn until the transcript contains it', () => {
    const ended = after([
      idle,
      ...turn.filter((event) => event.event !== 'message').map((event) => received(event)),
    ]);
    const early = after([read([question], 100)], ended);
    expect(viewOf(early).at(-1)).toEqual(['writing', answer.text]);
    expect(viewOf(after([read([question], 9_000)], early))).toEqual([['user', 'what is here?']]);
  });

  it('does not repeat an answer when the next message follows immediately', () => {
    const next = message('m5', { role: 'user', at: '2026-01-01T00:00:05.000Z', text: 'and now?' });
    const now = after([idle, ...turn.map((event) => received(event)), received(messageEvent(next))]);
    expect(viewOf(after([{ kind: 'sent', id: 's2', runId: 'run-2', nowMs: 1 }], now)).slice(-2)).toEqual([
      ['assistant', answer.text],
      ['user', 'and now?'],
    ]);
  });

  it('marks a missing beginning when joining mid-turn, until the answer is complete', () => {
    const joined = after([received(chat('delta', { text: 'file: README.md' }))]);
    expect(shownEntries(joined)).toMatchObject([{ kind: 'writing', isPartial: true }]);
    const done = after([received(chat('final', { text: answer.text }))], joined);
    expect(shownEntries(done)).toMatchObject([{ text: answer.text, isPartial: false }]);
  });

  it('does not join text from before and after lost events', () => {
    const lost = after([
      idle,
      received(chat('delta', { text: 'There is ' })),
      received({ event: 'missed', data: { reason: 'too_slow' } }),
      received(chat('delta', { text: 'README.md' })),
    ]);
    expect(shownEntries(lost)).toMatchObject([{ text: 'README.md', isPartial: true }]);
  });

  it('trusts the gateway that nothing runs, and still shows a run that sends events', () => {
    const lost = after([idle, received(chat('delta', { text: 'There' })), { ...idle }]);
    expect(activeRun(lost)).toBeNull();
    expect(activeRun(after([received(chat('delta', { text: ' is' }))], lost))?.text).toBe('There is');
  });

  it('marks a message that was stopped before its turn, and drops it with the next one', () => {
    const stopped = after([
      idle,
      { kind: 'sending', id: 's1', text: 'hello' },
      received(chat('aborted'), 100),
      { kind: 'sent', id: 's1', runId: 'run-1', nowMs: 200 },
      read([], 300),
    ]);
    expect(shownEntries(stopped)).toMatchObject([{ kind: 'sent', state: 'sent' }]);
    const lost = after([read([], 3_000)], stopped);
    expect(shownEntries(lost)).toMatchObject([{ kind: 'sent', text: 'hello', state: 'lost' }]);
    expect(shownEntries(after([{ kind: 'sending', id: 's2', text: 'again' }], lost))).toMatchObject([
      { text: 'again', state: 'on its way' },
    ]);
  });

  it('drops a message that could not be sent', () => {
    expect(
      after([
        { kind: 'sending', id: 's1', text: 'hello' },
        { kind: 'unsent', id: 's1' },
      ]),
    ).toEqual(emptyConversation);
  });

  it('shows an error until the next turn', () => {
    const failed = after([received(chat('error', { error: 'No credit left.' })), read([question], 60_000)]);
    expect(failed.runs.at(-1)?.end).toMatchObject({ as: 'error', error: 'No credit left.' });
    const next = after([{ kind: 'sent', id: 's2', runId: 'run-2', nowMs: 0 }], failed);
    expect(next.runs.map(({ id }) => id)).toEqual(['run-2']);
  });

  it('starts over after a reset', () => {
    const reset: ServerEvent = { event: 'session', data: { ...place, change: 'reset', session: null } };
    expect(viewOf(after([read(completeTurn, 1), received(reset), read([], 2)]))).toEqual([]);
  });

  it('reports a compaction from start to end, whatever its outcome', () => {
    const session = (change: 'compacting' | 'compacted' | 'updated'): ServerEvent => ({
      event: 'session',
      data: { ...place, change, session: null },
    });
    const compacting = after([received(session('compacting'))]);
    expect(compacting.isCompacting).toBe(true);
    for (const end of ['compacted', 'updated'] as const)
      expect(after([received(session(end))], compacting).isCompacting).toBe(false);
  });

  it('ignores events of other sessions', () => {
    const other = createConversationReducer('agent:main:another');
    for (const event of turn) expect(other(emptyConversation, received(event))).toEqual(emptyConversation);
  });

  it('equals the transcript in the end, despite lost, repeated or reordered events', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.nat(turn.length - 1).map((at): ConversationChange => received(turn[at] as ServerEvent)),
      },
      {
        weight: 1,
        arbitrary: fc.nat(completeTurn.length).map((count) => read(completeTurn.slice(0, count), 0)),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom<ConversationChange>(
          idle,
          received({ event: 'missed', data: { reason: 'too_old' } }),
        ),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = after([
          { kind: 'sending', id: 's1', text: question.text },
          { kind: 'sent', id: 's1', runId: 'run-1', nowMs: 0 },
        ]);
        for (const one of steps) {
          now = after([one], now);
          const ids = shownEntries(now).map(({ kind, id }) => `${kind} ${id}`);
          expect(new Set(ids).size).toBe(ids.length);
        }
        now = after([received(turn.at(-1) as ServerEvent), read(completeTurn, 60_000)], now);
        expect(viewOf(now)).toEqual(completeView);
        expect(activeRun(now)).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a server that tells ever more', () => {
  /** UTF-16 units of all that a tab holds of a conversation. */
  const sizeOf = (conversation: Conversation): number => JSON.stringify(conversation).length;
  const flooded = (
    count: number,
    eventAt: (index: number) => ServerEvent,
    from = emptyConversation,
  ): Conversation => {
    let conversation = from;
    for (let index = 0; index < count; index += 1)
      conversation = reduce(conversation, received(eventAt(index)));
    return conversation;
  };

  it('does not fill the memory with one answer, whose end still comes', () => {
    const writing = flooded(1_000, () => chat('delta', { text: 'word '.repeat(200) }), after([idle]));
    expect(sizeOf(writing)).toBeLessThan(110_000);
    expect(viewOf(writing)[0]?.[1]).toMatch(/^word word /);
    const done = after([received(chat('final', { text: 'all of it' }))], writing);
    expect(viewOf(done)).toEqual([['writing', 'all of it']]);
  });

  it('does not fill the memory with runs, and shows the newest', () => {
    const runs = flooded(1_000, (index) => chat('delta', { runId: `run-${index}`, text: `text ${index}` }));
    expect(sizeOf(runs)).toBeLessThan(20_000);
    expect(viewOf(runs).at(-1)?.[1]).toBe('text 999');
    expect(activeRun(runs)?.id).toBe('run-999');
  });

  it('does not fill the memory with tools, and shows the newest', () => {
    const tools = flooded(1_000, (index) => ({
      event: 'tool',
      data: {
        ...place,
        toolCallId: `call-${index}`,
        name: `tool ${index}`,
        title: null,
        phase: 'start',
        failed: false,
      },
    }));
    expect(sizeOf(tools)).toBeLessThan(40_000);
    expect(activeRun(tools)?.tools.at(-1)?.name).toBe('tool 999');
  });

  it('does not fill the memory with messages, and shows the newest', () => {
    const told = flooded(1_000, (index) => messageEvent(message(`m${index}`, { text: `text ${index}` })));
    expect(sizeOf(told)).toBeLessThan(60_000);
    expect(viewOf(told).at(-1)).toEqual(['assistant', 'text 999']);
    expect(viewOf(after([read(completeTurn, 1)], told)).slice(0, 1)).toEqual(
      viewOf(after([read(completeTurn, 1)])).slice(0, 1),
    );
  });

  it.each(['reset', 'compacted'] as const)(
    'does not fill the memory with messages and a session that is %s again and again before a page comes',
    (change) => {
      const told = flooded(2_000, (index) =>
        index % 100 === 99
          ? { event: 'session', data: { ...place, change, session: null } }
          : messageEvent(message(`m${index}`, { text: `text ${index}` })),
      );
      expect(sizeOf(told)).toBeLessThan(60_000);
      expect(viewOf(told).at(-1)).toEqual(['assistant', 'text 1998']);
    },
  );
});

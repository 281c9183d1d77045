// How often a status page is made: once for all who ask within some seconds, and anew after a change.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { ServerOnPage, VisitedPage, VisitStore } from './visits.store.ts';
import { createVisits, type Visits } from './visits.ts';

const MINUTE_MS = 60_000;

let clock: FakeClock;
let visits: Visits;
let page: VisitedPage | undefined;
let servers: ServerOnPage[];
let asked: string[];
let histories: number;
/** Held readings of the page; null: none is held. */
let held: Array<() => void> | null;

beforeEach(() => {
  clock = createFakeClock();
  page = {
    ...{ id: 'stp_1', createdBy: 'ada', title: 'Ours', tag: 'prod', serverIds: null, numbered: 0 },
    ...{ showHistory: 1, expiresAt: null, lastSeenAt: null },
  };
  const at = '2026-03-01T09:59:00.000Z';
  servers = [{ id: 's1', name: 'web', createdAt: at, state: 'up', since: at, checkedAt: at }];
  asked = [];
  histories = 0;
  held = null;
  const store: VisitStore = {
    async findOpen() {
      asked.push('page');
      const found = page;
      if (held !== null) await new Promise<void>((resolve) => held?.push(resolve));
      return found;
    },
    serversOn: async () => structuredClone(servers),
    windowsOf: async () => [],
    async noteSeen(_id, now) {
      asked.push('seen');
      if (page !== undefined) page = { ...page, lastSeenAt: now };
    },
  };
  visits = createVisits({
    ...{ store, staleAfterMs: 15 * MINUTE_MS, clock, logger: createRecordingLogger().logger },
    history: {
      async read() {
        histories += 1;
        return { step: 'day', points: [], availability: { h24: 0.123_456, d7: 1, d90: null } };
      },
    },
  });
});
const made = () => asked.filter((what) => what === 'page').length;

describe('a status page', () => {
  test('is made once for a thousand who ask at the same time, and for ten seconds', async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => visits.read('token')));
    expect(new Set(answers).size).toBe(1);
    clock.pass(9_999);
    expect(await visits.read('token')).toBe(answers[0]);
    expect(made()).toBe(1);
    clock.pass(1);
    expect(await visits.read('token')).not.toBe(answers[0]);
    expect(made()).toBe(2);
  });

  test('is made anew after a change, also when it was being made', async () => {
    held = [];
    const before = visits.read('token');
    page = { ...page!, title: 'Changed' };
    visits.forget();
    const after = visits.read('token');
    for (const go of held) go();
    expect((await before).title).toBe('Ours');
    expect((await after).title).toBe('Changed');
    held = null;
    expect((await visits.read('token')).title).toBe('Changed');
    expect(made()).toBe(2);
  });

  test('shares the past of its servers with other pages for a minute', async () => {
    await visits.read('one');
    await visits.read('two');
    clock.pass(59_000);
    await visits.read('one');
    expect(histories).toBe(1);
    clock.pass(1_000);
    visits.forget();
    const { servers: shown } = await visits.read('one');
    expect(histories).toBe(2);
    expect(shown).toMatchObject([{ availability: { h24: 0.1234, d7: 1, d90: null } }]);
  });

  test('notes once a minute that it was seen', async () => {
    for (let read = 0; read < 8; read += 1) {
      await visits.read('token');
      clock.pass(10_000);
    }
    expect(asked.filter((what) => what === 'seen')).toHaveLength(2);
  });

  test('that is not there is asked for again each time, and takes no room', async () => {
    page = undefined;
    for (let read = 1; read <= 3; read += 1) {
      await expect(visits.read('token')).rejects.toMatchObject({ code: 'not_found' });
      expect(made()).toBe(read);
    }
  });

  test('keeps the number of a server when another one with an earlier name is added', async () => {
    page = { ...page!, numbered: 1 };
    const [web] = servers;
    servers = [{ ...web!, id: 's2', name: 'ant', createdAt: '2026-03-01T10:00:00.000Z' }, web!];
    servers[0]!.state = 'down';
    expect((await visits.read('token')).servers).toMatchObject([
      { name: 'Server 1', state: 'up' },
      { name: 'Server 2', state: 'down' },
    ]);
  });

  test('has at most 200 servers', async () => {
    servers = Array.from({ length: 250 }, (_, index) => ({ ...servers[0]!, id: `s${index}` }));
    expect((await visits.read('token')).servers).toHaveLength(200);
  });
});

// Alerts from the check that raises them until they are read, against a real Buoy.
import type { Alert } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

/** Nothing listens on port 1 of this machine. */
const addServer = (name: string) =>
  fixture.buoy(['servers', 'add', 'deploy@127.0.0.1:1', '--name', name, '--password'], {
    readStdin: () => Promise.resolve('one-of-the-tests\n'),
  });
const list = async (...words: string[]): Promise<{ alerts: Alert[]; unread: number }> =>
  JSON.parse((await fixture.buoy(['alerts', 'list', ...words, '--json'])).out);

test('servers check exits with 1 while an alert is firing, and with 0 once it is acknowledged or snoozed; alerts read marks it', async () => {
  expect(await fixture.buoy(['alerts', 'list'])).toEqual({ exit: 0, out: '', err: 'No alerts.\n' });
  expect(await fixture.buoy(['alerts', 'list', '--unread', '--status', 'firing'])).toEqual({
    exit: 0,
    out: '',
    err: 'No unread firing alerts.\n',
  });
  expect(await fixture.buoy(['alerts', 'read', '--all'])).toEqual({
    exit: 0,
    out: '',
    err: 'No unread alerts.\n',
  });
  await addServer('away');
  await addServer('far');

  const found = await fixture.buoy(['servers', 'check', 'away']);
  expect(found.exit).toBe(1);
  expect(found.out).toMatch(
    /^State: {4}unreachable\nWhy: {6}.+\nChecked: {2}\d+ s ago\ncritical: .+\n( {2}.+\n)* {2}alr_\w+: firing, began \d+ s ago\n$/,
  );
  expect(found.err).toBe('Acknowledge: buoy alerts ack ALERT; snooze: buoy alerts snooze ALERT --for 8h\n');
  const [away] = (await list('--server', 'away')).alerts;
  expect(await fixture.buoy(['alerts', 'ack', String(away?.id).slice(0, -2)])).toEqual({
    exit: 0,
    out: `Acknowledged on away: ${away?.cause}\n`,
    err: '',
  });
  const checked = await fixture.buoy(['servers', 'check', 'away', '--json']);
  expect({ exit: checked.exit, answer: JSON.parse(checked.out) }).toMatchObject({
    exit: 0,
    answer: {
      server: { name: 'away', status: { state: 'unreachable' } },
      alerts: [{ id: away?.id, status: 'acknowledged' }],
    },
  });

  expect((await fixture.buoy(['servers', 'check', 'far'])).exit).toBe(1);
  const [far] = (await list('--status', 'firing')).alerts;
  expect((await list('--unread')).alerts).toEqual([far]);
  const several = await fixture.buoy(['alerts', 'snooze', 'alr_', '--for', '8h']);
  expect(several).toEqual({
    exit: 1,
    out: '',
    err: `buoy: "alr_" matches several alerts: ${far?.id}, ${away?.id}.\n  Give the id.\n`,
  });
  expect((await fixture.buoy(['alerts', 'read', 'alr_', String(away?.id)])).out).toBe(
    lines(`Marked as read on far: ${far?.cause}`, `Marked as read on away: ${away?.cause}`),
  );
  expect(await list('--unread')).toMatchObject({ alerts: [], unread: 0 });
  expect((await fixture.buoy(['alerts', 'snooze', String(far?.id), '--for', '7d'])).out).toMatch(
    /^Snoozed on far until \d{4}-\d\d-\d\dT\S+Z: .+\n$/,
  );
  expect((await fixture.buoy(['servers', 'check', 'far'])).exit).toBe(0);
  expect((await list('--status', 'snoozed')).alerts).toMatchObject([{ id: far?.id }]);
});

test('ack, snooze and read of an unknown alert fail with the command that lists alerts', async () => {
  for (const words of [
    ['ack', 'alr_none'],
    ['snooze', 'alr_none', '--for', '5m'],
    ['read', 'alr_none'],
  ])
    expect(await fixture.buoy(['alerts', ...words])).toEqual({
      exit: 1,
      out: '',
      err: 'buoy: There is no alert "alr_none" that you can see.\n  List them: buoy alerts list\n',
    });
  expect((await fixture.buoy(['alerts', 'ack', 'The gateway'])).err).toBe(
    'buoy: There is no alert "The gateway" that you can see.\n  List them: buoy alerts list\n',
  );
});

test.each([
  [['alerts', 'ack'], 'buoy: ALERT is missing.\n  Usage: buoy alerts ack ALERT\n'],
  [['alerts', 'ack', ' '], 'buoy: Which alert? The name is empty.\n  List them: buoy alerts list\n'],
  [
    ['alerts', 'read'],
    'buoy: Which alerts? Give their ids, or --all.\n  List them: buoy alerts list --unread\n',
  ],
  [['alerts', 'read', 'alr_1', '--all'], 'buoy: ALERT and --all do not go together.\n'],
  [
    ['alerts', 'snooze', 'alr_1'],
    'buoy: For how long? Give --for TIME, as in --for 8h.\n  See buoy alerts snooze --help\n',
  ],
  [
    ['alerts', 'snooze', 'alr_1', '--for', 'ever'],
    'buoy: --for takes a time such as 30s, 10m, 2h or 1d, not "ever".\n',
  ],
  ...['4m', '8d', '330s'].map((typed): [string[], string] => [
    ['alerts', 'snooze', 'alr_1', '--for', typed],
    `buoy: --for takes whole minutes from 5m to 7d, not "${typed}".\n`,
  ]),
  [
    ['alerts', 'list', '--status', 'open'],
    'buoy: --status takes one of firing, acknowledged, snoozed, resolved, not "open".\n',
  ],
  [['alerts', 'list', '--limit', '201'], 'buoy: --limit takes a whole number from 1 to 200, not "201".\n'],
])('%j exits with 2', async (words, err) => {
  expect(await fixture.buoy(words)).toEqual({ exit: 2, out: '', err });
});

test('note writes a note that notes lists and remove-note removes, also by the beginning of the alert id', async () => {
  await addServer('noted');
  await fixture.buoy(['servers', 'check', 'noted']);
  const [noted] = (await list('--server', 'noted')).alerts;
  const id = String(noted?.id);
  expect(await fixture.buoy(['alerts', 'notes', id])).toEqual({ exit: 0, out: '', err: 'No notes.\n' });
  const wrote = await fixture.buoy(['alerts', 'note', id.slice(0, -2), 'new cable\nis on its way']);
  const [, noteId] = /^Wrote the note (anm_\w+)\.\n$/.exec(wrote.out) ?? [];
  expect((await list('--server', 'noted')).alerts).toMatchObject([{ id, noteCount: 1 }]);
  expect((await fixture.buoy(['alerts', 'notes', id])).out).toMatch(
    new RegExp(`^NOTE +BY +WRITTEN +TEXT\n${noteId} +.+ +\\d+ s ago +new cable is on its way\n$`),
  );
  expect(JSON.parse((await fixture.buoy(['alerts', 'notes', id, '--json'])).out)).toMatchObject({
    notes: [{ id: noteId, text: 'new cable\nis on its way' }],
    nextCursor: null,
  });
  expect(await fixture.buoy(['alerts', 'remove-note', id, String(noteId)])).toEqual({
    exit: 0,
    out: `Removed the note ${noteId}.\n`,
    err: '',
  });
  expect(await fixture.buoy(['alerts', 'remove-note', id, String(noteId)])).toEqual({
    exit: 1,
    out: '',
    err: `buoy: There is no such note.\n  List them: buoy alerts notes ${id}\n`,
  });
});

test('note refuses a text that is longer than a note may be', async () => {
  expect(await fixture.buoy(['alerts', 'note', 'alr_none', 'x'.repeat(1001)])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('A note has 1000 characters at most; this one has 1001.'),
  });
});

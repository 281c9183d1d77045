// What people read: in their language and time zone, short, without hidden characters.
import { describe, expect, test } from 'vitest';
import { cutBytes, messageOf, spanOf } from './message.ts';
import { notificationOfAlert, toldAlert } from './testing/notifications.ts';

const app = 'https://buoy.example.org';

describe('a message', () => {
  test('names server, problem, cause, time and evidence', () => {
    expect(messageOf(notificationOfAlert({ timezone: 'Europe/Berlin' }), app)).toEqual({
      title: '🔴 web: Gateway is down',
      lines: ['The gateway is stopped.', 'Since 1 Mar, 11:00 CET'],
      evidence: 'State: inactive',
      url: 'https://buoy.example.org/servers/srv_1',
      open: 'Open',
      isCritical: true,
    });
  });

  test.each([
    ['en', '✅ web: Gateway is down', 'Resolved. It lasted 1 h 4 min.'],
    ['ru', '✅ web: Шлюз не работает', 'Устранена. Длилась 1 ч 4 мин.'],
    ['de', '✅ web: Gateway steht', 'Behoben. Dauer: 1 Std. 4 Min.'],
  ] as const)('in %s says that it is over and how long it lasted', (language, title, state) => {
    const over = toldAlert({ status: 'resolved', resolvedAt: '2026-03-01T11:04:00.000Z' });
    const message = messageOf(notificationOfAlert({ kind: 'resolved', alerts: [over], language }), app);
    expect(message).toMatchObject({ title, evidence: '', isCritical: false });
    expect(message.lines[1]).toBe(state);
  });

  test.each([
    ['en', 'Automatic repair: Buoy restarted the gateway, which did not help. Switched on by Eve .'],
    ['ru', 'Автоматический ремонт: Buoy перезапустил шлюз, но это не помогло. Включил(а): Eve .'],
    [
      'de',
      'Automatische Reparatur: Buoy hat das Gateway neu gestartet, was nicht geholfen hat. Eingeschaltet von Eve .',
    ],
  ] as const)('in %s says what Buoy did by itself, and on whose setting, on one line', (language, line) => {
    const autoRepair = { at: '2026-03-01T10:00:05.000Z', by: 'Eve\n', result: 'failed' } as const;
    const told = notificationOfAlert({ kind: 'auto_repair', alerts: [toldAlert({ autoRepair })], language });
    const { lines } = messageOf(told, app);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(line);
  });

  test.each([
    [
      'en',
      'Server checks have stopped',
      'Buoy has not finished a round of checks since 1 Mar, 10:00 UTC.',
      'Server checks are running again',
      'No round of checks finished for 1 h 4 min, since 1 Mar, 10:00 UTC.',
    ],
    [
      'ru',
      'Проверки серверов остановились',
      'С 1 мар., 10:00 UTC ни один цикл проверок не завершился.',
      'Проверки серверов возобновились',
      'Перерыв длился 1 ч 4 мин, с 1 мар., 10:00 UTC.',
    ],
    [
      'de',
      'Die Serverprüfungen stehen still',
      'Seit 1. März, 10:00 UTC hat Buoy keinen Prüfdurchgang abgeschlossen.',
      'Die Serverprüfungen laufen wieder',
      'Unterbrechung: 1 Std. 4 Min., seit 1. März, 10:00 UTC',
    ],
  ] as const)('in %s says that the monitor is stale, and that it runs again', (language, ...texts) => {
    const since = '2026-03-01T10:00:00.000Z';
    const about = { alerts: [], language, since, at: '2026-03-01T11:04:00.000Z' };
    const stale = messageOf(notificationOfAlert({ ...about, kind: 'monitor_stale' }), app);
    expect(stale).toMatchObject({ title: `🔴 ${texts[0]}`, isCritical: true, url: `${app}/admin/health` });
    expect(stale.lines[0]).toBe(texts[1]);
    expect(messageOf(notificationOfAlert({ ...about, kind: 'monitor_recovered' }), null)).toMatchObject({
      ...{ title: `✅ ${texts[2]}`, lines: [texts[3]], isCritical: false, url: null },
    });
  });

  test('says until when an alert is snoozed, and that it is acknowledged', () => {
    const snoozed = toldAlert({ status: 'snoozed', snoozedUntil: '2026-03-01T11:00:00.000Z' });
    expect(messageOf(notificationOfAlert({ kind: 'snoozed', alerts: [snoozed] }), null).lines[1]).toBe(
      'Snoozed until 1 Mar, 11:00 UTC',
    );
    expect(messageOf(notificationOfAlert({ kind: 'acknowledged' }), null).lines[1]).toBe('Acknowledged');
  });

  test.each([
    ['en', '30 alerts on 2 servers', 'and 10 alerts more'],
    ['ru', '30 тревог на 2 серверах', 'и ещё 10 тревог'],
    ['de', '30 Alarme auf 2 Servern', 'und 10 weitere'],
  ] as const)('in %s sums up many alerts', (language, title, rest) => {
    const alerts = Array.from({ length: 30 }, (_, index) =>
      toldAlert({ id: `alr_${index}` }, { id: `srv_${index % 2}`, name: `web ${index % 2}` }),
    );
    const { lines, ...message } = messageOf(notificationOfAlert({ kind: 'summary', alerts, language }), app);
    expect(message).toMatchObject({ title, url: `${app}/alerts`, isCritical: true });
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('🔴 web 0: The gateway is stopped.');
    expect(lines.at(-1)).toBe(rest);
  });

  test('names an alert of each server before the second of any, and critical ones first', () => {
    const flood = Array.from({ length: 50 }, (_, index) =>
      toldAlert({ id: `alr_${index}`, severity: 'warning' }),
    );
    const other = toldAlert({ cause: 'The host is gone.' }, { id: 'srv_2', name: 'db' });
    const { lines } = messageOf(notificationOfAlert({ kind: 'summary', alerts: [...flood, other] }), null);
    expect(lines[0]).toBe('🔴 db: The host is gone.');
  });

  test('has one line for each alert, whatever its server wrote', () => {
    const cause = 'Job "x" failed.\n🔴 db: The gateway is stopped.\r\n\u2028✅ web: all is well';
    const alerts = [toldAlert({ cause }), toldAlert({ id: 'alr_2' })];
    for (const kind of ['firing', 'summary'] as const)
      for (const line of messageOf(notificationOfAlert({ kind, alerts }), null).lines)
        expect(line).not.toMatch(/[\r\n\u2028]/);
  });

  test.each([
    ['emoji', '🦞'],
    ['hidden characters', '\u202e'],
    ['letters of three bytes', '鯖'],
  ])('of a thousand %s is cut between characters', (_what, character) => {
    const alerts = [toldAlert({ cause: character.repeat(1_000), evidence: character.repeat(1_000) })];
    const { lines, evidence } = messageOf(notificationOfAlert({ alerts }), null);
    for (const text of [...lines, evidence]) expect(text.isWellFormed()).toBe(true);
    expect(evidence.length).toBeLessThanOrEqual(600);
    expect(cutBytes(character.repeat(1_000), 100).isWellFormed()).toBe(true);
    expect(Buffer.byteLength(cutBytes(character.repeat(1_000), 100))).toBeLessThanOrEqual(100);
  });

  test('shows hidden characters of names and texts that servers wrote', () => {
    const alerts = [toldAlert({ cause: 'x\u202ey' }, { id: 'srv_1', name: 'we\u200bb' })];
    const { title, lines } = messageOf(notificationOfAlert({ alerts }), null);
    expect([title, ...lines].join()).not.toMatch(/[\u202e\u200b]/);
  });

  test.each([
    ['en', 'Reminder: nobody has acknowledged this. Since 1 Mar, 10:00 UTC, for 4 h'],
    ['ru', 'Напоминание: тревогу никто не принял. С 1 мар., 10:00 UTC, уже 4 ч'],
    ['de', 'Erinnerung: noch von niemandem angenommen. Seit 1. März, 10:00 UTC, bisher 4 Std.'],
  ] as const)('of a reminder says in %s since when and for how long it lasts', (language, words) => {
    const at = '2026-03-01T14:00:00.000Z';
    const message = messageOf(notificationOfAlert({ kind: 'reminder', at, language }), null);
    expect(message.lines[1]).toBe(words);
    expect(message).toMatchObject({ isCritical: true, evidence: 'State: inactive' });
  });

  test('of several reminders says since when each lasts', () => {
    const alerts = [toldAlert(), toldAlert({ id: 'alr_2', firstAt: '2026-02-28T09:00:00.000Z' })];
    const { lines } = messageOf(notificationOfAlert({ kind: 'summary', isReminder: true, alerts }), null);
    expect(lines.map((line) => /\(.*\)$/.exec(line)?.[0])).toEqual([
      '(Since 1 Mar, 10:00 UTC)',
      '(Since 28 Feb, 09:00 UTC)',
    ]);
  });

  test('has no link where Buoy does not know its own address', () => {
    expect(messageOf(notificationOfAlert(), null).url).toBeNull();
  });
});

test.each([
  [0, '1 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [3_661_000, '1 h 1 min'],
  [90_061_000, '1 d 1 h'],
])('%i ms are told as %s', (ms, span) => {
  expect(spanOf(ms, 'en')).toBe(span);
});

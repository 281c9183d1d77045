// GET and PUT /me/notification-prefs over HTTP: what a person reads and changes, and what stays private.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const PATH = '/me/notification-prefs';

const defaults = {
  mutedTypes: [],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
  reminders: true,
  escalationOnly: false,
};

let running: TestBuoy;
let boss: string;
let people = 100;

beforeAll(async () => {
  running = await startTestBuoy();
  boss = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

/** A person who has not set any preferences. */
async function newcomer() {
  people += 1;
  const id = people;
  const token = await running.signIn(id);
  return {
    id: String(id),
    token,
    read: () => running.call('GET', PATH, { token }),
    put: (body: unknown) => running.call('PUT', PATH, { token, body }),
  };
}

const entriesOf = async (userId: string) => {
  const { entries } = (
    await running.call('GET', `/admin/audit?userId=${userId}&action=notification-prefs`, { token: boss })
  ).json<{ entries: Array<Record<string, unknown>> }>();
  return entries;
};

describe('notification preferences return 200', () => {
  test('with the defaults when nothing was set, and every notification would be sent', async () => {
    const { read } = await newcomer();
    const answer = await read();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      notificationPrefs: defaults,
      now: { warning: true, critical: true, quietUntil: null },
    });
  });

  test('for a partial change: the next read shows it, and the rest stays', async () => {
    const { read, put } = await newcomer();
    await put({ mutedTypes: ['disk_full', 'api_errors', 'disk_full'], criticalBreaksQuiet: true });
    const changed = await put({ quietHours: { timezone: 'Europe/Berlin', start: '23:15' } });
    expect(changed.statusCode).toBe(200);
    expect(changed.json().notificationPrefs).toEqual({
      mutedTypes: ['disk_full', 'api_errors'],
      quietHours: { enabled: false, start: '23:15', end: '07:00', timezone: 'Europe/Berlin' },
      criticalBreaksQuiet: true,
      minSeverity: 'warning',
      reminders: true,
      escalationOnly: false,
    });
    expect((await read()).json()).toEqual(changed.json());
  });

  test('with their present effect: quiet all day until the day starts again, critical alerts if allowed', async () => {
    const { put } = await newcomer();
    const before = Date.now();
    const { now } = (await put({ quietHours: { enabled: true, start: '12:00', end: '12:00' } })).json();
    expect(now).toEqual({
      warning: false,
      critical: false,
      quietUntil: expect.stringMatching(/T12:00:00.000Z$/),
    });
    const end = Date.parse(now.quietUntil);
    expect(end > before && end <= Date.now() + 86_400_000).toBe(true);
    expect((await put({ criticalBreaksQuiet: true })).json().now).toMatchObject({
      warning: false,
      critical: true,
    });
    expect((await put({ quietHours: { enabled: false }, minSeverity: 'critical' })).json().now).toEqual({
      warning: false,
      critical: true,
      quietUntil: null,
    });
  });

  test('for an empty change', async () => {
    const { put } = await newcomer();
    const answer = await put({});
    expect([answer.statusCode, answer.json().notificationPrefs]).toEqual([200, defaults]);
  });

  test('for two changes at once, and neither is lost', async () => {
    const { read, put } = await newcomer();
    await Promise.all([
      put({ mutedTypes: ['cron_failed'] }),
      put({ criticalBreaksQuiet: true }),
      put({ minSeverity: 'critical' }),
      put({ reminders: false }),
      put({ escalationOnly: true }),
      put({ quietHours: { end: '06:00' } }),
    ]);
    expect((await read()).json().notificationPrefs).toEqual({
      mutedTypes: ['cron_failed'],
      quietHours: { ...defaults.quietHours, end: '06:00' },
      criticalBreaksQuiet: true,
      minSeverity: 'critical',
      reminders: false,
      escalationOnly: true,
    });
  });

  test('for each person with their own settings', async () => {
    const [ada, grace] = [await newcomer(), await newcomer()];
    await ada.put({ mutedTypes: ['gateway_down'] });
    expect((await grace.read()).json().notificationPrefs).toEqual(defaults);
  });

  test('with one audit entry for each change and none for a read', async () => {
    const { id, read, put } = await newcomer();
    await put({ mutedTypes: ['gateway_down'] });
    await read();
    expect(await entriesOf(id)).toEqual([
      expect.objectContaining({
        userId: id,
        action: 'PUT /me/notification-prefs',
        target: id,
        serverId: null,
        result: 'ok',
        details: { body: { mutedTypes: ['gateway_down'] } },
      }),
    ]);
  });
});

describe('notification preferences return 400', () => {
  test.each([
    ['an unknown alert type', { mutedTypes: ['gateway_up'] }, 'mutedTypes.0'],
    ['types that are not a list', { mutedTypes: 'gateway_down' }, 'mutedTypes'],
    ['reminders that are neither on nor off', { reminders: 'daily' }, 'reminders'],
    ['escalation that is neither on nor off', { escalationOnly: 30 }, 'escalationOnly'],
    ['an invalid hour', { quietHours: { start: '24:00' } }, 'quietHours.start'],
    ['a time with a one-digit hour', { quietHours: { end: '7:00' } }, 'quietHours.end'],
    ['an unknown time zone', { quietHours: { timezone: 'Atlantis/Capital' } }, 'quietHours.timezone'],
    ['a blank time zone', { quietHours: { timezone: ' ' } }, 'quietHours.timezone'],
    ['an unknown severity', { minSeverity: 'notice' }, 'minSeverity'],
    ['"yes" for true', { criticalBreaksQuiet: 'yes' }, 'criticalBreaksQuiet'],
    ['null for a section', { quietHours: null }, 'quietHours'],
    ['an unknown field', { muted: [] }, ''],
    ['an unknown field of quiet hours', { quietHours: { days: [] } }, 'quietHours'],
  ])('for %s, and nothing changes', async (_what, body, path) => {
    const { read, put } = await newcomer();
    const answer = await put(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().details[0].path).toBe(path);
    expect((await read()).json().notificationPrefs).toEqual(defaults);
  });
});

test.each(['GET', 'PUT'] as const)(
  'notification preferences return 401 for %s without a sign-in',
  async (method) => {
    const body = method === 'PUT' ? { body: {} } : {};
    expect((await running.call(method, PATH, body)).statusCode).toBe(401);
    expect((await running.call(method, PATH, { token: 'a.b.c', ...body })).statusCode).toBe(401);
  },
);

test('notification preferences return 403 for a change with a read-only API token, which may read them', async () => {
  const { token, read } = await newcomer();
  const made = await running.call('POST', '/me/tokens', {
    token,
    body: { name: 'reader', scopes: ['read'] },
  });
  const { secret } = made.json().token;
  expect((await running.call('GET', PATH, { token: secret })).statusCode).toBe(200);
  const refused = await running.call('PUT', PATH, { token: secret, body: { minSeverity: 'critical' } });
  expect(refused.statusCode).toBe(403);
  expect((await read()).json().notificationPrefs).toEqual(defaults);
});

// What each kind of receiver gets: its own form, and no markup from servers.
import { webhookBody } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { notificationOfAlert, toldAlert } from '../testing/notifications.ts';
import { webhookRequest } from './webhook-templates.ts';

const url = 'https://hooks.example.org/base/topic?auth=1';
const app = 'https://buoy.example.org';
const hostile = notificationOfAlert({
  alerts: [toldAlert({ cause: '<!channel> @everyone [x](http://evil) *b*', evidence: '``` @here' })],
});
const bodyOf = (template: Parameters<typeof webhookRequest>[0], notification = hostile) =>
  JSON.parse(webhookRequest(template, url, notification, app)?.body ?? 'null');

describe('a webhook', () => {
  test.each(['firing', 'acknowledged', 'resolved'] as const)('as JSON tells that an alert is %s', (kind) => {
    const body = webhookBody.parse(bodyOf('json', notificationOfAlert({ kind })));
    expect(body).toMatchObject({
      type: `alert.${kind}`,
      data: { alert: { id: 'alr_1' }, server: { name: 'web' }, url: `${app}/servers/srv_1` },
    });
    expect(body.data.alerts).toHaveLength(1);
  });

  test('as JSON tells a reminder as a firing alert with reminder: true, and all else with false', () => {
    const of = (changes: Parameters<typeof notificationOfAlert>[0]) =>
      webhookBody.parse(bodyOf('json', notificationOfAlert(changes)));
    expect(of({ kind: 'reminder', isReminder: true })).toMatchObject({
      type: 'alert.firing',
      data: { alert: { id: 'alr_1' }, reminder: true },
    });
    expect(of({ kind: 'summary', isReminder: true })).toMatchObject({
      type: 'summary',
      data: { reminder: true },
    });
    for (const kind of ['firing', 'resolved', 'summary', 'test', 'monitor_stale'] as const)
      expect(of({ kind }).data.reminder).toBe(false);
  });

  test.each(['slack', 'discord', 'teams', 'ntfy'] as const)(
    'of %s reminds in words, with the markup of servers escaped as in any message',
    (template) => {
      const at = '2026-03-01T14:00:00.000Z';
      const body = JSON.stringify(bodyOf(template, { ...hostile, kind: 'reminder', at, isReminder: true }));
      expect(body).toMatch(/Reminder: nobody has acknowledged this. Since 1 Mar, 10:00 UTC, for 4 h/);
      const firing = JSON.stringify(bodyOf(template));
      const withoutState = (text: string) => text.replace(/(Reminder|Since)[^"\\]*/, '');
      expect(withoutState(body)).toBe(withoutState(firing));
    },
  );

  test('as JSON names no single alert and no single server in a summary of several', () => {
    const alerts = [toldAlert(), toldAlert({ id: 'alr_2' }, { id: 'srv_2', name: 'db' })];
    const body = webhookBody.parse(bodyOf('json', notificationOfAlert({ kind: 'summary', alerts })));
    expect(body).toMatchObject({
      type: 'summary',
      data: { alert: null, server: null, url: `${app}/alerts` },
    });
    expect(body.data.alerts).toHaveLength(2);
  });

  test.each([
    ['monitor_stale', 'Server checks have stopped'],
    ['monitor_recovered', 'Server checks are running again'],
  ] as const)('as JSON is a summary without alerts, with a text, for %s', (kind, words) => {
    const body = webhookBody.parse(bodyOf('json', notificationOfAlert({ kind, alerts: [] })));
    expect(body).toMatchObject({
      type: 'summary',
      data: { alert: null, alerts: [], server: null, url: `${app}/admin/health` },
    });
    expect(body.data.text).toContain(words);
  });

  test.each(['slack', 'discord', 'teams', 'ntfy'] as const)(
    'of %s says that the monitor is stale',
    (template) => {
      const stale = notificationOfAlert({ kind: 'monitor_stale', alerts: [] });
      expect(JSON.stringify(bodyOf(template, stale))).toContain('Server checks have stopped');
    },
  );

  test('of Slack escapes what Slack would read as a mention or a link', () => {
    const { text } = bodyOf('slack');
    expect(text).toContain('&lt;!channel&gt;');
    expect(text).toContain(`<${app}/servers/srv_1|Open>`);
    expect(text.match(/```/g)).toHaveLength(2);
  });

  test('of Discord calls nobody, and stays below its 2,000 characters', () => {
    const { content, allowed_mentions: mentions } = bodyOf('discord');
    expect(mentions).toEqual({ parse: [] });
    expect(content).toContain('\\[x\\]');
    const long = notificationOfAlert({ alerts: [toldAlert({ cause: 'x'.repeat(5_000) })] });
    expect(bodyOf('discord', long).content.length).toBeLessThanOrEqual(2_000);
  });

  test('of Teams is an adaptive card', () => {
    const card = bodyOf('teams').attachments[0].content;
    expect(card).toMatchObject({ type: 'AdaptiveCard', actions: [{ url: `${app}/servers/srv_1` }] });
    expect(card.body[1].text).toContain('\\[x\\]');
  });

  test('of ntfy goes to the server, with the topic of its URL in it', () => {
    const request = webhookRequest('ntfy', url, hostile, app);
    expect(request?.url).toBe('https://hooks.example.org/base/?auth=1');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      ...{ topic: 'topic', title: '🔴 web: Gateway is down', priority: 5, click: `${app}/servers/srv_1` },
    });
  });

  test.each(['slack', 'discord', 'ntfy', 'teams'] as const)(
    'of %s says nothing of what others did about an alert',
    (template) => {
      expect(webhookRequest(template, url, notificationOfAlert({ kind: 'acknowledged' }), app)).toBeNull();
      expect(webhookRequest('json', url, notificationOfAlert({ kind: 'snoozed' }), app)).toBeNull();
    },
  );
});

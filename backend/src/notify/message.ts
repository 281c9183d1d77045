// A notification in words: a title, lines of text, and the page in the app. Each kind of channel gives them its own form.
import { type Alert, alertNames } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import { messageTexts } from './message-texts.ts';
import type { Language, Notification, ToldAlert } from './sender.ts';

export type Message = {
  title: string;
  /** What is wrong, or that it is over; empty lines separate nothing: each line stands by itself. */
  lines: string[];
  /** What was seen on the server; empty when the lines say it all. */
  evidence: string;
  /** null: Buoy does not know the address at which people reach it. */
  url: string | null;
  /** What the link is called. */
  open: string;
  isCritical: boolean;
};

/** Alerts that a summary names. */
const MAX_NAMED = 20;
/** UTF-16 units of what a server wrote; a chat shows no more on one screen. In a summary each alert has one short line. */
const MAX_TEXT = { cause: 600, evidence: 600, inSummary: 200, name: 100 };

/** @param appUrl without a slash at its end; null as for `url` */
export function messageOf(notification: Notification, appUrl: string | null): Message {
  const { kind, alerts, language, timezone, isReminder = false } = notification;
  const texts = messageTexts[language];
  const [first] = alerts;
  const link = (path: string) => (appUrl === null ? null : `${appUrl}${path}`);
  if (kind === 'monitor_stale' || kind === 'monitor_recovered')
    return {
      ...monitorWords(notification),
      ...{ evidence: '', url: link('/admin/health'), open: texts.open, isCritical: kind === 'monitor_stale' },
    };
  if (first === undefined)
    return {
      ...{ title: texts.testTitle, lines: [texts.testBody], evidence: '', url: link('/') },
      ...{ open: texts.open, isCritical: false },
    };
  const isCritical = alerts.some(({ alert }) => alert.severity === 'critical' && alert.resolvedAt === null);
  if (kind === 'summary') {
    const lasting = ({ firstAt }: Alert) =>
      isReminder ? ` (${texts.since(momentOf(firstAt, language, timezone))})` : '';
    const servers = new Set(alerts.map(({ server }) => server.id)).size;
    const named = byWeight(alerts)
      .slice(0, MAX_NAMED)
      .map(
        ({ alert, server }) =>
          `${marked(alert)} ${shownName(server)}: ${onOneLine(alert.cause, MAX_TEXT.inSummary)}${lasting(alert)}`,
      );
    const rest = alerts.length - named.length;
    return {
      title: texts.summary(alerts.length, servers),
      lines: rest > 0 ? [...named, texts.more(rest)] : named,
      ...{ evidence: '', url: link('/alerts'), open: texts.open, isCritical },
    };
  }
  const { alert, server } = first;
  return {
    title: `${marked(alert)} ${headOf(first, language)}`,
    lines: [
      onOneLine(alert.cause, MAX_TEXT.cause),
      ...autoRepairWords(alert, language),
      stateOf(notification, alert),
    ],
    evidence:
      kind === 'firing' || kind === 'reminder' ? cut(visibleText(alert.evidence), MAX_TEXT.evidence) : '',
    url: link(`/servers/${server.id}`),
    ...{ open: texts.open, isCritical },
  };
}

function monitorWords({
  kind,
  at,
  since = at,
  language,
  timezone,
}: Notification): Pick<Message, 'title' | 'lines'> {
  const texts = messageTexts[language];
  const moment = momentOf(since, language, timezone);
  if (kind === 'monitor_stale')
    return { title: `🔴 ${texts.monitorStale}`, lines: [texts.noRoundSince(moment), texts.mayBeUnseen] };
  const lasted = spanOf(Date.parse(at) - Date.parse(since), language);
  return { title: `✅ ${texts.monitorRecovered}`, lines: [texts.noRoundFor(lasted, moment)] };
}

function headOf({ alert, server }: ToldAlert, language: Language): string {
  return `${shownName(server)}: ${alertNames[language][alert.type]}`;
}

/** The first alert of each server before the second of any, critical ones first: one server must not hide the others. */
export function byWeight(alerts: readonly ToldAlert[]): ToldAlert[] {
  const counts = new Map<string, number>();
  const isMinor = ({ severity, resolvedAt }: Alert) => Number(severity !== 'critical' || resolvedAt !== null);
  return alerts
    .toSorted((one, other) => isMinor(one.alert) - isMinor(other.alert))
    .map((told) => {
      const place = counts.get(told.server.id) ?? 0;
      counts.set(told.server.id, place + 1);
      return { told, place };
    })
    .toSorted((one, other) => one.place - other.place)
    .map(({ told }) => told);
}

function shownName({ name }: ToldAlert['server']): string {
  return cut(visibleText(name, 'name'), MAX_TEXT.name);
}

/** What a server wrote must not look like a line of Buoy about another server. */
function onOneLine(text: string, max: number): string {
  return cut(visibleText(text.replace(/[\r\n\t\u2028\u2029]+/g, ' ')), max);
}

/** Never through a character: receivers refuse half of one. @param max UTF-16 units */
export function cut(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The same for receivers that count bytes of UTF-8. */
export function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, maxBytes - 3))
    .toString('utf8');
  return `${kept.replace(/\ufffd+$/, '')}…`;
}

/** Shown before the words, so that a list tells at a glance. */
function marked({ severity, resolvedAt }: Alert): string {
  if (resolvedAt !== null) return '✅';
  return severity === 'critical' ? '🔴' : '🟠';
}

function stateOf({ kind, at, language, timezone }: Notification, alert: Alert): string {
  const texts = messageTexts[language];
  if (alert.resolvedAt !== null) {
    const span = Date.parse(alert.resolvedAt) - Date.parse(alert.firstAt);
    return `${texts.resolved}. ${texts.lasted(spanOf(span, language))}`;
  }
  if (kind === 'acknowledged') return texts.acknowledged;
  if (kind === 'snoozed' && alert.snoozedUntil !== null)
    return texts.snoozedUntil(momentOf(alert.snoozedUntil, language, timezone));
  const since = momentOf(alert.firstAt, language, timezone);
  if (kind !== 'reminder') return texts.since(since);
  return texts.reminder(since, spanOf(Date.parse(at) - Date.parse(alert.firstAt), language));
}

/** What Buoy did by itself, and on whose setting. */
function autoRepairWords({ autoRepair }: Alert, language: Language): string[] {
  if (autoRepair === null) return [];
  const texts = messageTexts[language];
  const words = texts.autoRepair[autoRepair.result];
  return [`${words} ${texts.switchedOnBy(onOneLine(autoRepair.by, MAX_TEXT.name))}`];
}

function momentOf(time: string, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    ...{ timeZone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    timeZoneName: 'short',
  }).format(new Date(time));
}

/** The two largest units, such as "1 h 4 min". */
export function spanOf(ms: number, language: Language): string {
  const { units } = messageTexts[language];
  const seconds = Math.max(1, Math.round(ms / 1000));
  const parts: Array<[number, string]> = [
    [Math.floor(seconds / 86_400), units.days],
    [Math.floor(seconds / 3_600) % 24, units.hours],
    [Math.floor(seconds / 60) % 60, units.minutes],
    [seconds % 60, units.seconds],
  ];
  const from = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(from, from + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

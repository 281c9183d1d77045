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
/** UTF-16 units; a chat shows no more on one screen. */
const MAX_EVIDENCE = 600;

/** @param appUrl without a slash at its end; null as for `url` */
export function messageOf(notification: Notification, appUrl: string | null): Message {
  const { kind, alerts, language } = notification;
  const texts = messageTexts[language];
  const [first] = alerts;
  const link = (path: string) => (appUrl === null ? null : `${appUrl}${path}`);
  if (first === undefined)
    return {
      ...{ title: texts.testTitle, lines: [texts.testBody], evidence: '', url: link('/') },
      ...{ open: texts.open, isCritical: false },
    };
  const isCritical = alerts.some(({ alert }) => alert.severity === 'critical' && alert.resolvedAt === null);
  if (kind === 'summary') {
    const servers = new Set(alerts.map(({ server }) => server.id)).size;
    const named = alerts
      .slice(0, MAX_NAMED)
      .map(
        ({ alert, server }) =>
          `${marked(alert)} ${visibleText(server.name, 'name')}: ${visibleText(alert.cause)}`,
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
    lines: [visibleText(alert.cause), stateOf(notification, alert)],
    evidence: kind === 'firing' ? visibleText(alert.evidence.slice(0, MAX_EVIDENCE)) : '',
    url: link(`/servers/${server.id}`),
    ...{ open: texts.open, isCritical },
  };
}

function headOf({ alert, server }: ToldAlert, language: Language): string {
  return `${visibleText(server.name, 'name')}: ${alertNames[language][alert.type]}`;
}

/** Shown before the words, so that a list tells at a glance. */
function marked({ severity, resolvedAt }: Alert): string {
  if (resolvedAt !== null) return '✅';
  return severity === 'critical' ? '🔴' : '🟠';
}

function stateOf({ kind, language, timezone }: Notification, alert: Alert): string {
  const texts = messageTexts[language];
  if (alert.resolvedAt !== null) {
    const span = Date.parse(alert.resolvedAt) - Date.parse(alert.firstAt);
    return `${texts.resolved}. ${texts.lasted(spanOf(span, language))}`;
  }
  if (kind === 'acknowledged') return texts.acknowledged;
  if (kind === 'snoozed' && alert.snoozedUntil !== null)
    return texts.snoozedUntil(momentOf(alert.snoozedUntil, language, timezone));
  return texts.since(momentOf(alert.firstAt, language, timezone));
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

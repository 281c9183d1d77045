// One condition of a server: what an alert is about, with its texts bounded and its secrets masked.
import type { AlertSeverity, AlertType } from '@buoy/contract';
import { redactText } from '../lib/redact.ts';

/** The subject of an alert; at most one alert is open for each. */
export type AlertKey = { type: AlertType; subject: string };
/** Equal for equal alert keys. */
export function alertKeyText({ type, subject }: { type: string; subject: string }): string {
  return `${type}\0${subject}`;
}
export type Condition = AlertKey & { severity: AlertSeverity; cause: string; evidence: string };

/** UTF-16 units of a text from OpenClaw or a server. */
const MAX_TEXT = 1_000;
/** UTF-16 units read beyond the cut, so that the head of a secret across it is still recognised: of 400 texts at once, each takes its time. */
const BEYOND_CUT = 250;
/** UTF-16 units of the subject: a channel, a job or a session. */
const MAX_SUBJECT = 200;
/** Channels, jobs, and sessions, of one server that get an alert each; the rest share one. */
const MAX_JUDGED = 100;

export function condition(
  type: AlertType,
  severity: AlertSeverity,
  cause: string,
  evidence: string,
  subject = '',
): Condition {
  return { type, subject: subjectText(subject), severity, cause: shown(cause), evidence: shown(evidence) };
}

/** Text from servers may contain a key, and alerts are stored and sent. */
function shown(text: string): string {
  return redactText(text.slice(0, MAX_TEXT + BEYOND_CUT))
    .slice(0, MAX_TEXT)
    .toWellFormed();
}

/** Bounds the alerts of a hostile OpenClaw, each of which would be stored and sent. */
export function firstOf<T>(
  type: AlertType,
  things: readonly T[],
  conditionOf: (thing: T) => Condition,
): Condition[] {
  const judged = things.slice(0, MAX_JUDGED).map(conditionOf);
  const rest = things.length - judged.length;
  return rest === 0 ? judged : [...judged, restOf(type, rest)];
}

const restTexts: Partial<Record<AlertType, string>> = {
  channel_down: 'channels are stopped or disconnected',
  cron_failed: 'scheduled jobs failed or did not run',
  expiring: 'sign-ins expire soon',
  token_overflow: 'sessions have nearly filled their context',
};

/** One alert for those beyond the limit. Its subject is empty, unlike that of any channel, job or session. */
export function restOf(type: AlertType, count: number): Condition {
  const what = restTexts[type] ?? 'things are wrong';
  return condition(type, 'warning', `And ${count} more ${what}.`, 'Too many for separate alerts.');
}

export function subjectText(subject: string): string {
  return subject.slice(0, MAX_SUBJECT).toWellFormed();
}

/** Rounded down, so that 100 % means full. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

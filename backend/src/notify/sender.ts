// What every kind of channel sends, and what becomes of it.
import type { Alert } from '@buoy/contract';
import type { ChannelSettings, SettingsOf } from './channel-settings.ts';

export const languages = ['en', 'ru', 'de'] as const;
export type Language = (typeof languages)[number];

/** An alert as it is when it is told. */
export type ToldAlert = { alert: Alert; server: { id: string; name: string } };

/** What super-admins are told of the monitor itself: that no round of checks ends any more, and that one has ended again. */
export type MonitorNews = 'monitor_stale' | 'monitor_recovered';

/** What happened to one alert. */
type AlertNews = 'firing' | 'reminder' | 'acknowledged' | 'snoozed' | 'resolved' | 'auto_repair';

/** Those who have been told of the alert need no second message for it: the first one is changed where that can be done. */
export function isSideNews(kind: Notification['kind']): boolean {
  return kind === 'acknowledged' || kind === 'snoozed' || kind === 'auto_repair';
}

export type Notification = {
  /** The same in a repeat, so that a receiver can tell. */
  id: string;
  kind: AlertNews | 'summary' | 'test' | MonitorNews;
  /** Tells again only what was told before. */
  isReminder?: boolean;
  /** When it happened, ISO 8601. */
  at: string;
  /** Of the monitor alone: since when no round of checks has ended, or had. */
  since?: string;
  /** One, but for a summary (one or more), a test and the monitor (none). */
  alerts: readonly ToldAlert[];
  language: Language;
  /** In which times are told. */
  timezone: string;
  /** What the channel kept of its message about this alert; null: it has sent none. */
  message: string | null;
};

export type SendResult =
  /** `message`: what it takes to change the message later. */
  | { outcome: 'sent'; message?: string }
  /** This kind of channel does not tell such a thing. */
  | { outcome: 'skipped' }
  /** It may succeed later, not before `afterMs`. `isRejection`: this one was not taken, others may be. */
  | { outcome: 'failed'; error: string; afterMs?: number; isRejection?: boolean }
  /** This one will never be taken, others may be. */
  | { outcome: 'refused'; error: string }
  /** Nothing is taken any more: the bot is blocked, the browser has unsubscribed, the mailbox is gone. */
  | { outcome: 'blocked'; error: string };

/** Does not throw, but with the reason of `signal`. */
export type Sender<T extends ChannelSettings['type'] = ChannelSettings['type']> = (
  settings: SettingsOf<T>,
  notification: Notification,
  options: { enteredBy: string; signal: AbortSignal },
) => Promise<SendResult>;

/** Of what this Buoy is set up for. */
export type Senders = { [T in ChannelSettings['type']]: Sender<T> | null };

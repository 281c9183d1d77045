// Sends one notification to one channel, by the sender of its kind.
import type { Clock } from '../lib/clock.ts';
import { untilAborted } from '../ssh/call-scope.ts';
import type { Vault } from '../vault/vault.ts';
import { type ChannelSettings, openSettings } from './channel-settings.ts';
import type { ChannelRow } from './channels.store.ts';
import type { Language, Notification, Sender, Senders, SendResult } from './sender.ts';
import { languages } from './sender.ts';

/** Milliseconds for one attempt. */
export const ATTEMPT_MS = 15_000;
/** UTF-16 units of why an attempt failed. */
const MAX_ERROR = 500;

const notSetUp: Record<ChannelSettings['type'], string> = {
  telegram: 'This Buoy has no Telegram bot.',
  webpush: 'This Buoy does not send to browsers.',
  email: 'This Buoy sends no e-mail.',
  webhook: 'This Buoy calls no webhooks.',
};

/** Throws the reason of `signal` only. */
export type SendToChannel = (
  channel: Pick<ChannelRow, 'id' | 'userId' | 'settings'>,
  notification: Notification,
  signal: AbortSignal,
) => Promise<SendResult>;

export function createSendToChannel(parts: {
  senders: Senders;
  vault: Pick<Vault, 'open'>;
  clock: Clock;
}): SendToChannel {
  const { senders, vault, clock } = parts;
  return async ({ id, userId, settings: sealed }, notification, signal) => {
    const settings = openSettings(vault, id, sealed);
    const send = senders[settings.type] as Sender | null;
    if (send === null) return { outcome: 'failed', error: notSetUp[settings.type] };
    const late = new AbortController();
    const stopTimer = clock.after(ATTEMPT_MS, () => late.abort());
    try {
      const either = AbortSignal.any([signal, late.signal]);
      // Whatever a receiver does to a sender, the place of this attempt is free again after that time.
      const result = send(settings, notification, { enteredBy: userId, signal: either });
      return withShortError(await untilAborted(result, either));
    } catch (error) {
      signal.throwIfAborted();
      if (!late.signal.aborted) throw error;
      return { outcome: 'failed', error: `There was no answer within ${ATTEMPT_MS / 1000} s.` };
    } finally {
      stopTimer();
    }
  };
}

/** What a receiver says is stored and shown: short, and without what PostgreSQL does not take. */
function withShortError(result: SendResult): SendResult {
  if (!('error' in result)) return result;
  return { ...result, error: result.error.replaceAll('\0', '').slice(0, MAX_ERROR).toWellFormed() };
}

/** @param code as Telegram and browsers tell it, such as `de-AT` */
export function languageOf(code: string | null): Language {
  return languages.find((language) => code?.toLowerCase().startsWith(language)) ?? 'en';
}

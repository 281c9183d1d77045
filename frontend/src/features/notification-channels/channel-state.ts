// The state of a notification channel in one sentence, and how it is coloured.
import type { NotificationChannel } from '@buoy/contract';
import type { channelsTexts } from './texts.ts';

type Texts = (typeof channelsTexts)['en'];
type StateFields = Pick<NotificationChannel, 'type' | 'enabled' | 'state' | 'lastError'>;

export type ChannelState = {
  words: string;
  tone: 'good' | 'bad' | 'quiet';
  /** Why the last message failed, in the server's words; null where that does not matter. */
  error: string | null;
};

export function channelState({ type, enabled, state, lastError }: StateFields, t: Texts): ChannelState {
  // A channel that waits for its code says so first: switching it on would not help.
  if (state === 'unconfirmed') return { words: t.state_unconfirmed, tone: 'bad', error: null };
  if (!enabled) return { words: t.state_off, tone: 'quiet', error: null };
  if (state === 'blocked') return { words: t[`blocked_${type}`], tone: 'bad', error: lastError };
  if (state === 'failing') return { words: t.state_failing, tone: 'bad', error: lastError };
  if (lastError !== null) return { words: t.state_refused, tone: 'good', error: lastError };
  return { words: t.state_ok, tone: 'good', error: null };
}

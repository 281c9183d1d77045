// A way in that the address of the page brings along. Anybody can make such an address and send it: who follows it would act as the
// person who made it, and add servers to their account. So it needs a question, unless it changes nothing, or Telegram itself opened it for
// the person who has signed in here last.
import { seenText } from '@buoy/contract/visible-text';

export type TelegramOffer = {
  kind: 'telegram';
  initData: string;
  launchKey: string;
  /** A Telegram client stands around the page, which made the launch data itself. */
  isInTelegram: boolean;
  /** Whom the launch data names; whether that is true only the server can check. */
  person: { id: string; name: string } | null;
};

export type SignInOffer = TelegramOffer | { kind: 'link' };

/**
 * @param kept who is signed in here until now
 * @param lastPersonId who has signed in here last; null: nobody is known
 */
export function needsQuestion(
  offer: SignInOffer,
  kept: { id: string } | null,
  lastPersonId: string | null,
): boolean {
  if (offer.kind === 'link') return true;
  if (kept !== null) return kept.id !== offer.person?.id;
  return !offer.isInTelegram || (lastPersonId !== null && lastPersonId !== offer.person?.id);
}

/** @returns null when the launch data names nobody */
export function personIn(initData: string): TelegramOffer['person'] {
  const user = parsed(new URLSearchParams(initData).get('user'));
  if (user === null || !/^\d{1,20}$/.test(String(user.id))) return null;
  const part = (value: unknown): string => (typeof value === 'string' ? seenText(value).trim() : '');
  const name = [part(user.first_name), part(user.last_name)].filter((one) => one !== '').join(' ');
  const username = part(user.username);
  const id = String(user.id);
  return { id, name: [name, username === '' ? '' : `(@${username})`].filter(Boolean).join(' ') || id };
}

function parsed(json: string | null): Partial<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    return typeof value === 'object' ? (value as Partial<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}

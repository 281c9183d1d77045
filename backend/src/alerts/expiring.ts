// Certificates and sign-ins that expire soon, or have expired.
import type { Thresholds } from '@buoy/contract';
import { toldTime } from '../lib/clock.ts';
import type { SignInExpiry } from '../openclaw/models/sign-ins.ts';
import { type AlertKey, type Condition, condition, firstOf, subjectText } from './condition.ts';
import { durationWords } from './duration-words.ts';

type Expiry =
  /** The TLS certificate of the gateway. */
  ({ of: 'certificate' } | ({ of: 'provider' } & Pick<SignInExpiry, 'provider' | 'profile'>)) & {
    atMs: SignInExpiry['atMs'];
  };

const DAY_MS = 86_400_000;

const certificateKey: AlertKey = { type: 'expiring', subject: 'certificate' };

/**
 * @param certificateEndsMs milliseconds since the epoch; null: it has none; undefined: it could not be read
 * @param signIns null: they could not be read
 * @param nowMs milliseconds since the epoch
 */
export function expiringConditions(
  certificateEndsMs: number | null | undefined,
  signIns: readonly SignInExpiry[] | null,
  nowMs: number,
  { expiryDays, expiryCriticalDays }: Thresholds,
): { active: Condition[]; undetermined: AlertKey[]; over: AlertKey[] } {
  const expiries: Expiry[] = [
    ...(certificateEndsMs == null ? [] : [{ of: 'certificate' as const, atMs: certificateEndsMs }]),
    ...(signIns ?? []).map((one) => ({ of: 'provider' as const, ...one })),
  ];
  const ending = expiries
    .map((one) => ({ ...one, leftMs: one.atMs === null ? 0 : one.atMs - nowMs }))
    .filter(({ leftMs }) => leftMs < expiryDays * DAY_MS)
    .sort((one, other) => one.leftMs - other.leftMs);
  return {
    active: firstOf('expiring', ending, ({ leftMs, ...one }) => {
      const { name, advice } = wordsOf(one);
      const isOver = leftMs <= 0;
      return condition(
        'expiring',
        isOver || leftMs < expiryCriticalDays * DAY_MS ? 'critical' : 'warning',
        `${name} ${isOver ? 'has expired' : `expires in ${durationWords(leftMs)}`}. ${advice}`,
        one.atMs === null ? '' : `Valid until: ${toldTime(one.atMs) ?? 'unknown'}`,
        subjectOf(one),
      );
    }),
    undetermined: certificateEndsMs === undefined ? [certificateKey] : [],
    // Without the sign-ins, the type as a whole is not evaluated: a gateway that serves TLS may never tell them.
    over:
      certificateEndsMs === undefined || ending.some((one) => one.of === 'certificate')
        ? []
        : [certificateKey],
  };
}

function subjectOf(expiry: Expiry): string {
  return expiry.of === 'certificate'
    ? certificateKey.subject
    : subjectText(`${expiry.provider}/${expiry.profile}`);
}

function wordsOf(expiry: Expiry): { name: string; advice: string } {
  return expiry.of === 'certificate'
    ? { name: 'The TLS certificate of the gateway', advice: 'Renew it.' }
    : {
        name: `The sign-in at the model provider "${expiry.provider}" (profile "${expiry.profile}")`,
        advice: 'Sign in again, or set a new token.',
      };
}

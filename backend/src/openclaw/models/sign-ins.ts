// When the sign-ins at model providers expire, as far as OpenClaw tells and does not renew them by itself.
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { CallLimit } from '../gateway/call-limit.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { figure, firstOf, nameOrNull, nameText, wordOrNull } from '../reads/bounded.ts';

export type SignInExpiry = {
  provider: string;
  profile: string;
  /** Milliseconds since the epoch; null: it has expired, it is not known when. */
  atMs: number | null;
};

const MAX_PROVIDERS = 300;
const MAX_PROFILES = 20;
/** Milliseconds for which it is not asked again where nothing has an end: most sign in by keys. */
const KEEP_MS = 3_600_000;
/** Milliseconds: OpenClaw calls one that it renews "expiring" for the last five minutes, and others for a day. */
const RENEWED_WITHIN_MS = 360_000;

const expiry = z.looseObject({ at: figure }).nullish().catch(null);
const authStatus = z.looseObject({
  providers: firstOf(
    z.looseObject({
      provider: nameText,
      profiles: firstOf(
        z.looseObject({
          profileId: nameOrNull,
          type: wordOrNull,
          status: wordOrNull,
          reasonCode: wordOrNull,
          externallyManaged: z.boolean().nullish().catch(null),
          expiry,
        }),
        MAX_PROFILES,
      ).catch([]),
    }),
    MAX_PROVIDERS,
  ),
});
type Profile = z.output<typeof authStatus>['providers'][number]['profiles'][number];

export type SignInExpiries = {
  /** The first to expire come first. Throws AppError. */
  read(serverId: string, limit: CallLimit): Promise<SignInExpiry[]>;
};

export function createSignInExpiries({
  gateways,
  clock,
}: {
  gateways: Pick<Gateways, 'call' | 'onStateChange'>;
  clock: Clock;
}): SignInExpiries {
  /** Server → when it had none. */
  const withoutAny = new Map<string, number>();
  gateways.onStateChange((serverId) => void withoutAny.delete(serverId));

  return {
    async read(serverId, limit) {
      const readAt = withoutAny.get(serverId);
      if (readAt !== undefined && clock.now() - readAt < KEEP_MS) return [];
      const { providers } = await gateways.call(serverId, 'models.authStatus', {}, authStatus, limit);
      const found = providers.flatMap(({ provider, profiles }) =>
        profiles.flatMap((profile) => {
          const atMs = endOf(profile, clock.now());
          return atMs === undefined ? [] : [{ provider, profile: profile.profileId ?? '', atMs }];
        }),
      );
      if (found.length === 0) withoutAny.set(serverId, clock.now());
      return found.sort((one, other) => (one.atMs ?? 0) - (other.atMs ?? 0));
    },
  };
}

/**
 * When it expires; null: it has, OpenClaw does not say when. undefined for what has no end, and for what OpenClaw or another program renews: a
 * sign-in by OAuth has a new end every few hours, and OpenClaw gives a reason only where it cannot renew it.
 */
function endOf(
  { type, status, reasonCode, externallyManaged, expiry: ends }: Profile,
  nowMs: number,
): number | null | undefined {
  if ((type !== 'token' && type !== 'oauth') || externallyManaged === true) return undefined;
  if (status === 'expired' && reasonCode === 'expired') return ends?.at ?? null;
  const atMs = ends?.at ?? undefined;
  if (type === 'token' || atMs === undefined) return atMs;
  return status === 'expiring' && atMs - nowMs > RENEWED_WITHIN_MS ? atMs : undefined;
}

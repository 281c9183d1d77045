// Authenticated calls: adds the token, and renews it before it expires or after a 401.
import { ApiError, createClient } from '@buoy/contract/client';
import { NoBuoyError } from './buoy-fetch.ts';
import { CommandError } from './command.ts';
import { whileLockedAsync } from './file-lock.ts';
import { type KeptSession, loginCommand, type Profile, type Profiles } from './profiles.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds before expiry at which a token is renewed, so that a long call still ends with a valid token. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** Milliseconds a renewal may continue after Ctrl-C: Buoy may have renewed already and repeats its answer for only a minute. */
const RENEWAL_GRACE_MS = 3_000;
/** Timeout of a renewal in milliseconds: other commands of the profile wait for it. */
const RENEWAL_MS = 20_000;
/** Milliseconds a command waits for the renewal of another one: longer than the timeout of a renewal. */
const OTHERS_RENEWAL_MS = 30_000;
/** Codes of a 401 that concern the token. */
const TOKEN_CODES = ['token_expired', 'unauthenticated', 'session_revoked'];

type Caller = Pick<Terminal, 'pause' | 'signal' | 'now'>;

/** @param send a `fetch` without authentication. @throws CommandError when the sign-in has ended, with the login command */
export function signedInFetch(
  profile: Profile,
  { profiles, terminal, send }: { profiles: Profiles; terminal: Caller; send: typeof globalThis.fetch },
): typeof globalThis.fetch {
  let { token } = profile;
  const renewed = async (): Promise<string> => {
    token = await renew({ url: profile.url, token }, { profiles, terminal, send });
    return token;
  };
  return async (input, init) => {
    const as = (bearer: string): RequestInit => ({
      ...init,
      headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${bearer}` },
    });
    if (!profile.isKept) return send(input, as(token));
    const kept = keptFor(profiles, profile.url);
    if (kept !== null) token = kept.token;
    const endsAt = kept?.tokenEndsAt ?? null;
    const isEnding = endsAt !== null && endsAt - terminal.now() < RENEW_BEFORE_MS;
    const response = await send(input, as(isEnding && kept?.refreshCookie ? await renewed() : token));
    const refusal = await refusalIn(response);
    if (refusal === null) return response;
    if (refusal.code === 'session_revoked' || !keptFor(profiles, profile.url)?.refreshCookie)
      throw signedOut(profiles, refusal);
    const again = await send(input, as(await renewed()));
    const stillRefused = await refusalIn(again);
    if (stillRefused !== null) throw signedOut(profiles, stillRefused);
    return again;
  };
}

/** Returns the kept session only if it is for this Buoy: another process may have signed the profile in elsewhere. */
function keptFor(profiles: Profiles, url: string): KeptSession | null {
  const kept = profiles.kept();
  return kept?.url === url ? kept : null;
}

/** Returns a new token, from whichever process renews first. */
async function renew(
  old: { url: string; token: string },
  { profiles, terminal, send }: { profiles: Profiles; terminal: Caller; send: typeof globalThis.fetch },
): Promise<string> {
  const givesUpAt = terminal.now() + OTHERS_RENEWAL_MS;
  const pause = async (ms: number): Promise<void> => {
    if (terminal.now() >= givesUpAt) throw noRenewal(old.url);
    await terminal.pause(ms, terminal.signal);
    terminal.signal.throwIfAborted();
  };
  return whileLockedAsync(profiles.renewalLock(), pause, async () => {
    const kept = keptFor(profiles, old.url);
    if (kept?.refreshCookie == null) throw signedOut(profiles, null);
    if (kept.token !== old.token) return kept.token;
    // Saved first: after a kill in the middle, the next process repeats the same attempt, which ends no session.
    const attemptKey = kept.attemptKey ?? crypto.randomUUID();
    if (kept.attemptKey === null) profiles.save({ ...kept, attemptKey });
    /** Ends this renewal; returns the token of the process that ended it first. */
    const end = (session: KeptSession | null): string | null =>
      profiles.endRenewal(attemptKey, session)
        ? (session?.token ?? null)
        : (keptFor(profiles, old.url)?.token ?? null);
    const limit = limitOfRenewal(terminal.signal, old.url);
    const answered = keepingCookie((input, init) => send(input, { ...init, signal: limit.signal }));
    const api = createClient({ baseUrl: `${kept.url}/api`, token: () => null, fetch: answered.fetch });
    try {
      const { token } = await api('POST /auth/refresh', {
        body: { attemptKey },
        headers: { cookie: kept.refreshCookie },
      });
      return end(keptSession(kept.url, token, answered.cookie(), terminal.now())) ?? token;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const others = end(null);
      if (others === null) throw signedOut(profiles, error);
      return others;
    } finally {
      limit.dispose();
    }
  });
}

/** A signal that aborts on timeout, and with a delay after `signal`. */
function limitOfRenewal(signal: AbortSignal, url: string): { signal: AbortSignal; dispose(): void } {
  const limit = new AbortController();
  const timers = [setTimeout(() => limit.abort(noRenewal(url)), RENEWAL_MS)];
  const begin = () => {
    timers.push(setTimeout(() => limit.abort(signal.reason), RENEWAL_GRACE_MS));
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: limit.signal,
    dispose() {
      signal.removeEventListener('abort', begin);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function noRenewal(url: string): NoBuoyError {
  return new NoBuoyError(
    `Buoy does not answer at ${url}, so the sign-in could not be renewed.`,
    'Try again.',
  );
}

type Refusal = { code: string; message: string };

/** Why the token was refused; null if it was accepted. */
async function refusalIn(response: Response): Promise<Refusal | null> {
  if (response.status !== 401) return null;
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: string; error?: string } | null;
  if (!TOKEN_CODES.includes(problem?.code ?? '')) return null;
  return { code: problem?.code ?? '', message: problem?.error ?? '' };
}

function signedOut(profiles: Profiles, cause: Refusal | null): CommandError {
  return new CommandError(
    `Your sign-in to ${profiles.url()} (profile ${profiles.name}) has ended${cause === null ? '.' : `: ${cause.message}`}`,
    `Sign in again: ${loginCommand(profiles)}`,
    cause?.code ?? 'unauthenticated',
  );
}

/** Builds the session that the profile stores after a sign-in. */
export function keptSession(
  url: string,
  token: string,
  refreshCookie: string | null,
  now: number,
): KeptSession {
  const lifeMs = lifeOf(token);
  return {
    url,
    token,
    refreshCookie,
    attemptKey: null,
    // By the local clock, which may be wrong: the lifetime counts from the token's arrival.
    tokenEndsAt: lifeMs === null ? null : now + lifeMs,
  };
}

/** Lifetime of the token in milliseconds; null if it is not a JWT. */
function lifeOf(token: string): number | null {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const life = (claims.exp - claims.iat) * 1_000;
    return Number.isFinite(life) ? life : null;
  } catch {
    return null;
  }
}

/** A `fetch` that remembers the refresh cookie, as name=value. */
export function keepingCookie(send: typeof globalThis.fetch): {
  fetch: typeof globalThis.fetch;
  cookie(): string | null;
} {
  let kept: string | null = null;
  return {
    async fetch(input, init) {
      const response = await send(input, init);
      for (const header of response.headers.getSetCookie())
        kept = /^([\w-]*buoy_refresh=[^;\s]+)/.exec(header)?.[1] ?? kept;
      return response;
    },
    cookie: () => kept,
  };
}

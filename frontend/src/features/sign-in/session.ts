// Who is signed in. The token lives in this closure and nowhere else; the browser keeps only an HttpOnly cookie.
import type { User } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import type { Exclusively } from './exclusively.ts';
import type { TelegramReturn } from './telegram-return.ts';

export type SessionState =
  | { phase: 'starting' }
  /** `notice`: something went wrong with signing in or out that the person should know of. */
  | { phase: 'signed-in'; user: User; notice: ApiError | null }
  | { phase: 'signed-out'; problem: ApiError | null };

export type Session = {
  state(): SessionState;
  subscribe(onChange: () => void): () => void;
  token(): string | null;
  /** Tries the ways in, in order: Telegram, a link, the way back from Telegram in a browser, the kept sign-in. */
  start(): Promise<void>;
  /** A new token from the cookie; signs out when the server refuses. Calls at the same time share one request. */
  renew(): Promise<boolean>;
  dismissNotice(): void;
  /** Ends the session on the server; when that fails, one stays signed in with a notice. */
  signOut(): Promise<void>;
};

export type SessionParts = {
  /** The client that sends the token it is asked with; sign-in itself needs none. */
  clientFor(token: () => string | null): Client;
  telegram: { initData: string; launchKey: string } | null;
  /** Gives the code of a sign-in link once. */
  takeLinkCode: () => string | null;
  /** What Telegram has sent the browser back with, once. */
  takeTelegramReturn: () => TelegramReturn | null;
  exclusively: Exclusively;
  onLinkUsed: () => void;
};

export function createSession(parts: SessionParts): Session {
  const { clientFor, telegram, takeLinkCode, takeTelegramReturn, exclusively, onLinkUsed } = parts;
  const call = clientFor(() => null);
  const listeners = new Set<() => void>();
  let state: SessionState = { phase: 'starting' };
  let token: string | null = null;
  let renewing: Promise<boolean> | null = null;

  const become = (next: SessionState): void => {
    state = next;
    for (const listener of listeners) listener();
  };

  /** null: signed in; else why not. */
  const attempt = async (
    way: () => Promise<{ token: string; user: User }>,
    notice: ApiError | null = null,
  ): Promise<ApiError | null> => {
    try {
      const answer = await way();
      token = answer.token;
      become({ phase: 'signed-in', user: answer.user, notice });
      return null;
    } catch (error) {
      return asApiError(error);
    }
  };

  const refresh = () => exclusively(() => call('POST /auth/refresh'));

  const start = async (): Promise<void> => {
    become({ phase: 'starting' });
    const code = takeLinkCode();
    const telegramReturn = takeTelegramReturn();
    let problem: ApiError | null = null;
    if (telegram !== null) {
      problem = await attempt(() => call('POST /auth/telegram', { body: telegram }));
      if (problem === null) return;
    }
    if (code !== null) {
      problem = await attempt(() => call('POST /auth/link', { body: { code } }));
      onLinkUsed();
      if (problem === null) return;
    }
    if (telegramReturn !== null) {
      problem = await attempt(() => call('POST /auth/telegram-login/finish', { body: telegramReturn }));
      if (problem === null) return;
    }
    const refusal = await attempt(refresh, problem);
    // That there is nothing kept is no news; that Buoy does not answer is.
    if (refusal !== null)
      become({
        phase: 'signed-out',
        problem: problem ?? (refusal.code === 'unauthenticated' ? null : refusal),
      });
  };

  const renew = async (): Promise<boolean> => {
    try {
      const answer = await refresh();
      token = answer.token;
      return true;
    } catch (error) {
      const problem = asApiError(error);
      if (problem.status !== 401) return false;
      token = null;
      become({ phase: 'signed-out', problem });
      return false;
    }
  };

  return {
    state: () => state,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    token: () => token,
    start,
    renew() {
      renewing ??= renew().finally(() => {
        renewing = null;
      });
      return renewing;
    },
    dismissNotice() {
      if (state.phase === 'signed-in') become({ ...state, notice: null });
    },
    async signOut() {
      const problem = await clientFor(() => token)('POST /auth/logout').then(() => null, asApiError);
      // Without the server's word the cookie lives on: the person must know.
      if (problem !== null && problem.status !== 401) {
        if (state.phase === 'signed-in') become({ ...state, notice: problem });
        return;
      }
      token = null;
      become({ phase: 'signed-out', problem: null });
    },
  };
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, { error: String(error) });
}

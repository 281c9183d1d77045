// The signed-in session. The token is kept only in this closure; the browser stores only an HttpOnly cookie.
import type { User } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import type { Exclusively } from './exclusively.ts';
import type { LastPerson } from './last-person.ts';
import type { OidcRefusal, OidcReturn } from './oidc-return.ts';
import { asApiError, isEnded, otherPerson, pauseS, signedOut } from './session-problems.ts';
import { needsQuestion, type SignInOffer, type TelegramOffer } from './sign-in-offer.ts';
import type { TelegramReturn } from './telegram-return.ts';

export type SessionState =
  | { phase: 'starting' }
  /** The address would sign the person in: nothing was sent for it until they say yes. `kept`: who is signed in until now. */
  | { phase: 'asking'; offer: SignInOffer; kept: User | null }
  /** `notice`: something went wrong with signing in or out that the person should know of. */
  | { phase: 'signed-in'; user: User; notice: ApiError | null }
  /** `refusal`: a company's provider sent the person back without a sign-in. */
  | { phase: 'signed-out'; problem: ApiError | null; refusal?: OidcRefusal };

export type Session = {
  state(): SessionState;
  subscribe(onChange: () => void): () => void;
  token(): string | null;
  /** Who is signed in; null: nobody. */
  personId(): string | null;
  /** Tries the ways in, in order: the way back from Telegram or a provider in a browser, Telegram, a link, the kept sign-in. */
  start(): Promise<void>;
  /** Signs in with an answer that the person has got on a page: by a passkey, or an invite. */
  enter(answer: { token: string; user: User }): void;
  /** What the person says to the question of the phase `asking`. */
  answer(isYes: boolean): void;
  /**
   * A new token from the cookie; signs out when the server refuses, and when the cookie is another person's by now, who has signed in in
   * another tab. Calls at the same time share one request.
   */
  renew(): Promise<boolean>;
  /** What the server says of the signed-in person by now. */
  updateUser(user: User): void;
  dismissNotice(): void;
  /** Ends the session on the server; when that fails, one stays signed in with a notice. */
  signOut(): Promise<void>;
};

export type SessionParts = {
  /** The client that sends the token it is asked with; sign-in itself needs none. */
  clientFor(token: () => string | null): Client;
  telegram: TelegramOffer | null;
  /** Gives the code of a sign-in link once. */
  takeLinkCode: () => string | null;
  /** What Telegram has sent the browser back with, once. */
  takeTelegramReturn: () => TelegramReturn | null;
  /** What an OpenID provider has sent the browser back with, once. */
  takeOidcReturn: () => OidcReturn | null;
  lastPerson: LastPerson;
  exclusively: Exclusively;
  /** Tells the server that a renewal whose answer was lost is repeated by the same browser. */
  attemptKey: string;
  pause: (ms: number) => Promise<void>;
  onLinkUsed: () => void;
  /** What Telegram, or whoever made the address, has put into it was used or refused. */
  onLaunchUsed: () => void;
};

export function createSession(parts: SessionParts): Session {
  const {
    clientFor,
    telegram,
    takeLinkCode,
    takeTelegramReturn,
    takeOidcReturn,
    lastPerson,
    exclusively,
    attemptKey,
    pause,
  } = parts;
  const call = clientFor(() => null);
  const listeners = new Set<() => void>();
  let state: SessionState = { phase: 'starting' };
  let token: string | null = null;
  let renewing: Promise<ApiError | null> | null = null;
  /** Of a link that was taken out of the address bar and neither used nor refused yet. */
  let linkCode: string | null = null;
  let isLaunchDecided = false;
  let answering: ((isYes: boolean) => void) | null = null;

  const become = (next: SessionState): void => {
    state = next;
    for (const listener of listeners) listener();
  };

  const signedIn = (answer: { token: string; user: User }, notice: ApiError | null): void => {
    token = answer.token;
    lastPerson.remember(answer.user.id);
    become({ phase: 'signed-in', user: answer.user, notice });
  };

  /** Tries until Buoy has said yes or no: that there were too many calls says nothing about who is there. */
  const retried = async <T>(way: () => Promise<T>): Promise<T> => {
    for (;;)
      try {
        return await way();
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 429) throw error;
        await pause(pauseS(error) * 1_000);
      }
  };

  /** null: signed in; else why not. */
  const attempt = async (way: () => Promise<{ token: string; user: User }>): Promise<ApiError | null> => {
    try {
      signedIn(await retried(way), null);
      return null;
    } catch (error) {
      return asApiError(error);
    }
  };

  // A used cookie ends the session: the next page must find the new one, also when this page is gone by then.
  const refresh = () =>
    retried(() => exclusively(() => call('POST /auth/refresh', { body: { attemptKey }, keepalive: true })));

  const ask = (offer: SignInOffer, kept: User | null): Promise<boolean> =>
    new Promise((resolve) => {
      answering = resolve;
      become({ phase: 'asking', offer, kept });
    });

  /** Ways in that an address offers, which anybody can have made. */
  const offered = () => [
    ...(telegram === null || isLaunchDecided
      ? []
      : [
          {
            offer: telegram,
            send: () =>
              call('POST /auth/telegram', {
                body: { initData: telegram.initData, launchKey: telegram.launchKey },
              }),
            decided() {
              // Inside Telegram a reload signs in by the same launch again.
              isLaunchDecided = !telegram.isInTelegram;
              parts.onLaunchUsed();
            },
          },
        ]),
    ...(linkCode === null
      ? []
      : [
          {
            offer: { kind: 'link' } as const,
            send: (
              (code) => () =>
                call('POST /auth/link', { body: { code } })
            )(linkCode),
            decided() {
              linkCode = null;
              parts.onLinkUsed();
            },
          },
        ]),
  ];

  const start = async (): Promise<void> => {
    become({ phase: 'starting' });
    linkCode = takeLinkCode() ?? linkCode;
    const [telegramReturn, oidcReturn] = [takeTelegramReturn(), takeOidcReturn()];
    let problem: ApiError | null = null;
    // A cookie binds it to this browser, where the person began it.
    if (telegramReturn !== null) {
      problem = await attempt(() => call('POST /auth/telegram-login/finish', { body: telegramReturn }));
      if (problem === null) return;
    }
    const refusal = oidcReturn !== null && 'refusal' in oidcReturn ? oidcReturn.refusal : null;
    if (oidcReturn !== null && 'code' in oidcReturn) {
      problem = await attempt(() => call('POST /auth/oidc/finish', { body: oidcReturn }));
      if (problem === null) return;
    }
    const offers = offered();
    // Who is signed in here until now decides whether an offer needs a question.
    const kept = await refresh().catch(asApiError);
    const keptUser = kept instanceof ApiError ? null : kept.user;
    if (kept instanceof ApiError && !isEnded(kept) && offers.length > 0)
      return become({ phase: 'signed-out', problem: kept });
    for (const { offer, send, decided } of offers) {
      const isAgreed = !needsQuestion(offer, keptUser, lastPerson.id()) || (await ask(offer, keptUser));
      if (isAgreed) {
        become({ phase: 'starting' });
        problem = await attempt(send);
      }
      decided();
      if (isAgreed && problem === null) return;
    }
    if (!(kept instanceof ApiError)) return signedIn(kept, problem);
    // That there is nothing kept is no news; that Buoy does not answer is.
    become({
      phase: 'signed-out',
      problem: problem ?? (kept.code === 'unauthenticated' ? null : kept),
      ...(refusal === null ? {} : { refusal }),
    });
  };

  const end = (problem: ApiError): ApiError => {
    token = null;
    become({ phase: 'signed-out', problem });
    return problem;
  };

  const renewNow = async (): Promise<ApiError | null> => {
    if (state.phase !== 'signed-in') return signedOut();
    const person = state.user.id;
    try {
      const answer = await refresh();
      // Signed out meanwhile, and perhaps in again.
      if (state.phase !== 'signed-in' || state.user.id !== person) return signedOut();
      // What this page shows, and is about to do, is of the person that it names.
      if (person !== answer.user.id) return end(otherPerson());
      token = answer.token;
      return null;
    } catch (error) {
      const problem = asApiError(error);
      return isEnded(problem) ? end(problem) : problem;
    }
  };

  /** null: there is a new token; else why not. */
  const renewal = (): Promise<ApiError | null> => {
    renewing ??= renewNow().finally(() => {
      renewing = null;
    });
    return renewing;
  };

  const logOut = () => clientFor(() => token)('POST /auth/logout').then(() => null, asApiError);

  return {
    state: () => state,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    token: () => token,
    personId: () => (state.phase === 'signed-in' ? state.user.id : null),
    start,
    enter: (answer) => signedIn(answer, null),
    answer(isYes) {
      answering?.(isYes);
      answering = null;
    },
    renew: async () => (await renewal()) === null,
    updateUser(user) {
      if (state.phase === 'signed-in') become({ ...state, user });
    },
    dismissNotice() {
      if (state.phase === 'signed-in') become({ ...state, notice: null });
    },
    async signOut() {
      let problem = await logOut();
      // That the token has expired says nothing about the session.
      if (problem?.status === 401 && problem.code !== 'session_revoked') {
        problem = await renewal();
        // The session is over, which the renewal has said.
        if (state.phase !== 'signed-in') return;
        problem ??= await logOut();
      }
      // Without the server's word the cookie lives on: the person must know.
      if (problem !== null && problem.code !== 'session_revoked') {
        if (state.phase === 'signed-in') become({ ...state, notice: problem });
        return;
      }
      token = null;
      become({ phase: 'signed-out', problem: null });
    },
  };
}

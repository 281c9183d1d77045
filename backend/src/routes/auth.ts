// Sign-in and the signed-in user's own sessions.
import { anyone, signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { SignedIn, SignIn } from '../users/sign-in.ts';

export function authRoutes({ signIn }: { signIn: SignIn }): Route[] {
  const answer = ({ token, user, refreshCookie }: SignedIn, cookie: { write(value: string): void }) => {
    cookie.write(refreshCookie);
    return { token, user };
  };
  return [
    route('POST /auth/telegram', anyone, async ({ body, client, refreshCookie }) =>
      answer(await signIn.byTelegram(body, client), refreshCookie),
    ),
    route('POST /auth/link', anyone, async ({ body, client, refreshCookie }) =>
      answer(await signIn.byLink(body.code, client), refreshCookie),
    ),
    route('POST /auth/refresh', anyone, async ({ refreshCookie }) =>
      answer(await signIn.refresh(refreshCookie.read()), refreshCookie),
    ),
    route('POST /auth/logout', signedIn, async ({ caller, refreshCookie }) => {
      await signIn.signOut(caller, caller.sessionId);
      refreshCookie.write(null);
    }),
    route('GET /me', signedIn, ({ caller }) => ({ user: caller.user })),
    route('GET /me/sessions', signedIn, async ({ caller }) => ({
      sessions: await signIn.sessions(caller),
      nextCursor: null,
    })),
    route('DELETE /me/sessions/:id', signedIn, ({ caller, params }) => signIn.signOut(caller, params.id)),
  ];
}

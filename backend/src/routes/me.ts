// The signed-in user's own things.
import { inPerson, signedIn, signedInOrPending } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { PrefsByUser } from '../notify/prefs.ts';
import type { ApiTokens } from '../users/api-tokens.ts';
import type { People } from '../users/people.ts';
import type { SignIn } from '../users/sign-in.ts';
import type { SignInLinks } from '../users/sign-in-links.ts';

export function meRoutes({
  signIn,
  signInLinks,
  people,
  apiTokens,
  notificationPrefs,
}: {
  signIn: SignIn;
  signInLinks: Pick<SignInLinks, 'kept' | 'keep' | 'voidKept'>;
  people: Pick<People, 'rename'>;
  apiTokens: ApiTokens;
  notificationPrefs: PrefsByUser;
}): Route[] {
  return [
    route('GET /me', signedInOrPending, ({ caller }) => ({ user: caller.user })),
    route('PUT /me', inPerson, async ({ caller, body, audit }) => ({
      user: await people.rename(caller, body.displayName, audit),
    })),
    route('GET /me/sign-in-link', signedIn, async ({ caller }) => ({
      signInLink: await signInLinks.kept(caller),
    })),
    route('POST /me/sign-in-link', inPerson, ({ caller, origin, audit }) =>
      signInLinks.keep(caller, origin, audit),
    ),
    route('DELETE /me/sign-in-link', inPerson, ({ caller, audit }) => signInLinks.voidKept(caller, audit)),
    route('GET /me/sessions', signedIn, async ({ caller }) => ({
      sessions: await signIn.sessions(caller),
      nextCursor: null,
    })),
    route('DELETE /me/sessions/:id', inPerson, ({ caller, params, audit }) =>
      signIn.signOut(caller, params.id, audit.change()),
    ),
    route('GET /me/tokens', signedIn, async ({ caller }) => ({
      tokens: await apiTokens.list(caller),
      nextCursor: null,
    })),
    route('POST /me/tokens', inPerson, async ({ caller, body, audit }) => ({
      token: await apiTokens.create(caller, body, audit),
    })),
    route('DELETE /me/tokens/:id', inPerson, ({ caller, params, audit }) =>
      apiTokens.revoke(caller, params.id, audit),
    ),
    route('GET /me/notification-prefs', signedInOrPending, ({ caller }) =>
      notificationPrefs.read(caller.user.id),
    ),
    route('PUT /me/notification-prefs', signedInOrPending, ({ caller, body, audit }) =>
      notificationPrefs.change(caller.user.id, body, audit),
    ),
  ];
}

// Passkeys: signing in with one, and one's own.
import { anyone, inPerson, signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Passkeys } from '../users/passkeys.ts';

export function passkeyRoutes({ passkeys }: { passkeys: Passkeys }): Route[] {
  return [
    route('POST /auth/passkey/options', anyone, async ({ origin }) => ({
      options: await passkeys.beginSignIn(origin),
    })),
    route('POST /auth/passkey/verify', anyone, async ({ body, client, origin, audit, refreshCookie }) => {
      const {
        token,
        user,
        refreshCookie: kept,
      } = await passkeys.finishSignIn(body.credential, { client, origin }, audit);
      refreshCookie.write(kept);
      return { token, user };
    }),
    route('GET /me/passkeys', signedIn, async ({ caller }) => ({
      passkeys: await passkeys.list(caller.user.id),
      nextCursor: null,
    })),
    route('POST /me/passkeys/options', inPerson, async ({ caller, origin, audit }) => {
      audit.unchanged();
      return { options: await passkeys.beginAdding(caller, origin) };
    }),
    route('POST /me/passkeys', inPerson, async ({ caller, body, origin, audit }) => ({
      passkey: await passkeys.add(caller, body, origin, audit),
    })),
    route('PUT /me/passkeys/:id', inPerson, async ({ caller, params, body, audit }) => ({
      passkey: await passkeys.rename(caller, params.id, body.name, audit),
    })),
    route('DELETE /me/passkeys/:id', inPerson, ({ caller, params, audit }) =>
      passkeys.remove(caller, params.id, audit),
    ),
  ];
}

// Signing in through a company's OpenID provider.
import { anyone } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { OidcLogins } from '../users/oidc-login.ts';

export function oidcRoutes({ oidcLogins }: { oidcLogins: OidcLogins }): Route[] {
  return [
    route('POST /auth/oidc', anyone, async ({ origin, loginCookie }) => {
      const { url, secret } = await oidcLogins.begin(origin);
      loginCookie.write(secret);
      return { url };
    }),
    route(
      'POST /auth/oidc/finish',
      anyone,
      async ({ body, client, origin, signal, audit, loginCookie, refreshCookie }) => {
        const secret = loginCookie.read();
        loginCookie.write(null);
        const {
          token,
          user,
          refreshCookie: kept,
        } = await oidcLogins.finish({ ...body, secret }, { client, origin, signal }, audit);
        refreshCookie.write(kept);
        return { token, user };
      },
    ),
  ];
}

// Signing in and out.
import { anyone, inPerson, inPersonOrPending } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Commands } from '../lib/machine-command.ts';
import type { DeviceLogins } from '../users/device-login.ts';
import type { OidcLogins } from '../users/oidc-login.ts';
import type { Passkeys } from '../users/passkeys.ts';
import type { SignedIn, SignIn } from '../users/sign-in.ts';
import type { TelegramLogins } from '../users/telegram-login.ts';

export function authRoutes({
  signIn,
  deviceLogins,
  telegramLogins,
  allowInsecureHttp,
  commands,
  passkeys,
  oidcLogins,
}: {
  signIn: SignIn;
  deviceLogins: DeviceLogins;
  telegramLogins: TelegramLogins;
  allowInsecureHttp: boolean;
  commands: Commands;
  passkeys: Pick<Passkeys, 'workAt'>;
  oidcLogins: Pick<OidcLogins, 'isSetUp'>;
}): Route[] {
  const answer = ({ token, user, refreshCookie }: SignedIn, cookie: { write(value: string): void }) => {
    cookie.write(refreshCookie);
    return { token, user };
  };
  return [
    route('GET /auth/ways', anyone, ({ origin }) => ({
      telegram: signIn.hasBot,
      telegramLogin: telegramLogins.isSetUp,
      passkey: passkeys.workAt(origin),
      oidc: oidcLogins.isSetUp,
      link: true,
      insecureHttp: allowInsecureHttp,
      commands,
    })),
    route('POST /auth/telegram', anyone, async ({ body, client, audit, refreshCookie }) =>
      answer(await signIn.byTelegram(body, client, audit), refreshCookie),
    ),
    route('POST /auth/link', anyone, async ({ body, client, audit, refreshCookie }) =>
      answer(await signIn.byLink(body.code, client, audit), refreshCookie),
    ),
    route('POST /auth/telegram-login', anyone, async ({ origin, loginCookie }) => {
      const { url, secret } = await telegramLogins.begin(origin);
      loginCookie.write(secret);
      return { url };
    }),
    route(
      'POST /auth/telegram-login/finish',
      anyone,
      async ({ body, client, origin, signal, audit, loginCookie, refreshCookie }) => {
        const secret = loginCookie.read();
        loginCookie.write(null);
        return answer(
          await telegramLogins.finish({ ...body, secret }, { client, origin, signal }, audit),
          refreshCookie,
        );
      },
    ),
    route('POST /auth/device', anyone, ({ client, origin }) => deviceLogins.begin(client, origin)),
    route('POST /auth/device/token', anyone, async ({ body, client, audit, refreshCookie }) =>
      answer(await deviceLogins.redeem(body.deviceCode, client, audit), refreshCookie),
    ),
    route('GET /auth/device', inPerson, async ({ query }) => ({
      device: await deviceLogins.show(query.userCode),
    })),
    route('POST /auth/device/approve', inPerson, ({ caller, body, audit }) =>
      deviceLogins.approve(caller, body.userCode, audit),
    ),
    route('POST /auth/refresh', anyone, async ({ body, audit, refreshCookie }) =>
      answer(await signIn.refresh(refreshCookie.read(), body?.attemptKey ?? null, audit), refreshCookie),
    ),
    route('POST /auth/logout', inPersonOrPending, async ({ caller, audit, refreshCookie }) => {
      await signIn.signOut(caller, caller.sessionId, audit.change());
      refreshCookie.write(null);
    }),
  ];
}

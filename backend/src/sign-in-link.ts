// npm run sign-in-link [-- USER_ID]: a new one-time link, for who has the machine but no way in any more.
import { systemClock } from './lib/clock.ts';
import { linkUrl, urlAt } from './lib/urls.ts';
import { openForCommand } from './open-for-command.ts';
import { createAccessRequestStore } from './users/access-requests.store.ts';
import { createAdmission } from './users/admission.ts';
import { createSessionStore } from './users/sessions.store.ts';
import { createSignInStore } from './users/sign-in.store.ts';
import { createSignIn } from './users/sign-in.ts';
import { createTokens } from './users/tokens.ts';
import { createUserPresenter } from './users/user.presenter.ts';
import { createUserStore } from './users/users.store.ts';

const { config, database } = await openForCommand();
try {
  const users = createUserStore(database.db);
  const present = createUserPresenter(config);
  const signIn = createSignIn({
    users,
    sessions: createSessionStore(database.db),
    store: createSignInStore(database.db),
    tokens: await createTokens({ secrets: config.jwtSecrets, clock: systemClock }),
    botToken: config.telegramBotToken,
    present,
    admission: createAdmission({
      users,
      requests: createAccessRequestStore(database),
      present,
      clock: systemClock,
    }),
    sessionMaxDays: config.sessionMaxDays,
    clock: systemClock,
  });
  const code = await signIn.linkFor(process.argv[2] ?? null);
  const scheme = config.tls === null ? 'http' : 'https';
  const base =
    config.appDomain === null ? urlAt(config.host, config.port, scheme) : `https://${config.appDomain}`;
  process.stdout.write(`${linkUrl(base, code)}\n`);
} finally {
  await database.close();
}

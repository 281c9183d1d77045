// The sign-in link of a running Buoy as `npm run sign-in-link` makes it, without a process for each: most pages begin with one.

import { loadConfig } from '../backend/src/config.ts';
import { databaseSource, openDatabase } from '../backend/src/db/database.ts';
import { systemClock } from '../backend/src/lib/clock.ts';
import { linkUrl } from '../backend/src/lib/urls.ts';
import { createSignInStore } from '../backend/src/users/sign-in.store.ts';
import { createSignInLinks } from '../backend/src/users/sign-in-links.ts';
import { createUserPresenter } from '../backend/src/users/user.presenter.ts';
import { createUserStore } from '../backend/src/users/users.store.ts';
import { OPEN_TO_TESTS } from './open-to-tests.ts';

/**
 * @param url of the running Buoy
 * @param settings with which it runs
 */
export async function newSignInLink(url: string, settings: Record<string, string>): Promise<string> {
  const config = loadConfig({ ...OPEN_TO_TESTS, ...settings }, 'used');
  const database = await openDatabase(databaseSource(config));
  try {
    const { code } = await createSignInLinks({
      store: createSignInStore(database.db),
      users: createUserStore(database.db),
      present: createUserPresenter(config),
      appDomain: config.appDomain,
      hasBot: config.telegramBotToken !== null,
      clock: systemClock,
    }).fromMachine(null);
    return linkUrl(url, code);
  } finally {
    await database.close();
  }
}

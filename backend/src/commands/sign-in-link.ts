// npm run sign-in-link [-- NAME_OR_ID]: prints a one-time link for a person with access to the machine who cannot sign in.
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { commandsAre, machineCommand } from '../lib/machine-command.ts';
import { printErrorLine, printLine } from '../lib/print-line.ts';
import { linkUrl, urlAt } from '../lib/urls.ts';
import { createSignInStore } from '../users/sign-in.store.ts';
import { createSignInLinks } from '../users/sign-in-links.ts';
import { createUserPresenter } from '../users/user.presenter.ts';
import { createUserStore } from '../users/users.store.ts';
import { openForCommand } from './open-for-command.ts';
import { runCommand } from './run-command.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(words: string[]): Promise<number> {
  const [wanted = null, ...more] = words;
  if (more.length > 0 || wanted === '' || wanted?.startsWith('--') === true) {
    printErrorLine(`Usage: ${machineCommand(commandsAre(process.env), 'sign-in-link', '[NAME_OR_ID]')}`);
    return EXIT_USAGE;
  }
  const opened = await openForCommand();
  if ('exitCode' in opened) return opened.exitCode;
  const { config, database } = opened;
  try {
    const { code, person } = await createSignInLinks({
      store: createSignInStore(database.db),
      users: createUserStore(database.db),
      present: createUserPresenter(config),
      appDomain: config.appDomain,
      hasBot: config.telegramBotToken !== null,
      clock: systemClock,
    }).fromMachine(wanted);
    const scheme = config.tls === null ? 'http' : 'https';
    const base =
      config.appDomain === null ? urlAt(config.host, config.port, scheme) : `https://${config.appDomain}`;
    const whom = person === null ? 'The first super-admin' : person;
    printErrorLine(`${whom} signs in with this link, once, within a day:`);
    printLine(linkUrl(base, code));
    return 0;
  } catch (error) {
    if (!isAppError(error)) throw error;
    printErrorLine(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
    return EXIT_FAILED;
  } finally {
    await database.close();
  }
}

await runCommand(main);

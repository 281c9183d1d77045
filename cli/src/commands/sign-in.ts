// Sign-in with a code that is approved in the browser, and sign-out.
import { ApiError, type Client, createClient } from '@buoy/contract/client';
import { addressOf } from '../address-of.ts';
import { buoyFetch } from '../buoy-fetch.ts';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { fixedColumn } from '../output/table.ts';
import { isPlainHttp } from '../plain-http.ts';
import { type KeptSession, loginCommand } from '../profiles.ts';
import { keepingCookie, keptSession, signedInFetch } from '../session.ts';

async function login(context: Context & Args<'url'> & Flags<'yes'>): Promise<void> {
  const { terminal, output, profiles } = context;
  const typed = context.args.url ?? profiles.url();
  if (typed === null) throw new UsageError('URL is missing.', 'Usage: buoy login URL');
  const url = addressOf(typed);
  if (isPlainHttp(url))
    output.note(
      `${url} is not encrypted: anyone on the network path can read along and act as you. Use it only on a trusted network.`,
    );
  const answered = keepingCookie(buoyFetch(terminal, output));
  const api = createClient({ baseUrl: `${url}/api`, token: () => null, fetch: answered.fetch });
  const { userCode, deviceCode, verificationUrl, interval, expiresIn } = await api('POST /auth/device');
  // The server may not know its public name.
  const page = new URL(verificationUrl, url).href;
  await confirmPage(context, url, page);
  output.note(`Open ${page} and approve the code ${output.colour('bold', userCode)}`);
  const endsAt = terminal.now() + expiresIn * 1_000;
  while (terminal.now() < endsAt) {
    await terminal.pause(interval * 1_000, terminal.signal);
    if (terminal.signal.aborted) throw new CommandError('Not signed in.');
    try {
      const { token, user } = await api('POST /auth/device/token', { body: { deviceCode } });
      await endKept(context);
      profiles.save(keptSession(url, token, answered.cookie(), terminal.now()));
      profiles.makeCurrent();
      output.result({ profile: profiles.name, url, user }, () =>
        output.line(`Signed in to ${url} as ${user.username ?? user.firstName ?? user.id}.`),
      );
      if (terminal.environment.BUOY_TOKEN)
        output.note('BUOY_TOKEN is set and takes precedence: unset it to use this sign-in.');
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'authorization_pending') throw error;
    }
  }
  throw new CommandError('The code was not approved in time.', 'Try again: buoy login');
}

/**
 * A code is approved at the Buoy that issued it: an address that relays the code of another Buoy would get a sign-in there.
 * @throws as `confirm`
 */
async function confirmPage(context: Context & Flags<'yes'>, url: string, page: string): Promise<void> {
  const { origin } = new URL(page);
  // Another program may listen on another port of the same machine.
  if (origin === new URL(url).origin) return;
  await confirm(
    context,
    `${url} sends you to a page of another address, ${origin}. Unless both are the same Buoy, approving the code there lets ${url} act as you. Continue?`,
  );
}

async function whoami(context: Context): Promise<void> {
  const { output, profiles } = context;
  const { url } = context.profile();
  const { user } = await context.api()('GET /me');
  output.result({ profile: profiles.name, url, user }, () =>
    output.pairs([
      ['Profile', profiles.name],
      ['Buoy', url],
      ['User', user.username ?? user.firstName],
      ['Id', user.id],
      ['Super-admin', user.isSuperAdmin ? 'yes' : 'no'],
      ['Approved', user.approved ? 'yes' : 'no, ask an admin of this Buoy'],
    ]),
  );
}

async function logout(context: Context): Promise<void> {
  const { output, profiles, terminal } = context;
  const kept = profiles.kept();
  if (kept === null) throw new CommandError('You are not signed in.', `Sign in: ${loginCommand(profiles)}`);
  const { url } = kept;
  try {
    await clientOf(context, kept)('POST /auth/logout');
  } catch (error) {
    // The session has already ended, which is what logout wants.
    if (!isOver(error)) throw error;
  }
  profiles.forget();
  output.result({ profile: profiles.name, url }, () => output.line(`Signed out of ${url}.`));
  if (terminal.environment.BUOY_TOKEN)
    output.note('BUOY_TOKEN is set and still works. Revoke it: buoy tokens revoke TOKEN');
}

/** Ends the sign-in that the new one replaces: it could not be used or ended from here afterwards. */
async function endKept(context: Context): Promise<void> {
  const kept = context.profiles.kept();
  if (kept === null) return;
  try {
    await clientOf(context, kept)('POST /auth/logout');
  } catch (error) {
    if (!isOver(error))
      context.output.note(
        `Your previous sign-in to ${kept.url} could not be ended. Find it: buoy devices list`,
      );
  }
}

/** A client that uses the kept sign-in, regardless of the environment. */
function clientOf({ profiles, terminal, output }: Context, { url, token }: KeptSession): Client {
  const send = buoyFetch(terminal, output);
  const fetch = signedInFetch({ url, token, isKept: true }, { profiles, terminal, send });
  return createClient({ baseUrl: `${url}/api`, token: () => null, fetch });
}

function isOver(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 401 || error.status === 403;
  return error instanceof CommandError && ['unauthenticated', 'session_revoked'].includes(error.code);
}

export const signInCommands: readonly Command[] = [
  command({
    name: 'login',
    summary: 'Sign in to a Buoy; you approve a code in the browser',
    args: ['url?'],
    options: { yes: yesOption },
    run: login,
  }),
  command({ name: 'logout', summary: 'Sign out; the session ends at once', run: logout }),
  command({ name: 'whoami', summary: 'Show who is signed in, and to which Buoy', run: whoami }),
  command({
    name: 'profiles list',
    summary: 'List the profiles saved on this computer',
    run: async ({ output, profiles }) => {
      const list = profiles.list();
      output.result({ profiles: list }, () =>
        output.table(
          ['PROFILE', 'BUOY', fixedColumn('SIGNED IN'), 'CURRENT'],
          list.map(({ name, url, signedIn, current }) => [
            name,
            url,
            signedIn ? 'yes' : 'no',
            current ? '*' : '',
          ]),
          'No profiles. Create one: buoy login URL',
        ),
      );
    },
  }),
  command({
    name: 'profiles use',
    summary: 'Switch to a profile',
    args: ['name'],
    run: async (context) => {
      const { profiles, output } = context;
      const name = arg(context, 'name');
      profiles.use(name);
      output.result({ profile: name }, () => output.line(`Switched to ${name}.`));
    },
  }),
];

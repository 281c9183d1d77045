// Signing in to a Buoy by a code that is approved in the browser, and out again.
import { ApiError, createClient } from '@buoy/contract/client';
import { addressOf } from '../address-of.ts';
import { buoyFetch } from '../buoy-fetch.ts';
import { arg, type Command, CommandError, type Context, UsageError } from '../command.ts';

async function login(context: Context): Promise<void> {
  const { terminal, output, profiles } = context;
  const typed = context.args.url ?? profiles.url();
  if (typed === null) throw new UsageError('URL is missing.', 'Usage: buoy login URL');
  const url = addressOf(typed);
  const api = createClient({ baseUrl: `${url}/api`, token: () => null, fetch: buoyFetch(terminal, output) });
  const { userCode, deviceCode, verificationUrl, interval, expiresIn } = await api('POST /auth/device');
  // The server may not know the name by which it is reached.
  const page = new URL(verificationUrl, url).href;
  output.note(`Open ${page} and approve the code ${output.colour('bold', userCode)}`);
  const endsAt = terminal.now() + expiresIn * 1_000;
  while (terminal.now() < endsAt) {
    await terminal.pause(interval * 1_000, terminal.signal);
    if (terminal.signal.aborted) throw new CommandError('Not signed in.');
    try {
      const { token, user } = await api('POST /auth/device/token', { body: { deviceCode } });
      profiles.save({ url, token });
      output.result({ profile: profiles.name, url, user }, () =>
        output.line(`Signed in to ${url} as ${user.username ?? user.firstName ?? user.id}.`),
      );
      if (terminal.environment.BUOY_TOKEN)
        output.note('BUOY_TOKEN is set and wins over this: unset it, else it is used as before.');
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'authorization_pending') throw error;
    }
  }
  throw new CommandError('Nobody approved the code in time.', 'Try again: buoy login');
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
  const { output, profiles } = context;
  const { url } = context.profile();
  try {
    await context.api()('POST /auth/logout');
  } catch (error) {
    // A session that has ended already is what was wanted; a token of the environment is not ours to end.
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
  }
  profiles.forget();
  output.result({ profile: profiles.name, url }, () => output.line(`Signed out of ${url}.`));
}

export const signInCommands: readonly Command[] = [
  {
    name: 'login',
    summary: 'Sign in to a Buoy; the code is approved in the browser',
    args: ['url?'],
    run: login,
  },
  { name: 'logout', summary: 'Sign out; the token is dead at once', run: logout },
  { name: 'whoami', summary: 'Who is signed in, and where', run: whoami },
  {
    name: 'profiles list',
    summary: 'The Buoys that this computer knows',
    run: async ({ output, profiles }) => {
      const list = profiles.list();
      output.result({ profiles: list }, () =>
        output.table(
          ['PROFILE', 'BUOY', 'SIGNED IN', 'CURRENT'],
          list.map(({ name, url, signedIn, current }) => [
            name,
            url,
            signedIn ? 'yes' : 'no',
            current ? '*' : '',
          ]),
          'No profiles. Make one: buoy login URL',
        ),
      );
    },
  },
  {
    name: 'profiles use',
    summary: 'Use this profile from now on',
    args: ['name'],
    run: async (context) => {
      const { profiles, output } = context;
      const name = arg(context, 'name');
      profiles.use(name);
      output.result({ profile: name }, () => output.line(`${name} is used from now on.`));
    },
  },
];

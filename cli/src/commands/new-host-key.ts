// Shows the host key of a new server or a new address, and asks whether to trust it before a secret is sent.
import { ApiError, type Client } from '@buoy/contract/client';
import {
  CommandError,
  type Context,
  type Flags,
  isSet,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { isYes } from '../confirm.ts';

export const hostKeyOptions = {
  'host-key': {
    type: 'string',
    value: 'SHA256:…',
    summary: 'Log in only if the server presents this host key (fingerprint)',
  },
  'accept-host-key': {
    type: 'boolean',
    summary: 'Trust the first host key that the server presents, without asking',
  },
} as const satisfies Record<string, OptionSpec>;

export const PRINT_KEY_HINT =
  'Print the key on the server itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';

type HostAddress = {
  host: string;
  port: number;
  jumpServerId: string | null;
  /** Buoy reaches a server that way already, or may: that it does not show the key to this person does not mean that it refuses the change. */
  isStored?: boolean;
};

/**
 * Returns the only host key that may receive the secret: the one of --host-key, or the one that the person accepts. Empty if
 * the first key is trusted: without a terminal, with --accept-host-key, or when no key could be read and the person accepts
 * that. An attacker could hide the key until the secret is sent, so the person is asked in that case as well.
 * @throws CommandError when the person says no; UsageError when the options contradict each other
 */
export async function expectedHostKey(
  context: Context & Texts<'host-key'> & Flags<'accept-host-key'>,
  api: Client,
  place: HostAddress,
): Promise<{ hostKey?: string }> {
  const hostKey = textOption(context, 'host-key');
  const trustsFirst = isSet(context, 'accept-host-key');
  if (hostKey !== undefined && trustsFirst)
    throw new UsageError('--host-key and --accept-host-key do not go together.');
  if (hostKey !== undefined) return { hostKey };
  const answer = await askForHostKey(context, api, place, trustsFirst || !context.terminal.canAsk);
  if (answer.isTrusted) return answer.key;
  throw new CommandError(
    'Nothing was done.',
    answer.isShown ? PRINT_KEY_HINT : 'Give the key: --host-key SHA256:…',
  );
}

/** `key` is empty if the first key that answers is trusted; `isShown`: the person rejected a key that they saw. */
type HostKeyAnswer = { isTrusted: true; key: { hostKey?: string } } | { isTrusted: false; isShown: boolean };

/** Shows the host key at a place, and asks the person whether it is the right one. @param trustsFirst does not ask */
export async function askForHostKey(
  { output, terminal }: Context,
  api: Client,
  place: HostAddress,
  trustsFirst: boolean,
): Promise<HostKeyAnswer> {
  const shown = await readKey(api, place);
  if (shown === null) return { isTrusted: true, key: {} };
  if ('problem' in shown) {
    output.note(
      `The host key could not be read: ${shown.problem} Buoy shows and pins the key at the first connection.`,
    );
    if (trustsFirst) return { isTrusted: true, key: {} };
    const answer = await terminal.ask('Trust the first key that answers, without checking it? [y/N] ');
    return isYes(answer) ? { isTrusted: true, key: {} } : { isTrusted: false, isShown: false };
  }
  output.note(`${place.host}:${place.port} shows the host key ${shown.algorithm} ${shown.fingerprint}`);
  if (trustsFirst) return { isTrusted: true, key: {} };
  const answer = await terminal.ask('Is this the key of your server? Trust it and continue? [y/N] ');
  return isYes(answer)
    ? { isTrusted: true, key: { hostKey: shown.fingerprint } }
    : { isTrusted: false, isShown: true };
}

/** null: Buoy refuses the address, which the next call reports, or is too old to read host keys. */
async function readKey(api: Client, { isStored = false, ...place }: HostAddress) {
  try {
    return (await api('POST /servers/host-key', { body: place })).hostKey;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Whoever may add no servers may still move their own.
    if (error.status >= 500 || error.status === 403) return { problem: error.message };
    if ([400, 404, 405].includes(error.status)) return isStored ? { problem: error.message } : null;
    throw error;
  }
}

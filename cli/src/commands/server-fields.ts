// Options for the fields of a server, shared by add, edit and clone.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { askSecret } from '../ask-secret.ts';
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

function keyIn(file: string): string {
  const whole = file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : file;
  try {
    return readFileSync(whole, 'utf8');
  } catch {
    throw new CommandError(`The key ${file} cannot be read.`);
  }
}

type Credential = {
  authType?: 'password' | 'key';
  password?: string;
  privateKey?: string;
  passphrase?: string;
};

/** Builds the login credential from --key, --passphrase and --password; empty without them. @throws UsageError, CommandError */
export async function credentialIn(
  context: Context & Texts<'key'> & Flags<'passphrase' | 'password'>,
): Promise<Credential> {
  const key = textOption(context, 'key');
  const byPassword = isSet(context, 'password');
  if (key !== undefined && byPassword) throw new UsageError('--key and --password do not go together.');
  if (byPassword) return { authType: 'password', password: await askSecret(context, 'Password') };
  if (key === undefined) return {};
  return {
    authType: 'key',
    privateKey: keyIn(key),
    ...(isSet(context, 'passphrase') ? { passphrase: await askSecret(context, 'Passphrase') } : {}),
  };
}

export const fieldOptions = {
  name: { type: 'string', value: 'NAME', summary: 'Display name' },
  tag: { type: 'string', value: 'TAG', multiple: true, summary: 'A tag; repeatable' },
  jump: { type: 'string', value: 'SERVER', summary: 'Connect through this server' },
  key: { type: 'string', value: 'FILE', summary: 'Log in with this private key' },
  passphrase: {
    type: 'boolean',
    summary: 'The key has a passphrase: asked for, or read from standard input',
  },
  password: { type: 'boolean', summary: 'Log in with a password: asked for, or read from standard input' },
} as const satisfies Record<string, OptionSpec>;

// What is typed into the form for a server, and what of it goes to the server.
import type { Contract, RequestOf } from '@buoy/contract';
import { parseSshCommand } from './ssh-command.ts';

export type ServerDraft = {
  command: string;
  name: string;
  /** Typed by the person: no pasted address replaces it. */
  isNameTyped: boolean;
  host: string;
  port: string;
  username: string;
  authType: 'password' | 'key';
  password: string;
  privateKey: string;
  passphrase: string;
  tags: string;
  jumpServerId: string;
};

export type FieldErrors = Readonly<Record<string, string>>;

export const emptyDraft: ServerDraft = {
  command: '',
  name: '',
  isNameTyped: false,
  host: '',
  port: '22',
  username: '',
  authType: 'password',
  password: '',
  privateKey: '',
  passphrase: '',
  tags: '',
  jumpServerId: '',
};

/** The draft with what a pasted address or ssh command says; what it does not say stays. */
export function withSshCommand(draft: ServerDraft, command: string): ServerDraft {
  const parsed = parseSshCommand(command);
  if (!parsed.ok) return { ...draft, command };
  const { host, port, username } = parsed.address;
  return {
    ...draft,
    command,
    host,
    port: String(port ?? 22),
    username: username ?? draft.username,
    name: draft.isNameTyped ? draft.name : nameFor(host),
  };
}

/** "web-1" of "web-1.example.com"; an IP address stays whole. */
function nameFor(host: string): string {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  return isAddress ? host : (host.split('.')[0] ?? host);
}

/** The body of POST /servers. Secrets of the way in that was not chosen are left out. */
export function newServerOf(draft: ServerDraft): RequestOf<Contract['POST /servers']>['body'] {
  return {
    name: draft.name.trim(),
    host: draft.host.trim(),
    port: Number(draft.port),
    username: draft.username.trim(),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    ...(draft.jumpServerId === '' ? {} : { jumpServerId: draft.jumpServerId }),
    authType: draft.authType,
    ...(draft.authType === 'password'
      ? { password: draft.password }
      : {
          privateKey: draft.privateKey,
          ...(draft.passphrase === '' ? {} : { passphrase: draft.passphrase }),
        }),
  };
}

/** The first message for each field, from the details of a refused request. */
export function fieldErrors(details: unknown): FieldErrors {
  if (!Array.isArray(details)) return {};
  const errors: Record<string, string> = {};
  for (const detail of details as unknown[]) {
    if (typeof detail !== 'object' || detail === null || !('path' in detail) || !('message' in detail))
      continue;
    const field = String(detail.path).split('.')[0] ?? '';
    errors[field] ??= String(detail.message);
  }
  return errors;
}

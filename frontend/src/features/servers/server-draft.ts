// The draft of a server form, and the request body for a new, edited or cloned server.
import type { Contract, RequestOf, Server } from '@buoy/contract';
import type { OpenSshKeyPair } from './open-ssh-key.ts';
import type { HostAddress, SeenHostKey } from './server-queries.ts';
import { parseSshCommand } from './ssh-command.ts';

type BodyOf<K extends keyof Contract> = RequestOf<Contract[K]>['body'];

/** How Buoy logs in: as stored (of a server that is there), or with a secret that is given now. */
export type CredentialChoice = 'kept' | 'newKey' | 'ownKey' | 'password';

export type ServerDraft = {
  command: string;
  name: string;
  /** Typed by the person: no pasted address replaces it. */
  isNameTyped: boolean;
  host: string;
  port: string;
  username: string;
  way: CredentialChoice;
  /** Of `newKey`: made in this browser; null: not yet. */
  newKey: OpenSshKeyPair | null;
  password: string;
  privateKey: string;
  passphrase: string;
  tags: string;
  jumpServerId: string;
};

/** Stands for the jump server of a server whose own was removed: nothing is chosen in its place yet. */
export const REMOVED_JUMP = 'removed';

export const emptyDraft: ServerDraft = {
  command: '',
  name: '',
  isNameTyped: false,
  host: '',
  port: '22',
  username: '',
  way: 'newKey',
  newKey: null,
  password: '',
  privateKey: '',
  passphrase: '',
  tags: '',
  jumpServerId: '',
};

/** The form for a server that is there. */
export function draftOf(server: Server): ServerDraft {
  return {
    ...emptyDraft,
    name: server.name,
    isNameTyped: true,
    host: server.host,
    port: String(server.port),
    username: server.username,
    way: 'kept',
    tags: server.tags.join(', '),
    jumpServerId: server.jumpServerRemoved ? REMOVED_JUMP : (server.jumpServerId ?? ''),
  };
}

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
export function nameFor(host: string): string {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  return isAddress ? host : (host.split('.')[0] ?? host);
}

function fieldsOf(draft: ServerDraft) {
  return {
    name: draft.name.trim(),
    host: draft.host.trim(),
    port: Number(draft.port),
    username: draft.username.trim(),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    ...(hasNoWay(draft) ? {} : { jumpServerId: jumpServerOf(draft) }),
  };
}

/** Whether it is still to be chosen how the server is reached, because its jump server was removed. */
export function hasNoWay({ jumpServerId }: ServerDraft): boolean {
  return jumpServerId === REMOVED_JUMP;
}

function jumpServerOf({ jumpServerId }: ServerDraft): string | null {
  return jumpServerId === '' || jumpServerId === REMOVED_JUMP ? null : jumpServerId;
}

/** Where the draft leads; null while its address is not complete. */
export function placeOf(draft: ServerDraft): HostAddress | null {
  const host = draft.host.trim();
  const port = Number(draft.port);
  const isWhole = host !== '' && Number.isInteger(port) && port >= 1 && port <= 65_535;
  return isWhole && !hasNoWay(draft) ? { host, port, jumpServerId: jumpServerOf(draft) } : null;
}

/** Secrets of the ways that were not chosen are left out; nothing where the stored one stays. */
function credentialOf({ way, newKey, password, privateKey, passphrase }: ServerDraft) {
  switch (way) {
    case 'kept':
      return {};
    case 'password':
      return { authType: 'password', password } as const;
    case 'newKey':
      return { authType: 'key', privateKey: newKey?.privateKey ?? '' } as const;
    case 'ownKey':
      return { authType: 'key', privateKey, ...(passphrase === '' ? {} : { passphrase }) } as const;
  }
}

/**
 * The body of POST /servers.
 * @param seen the host key that the person was shown, which is then the only one that gets the secret
 */
export function newServerOf(draft: ServerDraft, seen: SeenHostKey | null = null): BodyOf<'POST /servers'> {
  return { ...fieldsOf(draft), authType: 'key', ...credentialOf(draft), ...expectedKey(seen) };
}

function expectedKey(seen: SeenHostKey | null) {
  return seen?.kind === 'key' ? { hostKey: seen.fingerprint } : {};
}

type Fields = ReturnType<typeof fieldsOf>;

/** Changes of these send the secret another way, or another one. */
export const routeFields: readonly string[] = ['host', 'port', 'username', 'jumpServerId', 'credential'];

/** What of `server` the draft changes; `credential` stands for its secret and how it logs in. */
export function changedFields(server: Server, draft: ServerDraft): (keyof Fields | 'credential')[] {
  const fields = fieldsOf(draft);
  // A direct way in place of a removed jump server is a change, though both are null.
  const stored = { ...server, jumpServerId: server.jumpServerRemoved ? undefined : server.jumpServerId };
  const names = (Object.keys(fields) as (keyof Fields)[]).filter(
    (name) => JSON.stringify(fields[name]) !== JSON.stringify(stored[name]),
  );
  return draft.way === 'kept' ? names : [...names, 'credential'];
}

/** Whether the change sends a secret another way, or another one, to a server of which Buoy has pinned no host key. */
export function sendsToUnknownKey(server: Server, draft: ServerDraft): boolean {
  const changed = changedFields(server, draft);
  return server.hostKey === null && changed.some((field) => routeFields.includes(field));
}

/**
 * The body of PUT /servers/:id: what differs from `server`, and a secret where one was given.
 * @param seen the host key that the person was shown, which is then the only one that gets the secret
 */
export function changeOf(
  server: Server,
  draft: ServerDraft,
  seen: SeenHostKey | null = null,
): BodyOf<'PUT /servers/:id'> {
  const fields = fieldsOf(draft);
  const changed = changedFields(server, draft).filter((name) => name !== 'credential');
  return {
    ...Object.fromEntries(changed.map((name) => [name, fields[name]])),
    ...credentialOf(draft),
    ...expectedKey(seen),
  };
}

/** The body of POST /servers/:id/clone. */
export function cloneOf(
  draft: ServerDraft,
  seen: SeenHostKey | null = null,
): BodyOf<'POST /servers/:id/clone'> {
  return { ...fieldsOf(draft), ...credentialOf(draft), ...expectedKey(seen) };
}

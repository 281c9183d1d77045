// Reads a pasted list of servers, one per line: name, address and login name, with spaces, tabs or commas between them.
import { textParts } from '@buoy/contract/visible-text';
import { nameFor } from '../servers/server-draft.ts';
import { parseSshCommand, type SshProblem } from '../servers/ssh-command.ts';

export type ServerLine = {
  /** Counted from 1. */
  line: number;
  name: string;
  host: string;
  port: number;
  /** null: the line names none. */
  username: string | null;
};

export type LineProblem = {
  line: number;
  kind: SshProblem['kind'] | 'extra' | 'name' | 'username' | 'sameName' | 'sameAddress' | 'tooMany';
  /** The part of the line that it is about. */
  value: string;
};

export type ServerLines = { servers: ServerLine[]; problems: LineProblem[] };

/** As many as the command line takes from a file. */
export const MAX_SERVERS = 100;

const SSH_PORT = 22;
/** As in the API. */
const MAX_NAME_LENGTH = 100;
const MAX_USERNAME_LENGTH = 64;

type Read = Omit<ServerLine, 'line'>;
type Unread = Omit<LineProblem, 'line'>;

/** Empty lines and those that begin with "#" are skipped; every other line is in `servers` or in `problems`. Never throws. */
export function readServerLines(text: string): ServerLines {
  const servers: ServerLine[] = [];
  const problems: LineProblem[] = [];
  for (const [index, content] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^\s*(#|$)/.test(content)) continue;
    const line = index + 1;
    const read = readLine(content);
    const problem = 'kind' in read ? read : problemAmong(read, servers);
    if (problem !== null) problems.push({ line, ...problem });
    else if (!('kind' in read)) servers.push({ line, ...read });
  }
  return { servers, problems };
}

function readLine(text: string): Read | Unread {
  const [name = '', address = '', login = '', extra] = fieldsOf(text);
  if (extra !== undefined) return { kind: 'extra', value: extra };
  if (address === '') return { kind: 'noHost', value: '' };
  const parsed = parseSshCommand(address);
  if (!parsed.ok) return parsed.problem;
  const { host, port, username, notes } = parsed.address;
  const [note] = notes;
  if (note !== undefined) return { kind: 'extra', value: note.value };
  if (login !== '' && username !== null && login !== username) return { kind: 'extra', value: login };
  const server = {
    name: name === '' ? nameFor(host) || host : name,
    host,
    port: port ?? SSH_PORT,
    username: login === '' ? username : login,
  };
  if (!isName(server.name)) return { kind: 'name', value: server.name };
  if (server.username !== null && !isUsername(server.username))
    return { kind: 'username', value: server.username };
  return server;
}

/** Name, address, login and what is too much; an address alone, or an ssh command, stands in the second place. */
function fieldsOf(text: string): string[] {
  if (/^\s*(\$\s+)?ssh\s/.test(text)) return ['', text.trim()];
  const fields = text.includes(',')
    ? text.split(',')
    : text.trim().includes('\t')
      ? text.split(/\t+/)
      : text.trim().split(/\s+/);
  const trimmed = fields.map((field) => field.trim());
  while (trimmed.length > 1 && trimmed.at(-1) === '') trimmed.pop();
  return trimmed.length === 1 ? ['', ...trimmed] : trimmed;
}

function problemAmong({ name, host, port, username }: Read, before: readonly ServerLine[]): Unread | null {
  if (before.length >= MAX_SERVERS) return { kind: 'tooMany', value: String(MAX_SERVERS) };
  if (before.some((one) => one.name === name)) return { kind: 'sameName', value: name };
  const isSame = (one: ServerLine) => one.host === host && one.port === port && one.username === username;
  return before.some(isSame) ? { kind: 'sameAddress', value: host } : null;
}

function isName(text: string): boolean {
  return (
    text.length <= MAX_NAME_LENGTH &&
    text.isWellFormed() &&
    !text.includes('\t') &&
    textParts(text, undefined, 'name').every(({ isHidden }) => !isHidden)
  );
}

function isUsername(text: string): boolean {
  return text.length <= MAX_USERNAME_LENGTH && text.isWellFormed() && !/^-|[\s:]/.test(text);
}

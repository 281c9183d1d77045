// Parses the login of a server as people type or paste it.
import { UsageError } from './command.ts';

/** `user@host:port`, `user@host -p 22` in quotes, or a whole `ssh …` line. @throws UsageError */
export function loginOf(typed: string): { username: string; host: string; port: number } {
  const { username, host, port = 22 } = addressIn(typed);
  if (username === undefined) throw noLogin(typed);
  return { username, host, port };
}

/** The same with optional user and port. @throws UsageError */
export function addressIn(typed: string): { username?: string; host: string; port?: number } {
  const words = typed
    .trim()
    .split(/\s+/)
    .filter((word) => word !== 'ssh');
  const portAt = words.indexOf('-p');
  const [, portWord] = portAt === -1 ? [] : words.splice(portAt, 2);
  const userAt = words.indexOf('-l');
  const [, userWord] = userAt === -1 ? [] : words.splice(userAt, 2);
  const [target = '', ...others] = words;
  const match =
    /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[^:@\s]+|[0-9A-Fa-f:.]+:[0-9A-Fa-f:.]+)(?::(\d+))?\/?$/.exec(
      target,
    );
  const username = match?.[1] ?? userWord;
  const portText = match?.[3] ?? portWord;
  const isPortGiven = portText !== undefined || portAt !== -1;
  const port = Number(portText);
  if (match?.[2] === undefined || others.length > 0 || (isPortGiven && !Number.isInteger(port)))
    throw noLogin(typed);
  return {
    host: match[2].replace(/^\[|\]$/g, ''),
    ...(username === undefined ? {} : { username }),
    ...(isPortGiven ? { port } : {}),
  };
}

function noLogin(typed: string): UsageError {
  return new UsageError(`"${typed}" is not a login.`, 'Write it as user@host or user@host:port');
}

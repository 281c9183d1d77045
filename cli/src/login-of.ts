// What a person types or pastes as the login of a server, in its parts.
import { UsageError } from './command.ts';

/** `user@host:port`, `user@host -p 22` in quotes, or a whole `ssh …` line. */
export function loginOf(typed: string): { username: string; host: string; port: number } {
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
    /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[^:\s]+|[0-9A-Fa-f:.]+:[0-9A-Fa-f:.]+)(?::(\d+))?\/?$/.exec(
      target,
    );
  const username = match?.[1] ?? userWord;
  const port = Number(match?.[3] ?? portWord ?? 22);
  if (match?.[2] === undefined || username === undefined || others.length > 0 || !Number.isInteger(port))
    throw new UsageError(`"${typed}" is no login.`, 'Write it as user@host or user@host:port');
  return { username, host: match[2].replace(/^\[|\]$/g, ''), port };
}

// Profiles: the sign-in for each Buoy, kept in a file that only its owner can read.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { addressOf } from './address-of.ts';
import { CommandError } from './command.ts';
import { whileLocked } from './file-lock.ts';
import { commandLine } from './output/command-line.ts';

export type Profile = {
  url: string;
  token: string;
  /** False: the token comes from the environment and is not renewed. */
  isKept: boolean;
};

/** A sign-in as stored in the file. */
export type KeptSession = {
  url: string;
  token: string;
  /** The refresh cookie as name=value; null: signed in by an older version, so the sign-in ends with its token. */
  refreshCookie: string | null;
  /** The idempotency key of a started renewal, which every retry reuses. */
  attemptKey: string | null;
  /** Milliseconds, by the clock of this computer. */
  tokenEndsAt: number | null;
};

export type Profiles = {
  /** The profile in use: --profile, BUOY_PROFILE, the current profile of the file, or "default". */
  name: string;
  /** BUOY_URL and BUOY_TOKEN override the file. @throws UsageError for an invalid BUOY_URL */
  find(): Profile | null;
  /** The address of the profile, even when signed out. */
  url(): string | null;
  /** The current sign-in in the file, regardless of the environment; null when signed out. */
  kept(): KeptSession | null;
  /** The lock file for renewing the sign-in of this profile. */
  renewalLock(): string;
  save(session: KeptSession): void;
  /**
   * Ends a renewal: stores its session, or forgets the sign-in for null. Returns false and changes nothing when the file has another
   * renewal or sign-in by now, because this process was suspended and another one took over.
   */
  endRenewal(attemptKey: string, session: KeptSession | null): boolean;
  /** Makes this profile the current one. */
  makeCurrent(): void;
  /** Removes the token and keeps the address. */
  forget(): void;
  /** @throws CommandError for an unknown profile */
  use(name: string): void;
  list(): Array<{ name: string; url: string; signedIn: boolean; current: boolean }>;
};

type StoredProfile = Omit<KeptSession, 'token'> & { token: string | null };
type Stored = { current: string; profiles: Record<string, StoredProfile> };
type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/buoy/profiles.json`, or below `~/.config` if that is not set. */
function fileOf(environment: Environment): string {
  const folder = environment.XDG_CONFIG_HOME || path.join(environment.HOME || homedir(), '.config');
  return path.join(folder, 'buoy', 'profiles.json');
}

export function openProfiles(environment: Environment, wanted: string | undefined): Profiles {
  const file = fileOf(environment);
  const stored = read(file);
  const name = wanted ?? (environment.BUOY_PROFILE || stored.current);

  function write(change: (stored: Stored) => void): void {
    try {
      whileLocked(`${file}.lock`, () => {
        const next = read(file);
        change(next);
        replace(file, `${JSON.stringify(next, null, 2)}\n`);
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || error instanceof CommandError) throw error;
      throw new CommandError(
        `The profile could not be saved in ${file} (${code}).`,
        'Check the owner of the folder and the free space. BUOY_URL and BUOY_TOKEN work without this file.',
      );
    }
  }

  return {
    name,
    url: () =>
      environment.BUOY_URL ? addressOf(environment.BUOY_URL) : (stored.profiles[name]?.url ?? null),
    find() {
      const own = stored.profiles[name];
      const url = environment.BUOY_URL ? addressOf(environment.BUOY_URL) : own?.url;
      // A token belongs to the Buoy that issued it: BUOY_URL alone must not send it to another address.
      const token = environment.BUOY_TOKEN?.trim() || (own?.url === url ? own?.token : null);
      return url && token ? { url, token, isKept: !environment.BUOY_TOKEN?.trim() } : null;
    },
    kept() {
      const own = read(file).profiles[name];
      return own?.token == null ? null : { ...own, token: own.token };
    },
    renewalLock: () => `${file}.${encodeURIComponent(name).slice(0, 100)}.lock`,
    save: (session) =>
      write((next) => {
        next.profiles[name] = session;
      }),
    endRenewal(attemptKey, session) {
      let isMine = false;
      write((next) => {
        const own = next.profiles[name];
        isMine = own?.attemptKey === attemptKey;
        if (own !== undefined && isMine) next.profiles[name] = session ?? signedOutAt(own.url);
      });
      return isMine;
    },
    makeCurrent: () =>
      write((next) => {
        next.current = name;
      }),
    forget: () =>
      write((next) => {
        const own = next.profiles[name];
        if (own !== undefined) next.profiles[name] = signedOutAt(own.url);
      }),
    use(wantedName) {
      if (stored.profiles[wantedName] === undefined)
        throw new CommandError(
          `There is no profile "${wantedName}".`,
          `Create it: ${commandLine('buoy', 'login', 'URL', '--profile', wantedName)}`,
        );
      write((next) => {
        next.current = wantedName;
      });
    },
    list: () =>
      Object.entries(stored.profiles).map(([key, { url, token }]) => ({
        name: key,
        url,
        signedIn: token !== null,
        current: key === name,
      })),
  };
}

function signedOutAt(url: string): StoredProfile {
  return { url, token: null, refreshCookie: null, attemptKey: null, tokenEndsAt: null };
}

/** The command that signs in to the Buoy of this profile. */
export function loginCommand(profiles: Pick<Profiles, 'name' | 'url'>): string {
  const { name } = profiles;
  return commandLine(
    ...['buoy', 'login', profiles.url() ?? 'URL'],
    ...(name === 'default' ? [] : ['--profile', name]),
  );
}

/** Replaces the file atomically, and durably across a power loss. */
function replace(file: string, content: string): void {
  const draft = `${file}.${crypto.randomUUID()}`;
  try {
    const opened = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(opened, content);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function read(file: string): Stored {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { current: 'default', profiles: emptyProfiles() };
    throw new CommandError(`The profiles in ${file} cannot be read.`, 'Check who owns the file.');
  }
  const parsed = parse(text);
  if (parsed === null)
    throw new CommandError(
      `${file} is not a valid profiles file.`,
      'Move it away, then sign in again: buoy login URL',
    );
  return parsed;
}

/** Without a prototype, so that any profile name is safe. */
function emptyProfiles(): Stored['profiles'] {
  return Object.create(null);
}

/** Parsed by hand: Zod would take half of the start time of the bundle. */
function parse(text: string): Stored | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value.current !== 'string' || !isObject(value.profiles)) return null;
  const profiles = emptyProfiles();
  for (const [name, one] of Object.entries(value.profiles)) {
    if (!isObject(one) || typeof one.url !== 'string') return null;
    profiles[name] = {
      url: one.url,
      token: textOrNull(one.token),
      refreshCookie: textOrNull(one.refreshCookie),
      attemptKey: textOrNull(one.attemptKey),
      tokenEndsAt: typeof one.tokenEndsAt === 'number' ? one.tokenEndsAt : null,
    };
  }
  return { current: value.current, profiles };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

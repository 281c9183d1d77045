// Where the command line is signed in: one profile for each Buoy, kept in a file that only its owner can read.
import { randomUUID } from 'node:crypto';
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
  /** False: the token is of the environment, and nobody renews it. */
  isKept: boolean;
};

/** A sign-in as the file has it. */
export type KeptSession = {
  url: string;
  token: string;
  /** What renews the token, as name=value; null: it was signed in by an older version, and ends with its token. */
  refreshCookie: string | null;
  /** Of a renewal that was begun: whoever goes on with it brings the same. */
  attemptKey: string | null;
  /** Milliseconds, by the clock of this computer. */
  tokenEndsAt: number | null;
};

export type Profiles = {
  /** The name in use: --profile, BUOY_PROFILE, the one signed in to last, else "default". */
  name: string;
  /** BUOY_URL and BUOY_TOKEN win over the file. @throws UsageError for a BUOY_URL that is no address */
  find(): Profile | null;
  /** The address of the profile even when nobody is signed in. */
  url(): string | null;
  /** The sign-in of this name as the file has it now, whatever the environment says; null when signed out. */
  kept(): KeptSession | null;
  /** The file that is there while one process renews the sign-in of this name. */
  renewalLock(): string;
  save(session: KeptSession): void;
  /**
   * The end of a renewal: keeps what it brought, null: forgets the sign-in. False, and nothing is changed, when the file has another
   * renewal or sign-in by now: this process was stopped for long, and another one took over.
   */
  endRenewal(attemptKey: string, session: KeptSession | null): boolean;
  /** From now on this name is the current one. */
  makeCurrent(): void;
  /** The address stays, the token goes. */
  forget(): void;
  /** @throws CommandError when there is none of that name */
  use(name: string): void;
  list(): Array<{ name: string; url: string; signedIn: boolean; current: boolean }>;
};

type StoredProfile = Omit<KeptSession, 'token'> & { token: string | null };
type Stored = { current: string; profiles: Record<string, StoredProfile> };
type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/buoy/profiles.json`, below `~/.config` where that is not set. */
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
      // A token belongs to the Buoy that gave it: BUOY_URL alone must not lead it to another address.
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
          `Create it: buoy login URL --profile ${wantedName}`,
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

/** As a whole, or not at all, also when the power goes. */
function replace(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`;
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

/** Without the names that every object has: a profile may be called as it likes. */
function emptyProfiles(): Stored['profiles'] {
  return Object.create(null);
}

/** Zod is not in the bundle: it would cost half of the time to start. */
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

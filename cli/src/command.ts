// The type of a command: name, arguments, options and action. Help and completion are generated from the list of commands.
import type { Client } from '@buoy/contract/client';
import type { Output } from './output/output.ts';
import type { Profile, Profiles } from './profiles.ts';
import type { Terminal } from './terminal.ts';

export type OptionSpec = {
  type: 'string' | 'boolean';
  summary: string;
  /** Placeholder of the value in the help: `--tag TAG`. */
  value?: string;
  /** One letter, as in `-f`. */
  short?: string;
  /** The option is repeatable. */
  multiple?: boolean;
  /** All allowed values, for completion. */
  choices?: readonly string[];
};

export type Options = Readonly<Record<string, string | boolean | string[] | undefined>>;

export type Context = {
  /** Positional arguments by name; an optional one that is absent is undefined. */
  args: Readonly<Record<string, string | undefined>>;
  /** The words after the last named argument, if the command takes several words or a command line of another program. */
  rest: readonly string[];
  /** The rest came after `--`. */
  isArgv: boolean;
  options: Options;
  /** All commands, for help and completion. */
  commands: readonly Command[];
  /** Without its output streams: everything printed goes through `output`. */
  terminal: Omit<Terminal, 'out' | 'err'>;
  output: Output;
  profiles: Profiles;
  /** A client with the kept sign-in or BUOY_TOKEN. Throws when not signed in. */
  api(): Client;
  profile(): Profile;
  /** Sends a call with the sign-in and returns the raw response. @param path below `/api` */
  send(path: string, init: RequestInit): Promise<Response>;
  /** Returns the raw response, for event streams. */
  openStream(path: string, options: { lastEventId: string | null; signal: AbortSignal }): Promise<Response>;
};

export type Command = {
  /** Nouns and a verb, or one word: `servers list`, `openclaw agents files put`. */
  name: string;
  summary: string;
  /** For programs, not for people: left out of the help. */
  isHidden?: true;
  /** `server`, `server?` (optional), `alert?...` (any number), `command...` (rest of the line), `command...?` (optional rest). */
  args?: readonly string[];
  options?: Readonly<Record<string, OptionSpec>>;
  /** Returns the exit code if it is not 0. */
  run(context: Context): Promise<number | undefined> | Promise<void>;
};

/** 0 is success; the exit code of a remote command is passed on unchanged. */
export const exitCodes = { failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** The command was understood but failed: exit code 1. */
export class CommandError extends Error {
  readonly hint: string | null;
  /** For scripts: the error code of the API if it refused, otherwise `cli`. */
  readonly code: string;
  constructor(message: string, hint: string | null = null, code = 'cli') {
    super(message);
    this.name = 'CommandError';
    this.hint = hint;
    this.code = code;
  }
}

/** Returns a named argument; the parser has already required it. */
export function arg({ args }: Context, name: string): string {
  const value = args[name];
  if (value === undefined) throw new UsageError(`${name.toUpperCase()} is missing.`);
  return value;
}

export function textOption({ options }: Context, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsOption({ options }: Context, name: string): string[] | undefined {
  const value = options[name];
  return Array.isArray(value) ? value : undefined;
}

export function isSet({ options }: Context, name: string): boolean {
  return options[name] === true;
}

/** @throws UsageError when the value is not one of `choices` */
export function choiceOption<T extends string>(
  context: Context,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const choice = choices.find((one) => one === value);
  if (choice === undefined)
    throw new UsageError(`--${name} takes one of ${choices.join(', ')}, not "${value}".`);
  return choice;
}

/** @throws UsageError when the value is not an integer from `min` to `max` */
export function numberOption(context: Context, name: string, min: number, max: number): number | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${value}".`);
  return number;
}

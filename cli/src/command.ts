// What a command is: its words, what it takes, what it does. The registry lists them all; help and completion are made from them.
import type { Client } from '@buoy/contract/client';
import type { Output } from './output/output.ts';
import type { Profile, Profiles } from './profiles.ts';
import type { Terminal } from './terminal.ts';

export type OptionSpec = {
  type: 'string' | 'boolean';
  summary: string;
  /** What stands for the value in the help: `--tag TAG`. */
  value?: string;
  /** One letter, as in `-f`. */
  short?: string;
  /** May be given several times. */
  multiple?: boolean;
  /** All the values that it takes, for completion. */
  choices?: readonly string[];
};

export type Options = Readonly<Record<string, string | boolean | string[] | undefined>>;

export type Context = {
  /** Positional arguments by name; an optional one that is absent is undefined. */
  args: Readonly<Record<string, string | undefined>>;
  /** What stands after the last named argument, where the command takes several or another program's line. */
  rest: readonly string[];
  /** The rest stood behind `--`. */
  isArgv: boolean;
  options: Options;
  /** All there are, for help and completion. */
  commands: readonly Command[];
  /** Without its outputs: what is printed goes through `output`. */
  terminal: Omit<Terminal, 'out' | 'err'>;
  output: Output;
  profiles: Profiles;
  /** Signed in, or with BUOY_TOKEN. Throws for who is not. */
  api(): Client;
  profile(): Profile;
  /** A call as the person who is signed in, with the answer as it is. @param path below `/api` */
  send(path: string, init: RequestInit): Promise<Response>;
  /** The answer as it is, for events. */
  openStream(path: string, options: { lastEventId: string | null; signal: AbortSignal }): Promise<Response>;
};

export type Command = {
  /** `servers list`, `openclaw agents files put`: nouns and a verb, or one word. */
  name: string;
  summary: string;
  /** Of programs and not of people: in no help. */
  isHidden?: true;
  /** `server`, `server?` for one that may be absent, `alert?...` for any number, `command...` for the rest of the line, `command...?` where that may be absent. */
  args?: readonly string[];
  options?: Readonly<Record<string, OptionSpec>>;
  /** Answers the exit code where it is not 0. */
  run(context: Context): Promise<number | undefined> | Promise<void>;
};

/** 0 is done; what a command on a server ended with is passed on as it is. */
export const exitCodes = { failed: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** The command line makes no sense: exit code 2. */
export class UsageError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** It was understood and could not be done: exit code 1. */
export class CommandError extends Error {
  readonly hint: string | null;
  /** What scripts branch on: the code of the API where it refused, else `cli`. */
  readonly code: string;
  constructor(message: string, hint: string | null = null, code = 'cli') {
    super(message);
    this.name = 'CommandError';
    this.hint = hint;
    this.code = code;
  }
}

/** A named argument that the parser has made sure of. */
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

/** @throws UsageError when the option is none of `choices` */
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

/** @throws UsageError when the option is no whole number from `min` to `max` */
export function numberOption(context: Context, name: string, min: number, max: number): number | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${value}".`);
  return number;
}

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

/**
 * What a command needs beside the common part of a context, as in `Context & Args<'server'> & Flags<'yes'>`. A context with
 * more arguments and options fits too, so that commands can share functions.
 */
export type Args<N extends string> = { args: Readonly<Record<N, string | undefined>> };
/** Options with a value. */
export type Texts<N extends string> = { options: Readonly<Record<N, string | undefined>> };
/** Repeatable options with a value. */
export type Lists<N extends string> = { options: Readonly<Record<N, string[] | undefined>> };
/** Options without a value. */
export type Flags<N extends string> = { options: Readonly<Record<N, boolean | undefined>> };

export type Context = {
  /** Positional arguments by name; an optional one that is absent is undefined. The type of a command names them. */
  args: object;
  /** The words after the last named argument, if the command takes several words or a command line of another program. */
  rest: readonly string[];
  /** The rest came after `--`. */
  isArgv: boolean;
  options: object;
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

type Declaration<O, A> = {
  /** Nouns and a verb, or one word: `servers list`, `openclaw agents files put`. */
  name: string;
  summary: string;
  /** For programs, not for people: left out of the help. */
  isHidden?: true;
  /** `server`, `server?` (optional), `alert?...` (any number), `command...` (rest of the line), `command...?` (optional rest). */
  args?: A;
  options?: O;
};

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

// A spec whose type or repetition is not known to the compiler gives no value that a reader takes.
type ValueOf<S> = S extends { type: 'boolean' }
  ? boolean
  : S extends { type: 'string'; multiple: true }
    ? string[]
    : S extends { type: 'string' }
      ? string
      : unknown;

/** The options of these specs, in a context. */
export type Given<O> = { options: { readonly [N in keyof O]: ValueOf<O[N]> | undefined } };

type ArgName<P> = P extends `${string}...${string}` ? never : P extends `${infer N}?` ? N : P;

export type Command = Declaration<OptionSpecs, readonly string[]> & {
  /** Returns the exit code if it is not 0. */
  run: (context: Context) => Promise<number | undefined> | Promise<void>;
};

/** Checks that `run` reads only arguments and options that the command declares. */
export function command<
  const O extends OptionSpecs = Record<never, never>,
  const A extends readonly string[] = readonly [],
>(
  declared: Declaration<O, A> & {
    run: (
      context: Context & Args<ArgName<NoInfer<A>[number]> & string> & Given<NoInfer<O>>,
    ) => Promise<number | undefined> | Promise<void>;
  },
): Command {
  // The parser builds the context from this declaration.
  return declared as Command;
}

/** 0 is success; the exit code of a remote command is passed on unchanged. `unread`: as of a program that SIGPIPE ends. */
export const exitCodes = { failed: 1, usage: 2, unreachable: 3, interrupted: 130, unread: 141 } as const;

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
export function arg<N extends string>({ args }: Args<NoInfer<N>>, name: N): string {
  const value = args[name];
  if (value === undefined) throw new UsageError(`${name.toUpperCase()} is missing.`);
  return value;
}

export function textOption<N extends string>({ options }: Texts<NoInfer<N>>, name: N): string | undefined {
  return options[name];
}

export function textsOption<N extends string>({ options }: Lists<NoInfer<N>>, name: N): string[] | undefined {
  return options[name];
}

export function isSet<N extends string>({ options }: Flags<NoInfer<N>>, name: N): boolean {
  return options[name] === true;
}

/** @throws UsageError when the value is not one of `choices` */
export function choiceOption<T extends string, N extends string>(
  context: Texts<NoInfer<N>>,
  name: N,
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
export function numberOption<N extends string>(
  context: Texts<NoInfer<N>>,
  name: N,
  min: number,
  max: number,
): number | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${value}".`);
  return number;
}

// Parses the command line: command, arguments, options. Unknown words are refused with the nearest known one.
import { parseArgs } from 'node:util';
import { type Command, type OptionSpec, type Options, UsageError } from './command.ts';
import { formatOptions } from './output/formats.ts';

/** Options of every command. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  ...formatOptions,
  profile: { type: 'string', value: 'NAME', summary: 'Use this profile instead of the current one' },
  debug: { type: 'boolean', summary: 'Show each call to Buoy, without secrets' },
  help: { type: 'boolean', short: 'h', summary: 'Show this help' },
};

export type Parsed = {
  args: Record<string, string | undefined>;
  rest: string[];
  /** The rest came after `--`: another program and its arguments, word by word. */
  isArgv: boolean;
  options: Options;
};

/** Number of words in the longest command name. */
const MAX_COMMAND_WORDS = 4;

/** Separates common options before the end of the command name, as in `--json servers list`, from the other words. */
export function commonApart(
  commands: readonly Command[],
  words: readonly string[],
): { options: string[]; words: string[] } {
  const options: string[] = [];
  const name: string[] = [];
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const candidate = [...name, word].join(' ');
    const spec = optionOf(commonOptions, word);
    if (spec?.type === 'string' && !isValueInside(word)) {
      options.push(...words.slice(index, index + 2));
      index += 1;
    } else if (spec !== null) options.push(word);
    else if (commands.some((one) => one.name === candidate || one.name.startsWith(`${candidate} `)))
      name.push(word);
    else break;
  }
  return { options, words: [...name, ...words.slice(index)] };
}

/** Returns the option of a word such as `--tag`, `--tag=x`, `-o` or `-oyaml`, or null. */
export function optionOf(specs: Readonly<Record<string, OptionSpec>>, word: string): OptionSpec | null {
  if (word.startsWith('--')) return specs[word.slice(2).split('=')[0] ?? ''] ?? null;
  if (!word.startsWith('-')) return null;
  return Object.values(specs).find(({ short }) => short !== undefined && short === word[1]) ?? null;
}

function isValueInside(word: string): boolean {
  return word.startsWith('--') ? word.includes('=') : word.length > 2;
}

/** Returns the command named by the first words, and the words after it, or null. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { command: Command; words: string[] } | null {
  for (let length = MAX_COMMAND_WORDS; length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((one) => one.name === name);
    if (command !== undefined) return { command, words: words.slice(length) };
  }
  return null;
}

/** @throws UsageError */
export function parseArguments(command: Command, words: readonly string[]): Parsed {
  const specs = { ...command.options, ...commonOptions };
  // The rest of the line belongs to another program, including its options. `--` may come before it.
  const own = hasRest(command) ? beforeRest(command, specs, words) : null;
  const { values, positionals: given } = parsed(command, specs, own?.head ?? words);
  const args: Record<string, string | undefined> = {};
  let rest: string[] = [];
  for (const pattern of command.args ?? []) {
    const name = pattern.replace(/[?.]+$/, '');
    if (pattern.includes('...')) {
      rest = [...given.splice(0), ...(own?.tail ?? [])];
      if (rest.length === 0 && hasRest(command) && !pattern.endsWith('?'))
        throw new UsageError(`${name.toUpperCase()} is missing.`, usageOf(command));
      continue;
    }
    const value = given.shift();
    if (value === undefined && !pattern.endsWith('?'))
      throw new UsageError(`${name.toUpperCase()} is missing.`, usageOf(command));
    args[name] = value;
  }
  if (given.length > 0) throw new UsageError(`"${given[0]}" is one word too many.`, usageOf(command));
  return { args, rest, isArgv: own?.isSeparated ?? false, options: values };
}

function parsed(command: Command, specs: Readonly<Record<string, OptionSpec>>, words: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: Object.fromEntries(
        Object.entries(specs).map(([name, { type, multiple, short }]) => [
          name,
          { type, multiple: multiple ?? false, ...(short === undefined ? {} : { short }) },
        ]),
      ),
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Options, positionals: [...positionals] };
  } catch (error) {
    throw refusal(error, command, Object.keys(specs));
  }
}

/** Returns the words for buoy itself, without `ls --help` in `servers exec web ls --help`. */
export function ownWords(command: Command, words: readonly string[]): readonly string[] {
  if (hasRest(command)) return beforeRest(command, { ...command.options, ...commonOptions }, words).head;
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
}

function hasRest(command: Command): boolean {
  return command.args?.some((pattern) => pattern.includes('...') && !pattern.endsWith('?...')) ?? false;
}

/** Options may come before and between the named arguments; words after the last named argument are left alone. */
function beforeRest(
  command: Command,
  specs: Readonly<Record<string, OptionSpec>>,
  words: readonly string[],
): { head: string[]; tail: string[]; isSeparated: boolean } {
  let named = (command.args?.length ?? 1) - 1;
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--')
      return { head: words.slice(0, index), tail: words.slice(index + 1), isSeparated: true };
    if (word.startsWith('-')) {
      const isValueNext = optionOf(specs, word)?.type === 'string' && !isValueInside(word);
      index += isValueNext ? 1 : 0;
    } else if (named === 0) break;
    else named -= 1;
  }
  return { head: words.slice(0, index), tail: words.slice(index), isSeparated: false };
}

function refusal(error: unknown, command: Command, names: readonly string[]): UsageError {
  const code = (error as { code?: string }).code;
  const message = error instanceof Error ? error.message : String(error);
  const option = /'(?:-\w, )?(-[^' ]*)/.exec(message)?.[1] ?? 'An option';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = option.startsWith('--') ? nearest(option.slice(2), names) : null;
    return new UsageError(
      `${option} is not an option of buoy ${command.name}.`,
      near === null
        ? `See buoy ${command.name} --help. Arguments that begin with - go after --`
        : `Did you mean --${near}?`,
    );
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return new UsageError(
      /does not take/.test(message) ? `${option} takes no value.` : `${option} needs a value.`,
      /ambiguous/.test(message)
        ? `For a value that begins with -: ${option}=-VALUE`
        : `See buoy ${command.name} --help`,
    );
  throw error;
}

export function usageOf(command: Command): string {
  const args = (command.args ?? []).map((pattern) => {
    const name = pattern.replace(/[?.]+$/, '').toUpperCase();
    if (/\?\.\.\.$|\.\.\.\?$/.test(pattern)) return `[${name}...]`;
    if (pattern.endsWith('...')) return `${name}...`;
    return pattern.endsWith('?') ? `[${name}]` : name;
  });
  const options = Object.keys(command.options ?? {}).length > 0 ? ['[OPTIONS]'] : [];
  return ['Usage: buoy', command.name, ...options, ...args].join(' ');
}

/** Returns the longest prefix of the words that is a command group, such as `openclaw agents`, or null. */
export function groupIn(
  commands: readonly Command[],
  words: readonly string[],
): { name: string; commands: Command[]; next: string | undefined } | null {
  for (let length = Math.min(MAX_COMMAND_WORDS - 1, words.length); length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ');
    const inside = commands.filter((command) => command.name.startsWith(`${name} `));
    if (inside.length > 0) return { name, commands: inside, next: words[length] };
  }
  return null;
}

/** Suggests a command or a group for mistyped words; null when none is similar. */
export function nearestCommand(words: readonly string[], commands: readonly Command[]): string | null {
  const meant = commands.map(({ name }) => {
    const said = words.slice(0, name.split(' ').length).join(' ');
    return { name, changes: distance(said, name) };
  });
  const nouns = new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''));
  return closest(meant) ?? nearest(words[0] ?? '', [...nouns]);
}

/** Returns the most similar known word, at most two letter changes away, or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  return closest(known.map((name) => ({ name, changes: distance(word, name) })));
}

const MAX_CHANGES = 2;

function closest(known: ReadonlyArray<{ name: string; changes: number }>): string | null {
  const [best] = known.toSorted((one, other) => one.changes - other.changes);
  return best !== undefined && best.changes <= MAX_CHANGES ? best.name : null;
}

/** Levenshtein distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}

// Output formats for scripts: JSON, jq, YAML and names.

import { terminalJson } from '@buoy/contract/visible-text';
import { CommandError, type OptionSpec, type Options, UsageError } from '../command.ts';
import { asksForCaller, type Item, namedItemsIn, namesOf } from './names-in.ts';
import { cleanLine } from './terminal-text.ts';

const formats = ['json', 'yaml', 'name'] as const;

export const formatOptions = {
  json: { type: 'boolean', summary: 'Print the answer as JSON' },
  jq: { type: 'string', value: 'FILTER', summary: 'Filter the JSON with jq, and print the result' },
  format: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    choices: formats,
    summary: 'Print the answer as json, yaml, or name (one name per line)',
  },
} as const satisfies Record<string, OptionSpec>;

export type Formatter = {
  /** @param isLine one of many values, one per line. @throws CommandError for a value that does not fit the format */
  format(value: unknown, isLine: boolean): string | Promise<string>;
  /** After the last value. @throws CommandError when parts of the values were left out */
  end?(): void;
};

export const jsonFormat: Formatter = {
  format: (value, isLine) => `${terminalJson(value, isLine ? undefined : 2)}\n`,
};

/**
 * Returns null for output to a person. @throws UsageError for conflicting options and an invalid filter
 * @param callerId asks Buoy who the caller is
 */
export async function formatterIn(
  { json, jq, format }: Options,
  callerId: () => Promise<string>,
): Promise<Formatter | null> {
  if (format !== undefined && !formats.some((one) => one === format))
    throw new UsageError(`-o takes one of ${formats.join(', ')}, not "${format}".`);
  if (format !== undefined && format !== 'json' && (json === true || jq !== undefined))
    throw new UsageError(`-o ${format} and --${json === true ? 'json' : 'jq'} do not go together.`);
  if (typeof jq === 'string') return jqFormatter(jq);
  if (format === 'yaml') return yamlFormatter();
  if (format === 'name') return nameFormatter(callerId);
  return json === true || format === 'json' ? jsonFormat : null;
}

// YAML and jq are loaded only when needed, so that most commands start faster.
async function yamlFormatter(): Promise<Formatter> {
  const { stringify } = await import('yaml');
  // Most readers support only YAML 1.1, in which `no` is false and `1:30` is 90.
  const options = { lineWidth: 0, compat: 'yaml-1.1' } as const;
  return { format: (value, isLine) => `${isLine ? '---\n' : ''}${stringify(value, options)}` };
}

/** As `jq -r -c`: strings without quotes, everything else as JSON, one result per line. */
async function jqFormatter(typed: string): Promise<Formatter> {
  const { compile } = await import('@michaelhomer/jqjs');
  const filter = filterOf(() => compile(typed), typed);
  return {
    format(value) {
      try {
        return linesOf(
          Array.from(filter(value), (one) => (typeof one === 'string' ? one : terminalJson(one))),
        );
      } catch (error) {
        throw new CommandError(`jq: ${reasonOf(error)}.`, 'See the whole answer: --json');
      }
    },
  };
}

/** One name per line. Whoever may choose one name must not take those of the others away: it is left out, and told at the end. */
function nameFormatter(callerId: () => Promise<string>): Formatter {
  const leftOut: string[] = [];
  let caller: Promise<string> | null = null;
  const lines = (items: readonly Item[], id: string | null): string => {
    const names = namesOf(items, id);
    leftOut.push(...names.leftOut);
    return linesOf(names.words);
  };
  return {
    format(value) {
      const items = namedItemsIn(value);
      if (caller === null && !asksForCaller(items)) return lines(items, null);
      caller ??= callerId();
      return caller.then((id) => lines(items, id));
    },
    end() {
      if (leftOut.length > 0) throw notInWords(leftOut);
    },
  };
}

const MAX_TOLD = 3;

function notInWords(names: readonly string[]): CommandError {
  const told = names.slice(0, MAX_TOLD).map((name) => `"${cleanLine(name)}"`);
  const rest = names.length > MAX_TOLD ? ` and ${names.length - MAX_TOLD} more` : '';
  return new CommandError(
    names.length === 1
      ? `1 item is left out: its name cannot be a word of the next command: ${told}.`
      : `${names.length} items are left out: their names cannot be words of the next command: ${told.join(', ')}${rest}.`,
    'See the whole answer: -o json',
  );
}

function filterOf<T>(compile: () => T, typed: string): T {
  try {
    return compile();
  } catch (error) {
    throw new UsageError(
      `"${typed}" is not a jq filter: ${reasonOf(error)}.`,
      "In a shell, put it in single quotes: --jq '.servers[].name'",
    );
  }
}

/** jqjs throws strings. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function linesOf(all: readonly string[]): string {
  return all.map((one) => `${one}\n`).join('');
}

// Output formats for scripts: JSON, jq, YAML and names.

import { terminalJson } from '@buoy/contract/visible-text';
import { CommandError, type OptionSpec, type Options, UsageError } from '../command.ts';
import { namesIn } from './names-in.ts';

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

/** Formats one value. @param isLine one of many values, one per line. @throws CommandError for a value that does not fit the format */
export type Formatter = (value: unknown, isLine: boolean) => string;

export const jsonFormat: Formatter = (value, isLine) => `${terminalJson(value, isLine ? undefined : 2)}\n`;

/** Returns null for output to a person. @throws UsageError for conflicting options and an invalid filter */
export async function formatterIn({ json, jq, format }: Options): Promise<Formatter | null> {
  if (format !== undefined && !formats.some((one) => one === format))
    throw new UsageError(`-o takes one of ${formats.join(', ')}, not "${format}".`);
  if (format !== undefined && format !== 'json' && (json === true || jq !== undefined))
    throw new UsageError(`-o ${format} and --${json === true ? 'json' : 'jq'} do not go together.`);
  if (typeof jq === 'string') return jqFormatter(jq);
  if (format === 'yaml') return yamlFormatter();
  if (format === 'name') return (value) => linesOf(namesIn(value));
  return json === true || format === 'json' ? jsonFormat : null;
}

// YAML and jq are loaded only when needed, so that most commands start faster.
async function yamlFormatter(): Promise<Formatter> {
  const { stringify } = await import('yaml');
  // Most readers support only YAML 1.1, in which `no` is false and `1:30` is 90.
  const options = { lineWidth: 0, compat: 'yaml-1.1' } as const;
  return (value, isLine) => `${isLine ? '---\n' : ''}${stringify(value, options)}`;
}

/** As `jq -r -c`: strings without quotes, everything else as JSON, one result per line. */
async function jqFormatter(typed: string): Promise<Formatter> {
  const { compile } = await import('@michaelhomer/jqjs');
  const filter = filterOf(() => compile(typed), typed);
  return (value) => {
    try {
      return linesOf(Array.from(filter(value), (one) => (typeof one === 'string' ? one : terminalJson(one))));
    } catch (error) {
      throw new CommandError(`jq: ${reasonOf(error)}.`, 'See the whole answer: --json');
    }
  };
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

// Completion candidates: commands, options and their values, and names from Buoy.
import type { Command, OptionSpec } from '../command.ts';
import { commonOptions, findCommand, optionOf } from '../parse-arguments.ts';
import { type KnownNames, namesFor } from './known-names.ts';
import { completionScripts } from './scripts.ts';

export type Candidate = { word: string; what?: string };
/** Stands for local file names, which the shell completes. */
export const FILES = 'files';
export type Candidates = Candidate[] | typeof FILES;

/** Sources of the candidates. */
export type Source = KnownNames & { commands: readonly Command[] };

/** @param words from the first after `buoy` to the one being typed */
export async function candidatesFor(words: readonly string[], source: Source): Promise<Candidates> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const found = await allCandidates(before, current, source);
  if (found === FILES) return FILES;
  const lower = current.toLowerCase();
  return found.filter(({ word }) => word.toLowerCase().startsWith(lower));
}

async function allCandidates(before: string[], current: string, source: Source): Promise<Candidates> {
  const { commands } = source;
  const shown = commands.filter(({ isHidden }) => isHidden !== true);
  const { name, rest } = nameApart(shown, before);
  const command = findCommand(shown, name.split(' '))?.command ?? null;
  const specs = { ...command?.options, ...commonOptions };
  const inside = /^(--[\w-]+)=(.*)$/.exec(current);
  if (inside !== null) {
    const [, flag = ''] = inside;
    const values = await valuesOf(optionNamed(specs, flag), rest, command, source);
    return values === FILES ? FILES : values.map((one) => ({ ...one, word: `${flag}=${one.word}` }));
  }
  if (rest.includes('--'))
    return command?.name === 'servers exec' ? [] : argumentsAt(command, rest, specs, source);
  const last = before.at(-1) ?? '';
  const open = last.startsWith('-') && !last.includes('=') ? optionNamed(specs, last) : null;
  if (open?.spec.type === 'string') return valuesOf(open, rest, command, source);
  if (current.startsWith('-'))
    return Object.entries(specs).map(([flag, { summary }]) => ({ word: `--${flag}`, what: summary }));
  if (command === null) return nextWords(shown, name, rest);
  return argumentsAt(command, rest, specs, source);
}

/** Splits the words into the command or group name, without options in between, and the rest. */
function nameApart(commands: readonly Command[], words: readonly string[]): { name: string; rest: string[] } {
  let name = '';
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const next = name === '' ? word : `${name} ${word}`;
    const isName = commands.some((one) => one.name === next || one.name.startsWith(`${next} `));
    const spec = optionOf(commonOptions, word);
    if (rest.every((one) => one.startsWith('-')) && isName) name = next;
    else if (rest.length === 0 && spec?.type === 'string' && !word.includes('=')) index += 1;
    else if (rest.length > 0 || spec === null) rest.push(word);
  }
  return { name, rest };
}

function nextWords(commands: readonly Command[], name: string, rest: readonly string[]): Candidate[] {
  if (rest.length > 0) return [];
  const prefix = name === '' ? '' : `${name} `;
  const words = new Map<string, string>();
  for (const one of commands) {
    if (!one.name.startsWith(prefix)) continue;
    const [word = '', ...further] = one.name.slice(prefix.length).split(' ');
    if (further.length === 0) words.set(word, one.summary);
    else if (!words.has(word)) words.set(word, '');
  }
  return [...words].map(([word, what]) => ({ word, what }));
}

type NamedOption = { name: string; spec: OptionSpec };

function optionNamed(specs: Readonly<Record<string, OptionSpec>>, flag: string): NamedOption | null {
  const spec = optionOf(specs, flag);
  const name = Object.keys(specs).find((one) => specs[one] === spec);
  return spec === null || name === undefined ? null : { name, spec };
}

/** The arguments given so far, by name. */
function givenIn(
  command: Command | null,
  rest: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
) {
  const given: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    const spec = word.startsWith('-') && word !== '--' ? optionOf(specs, word) : null;
    if (spec?.type === 'string' && !word.includes('=')) index += 1;
    else if (spec === null && word !== '--') given.push(word);
  }
  const names = (command?.args ?? []).map((pattern) => pattern.replace(/[?.]+$/, ''));
  const args = Object.fromEntries(names.map((name, index) => [name, given[index]]));
  return {
    args,
    next: names[given.length] ?? (command?.args?.at(-1)?.includes('...') ? names.at(-1) : undefined),
  };
}

async function argumentsAt(
  command: Command | null,
  rest: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
  source: Source,
): Promise<Candidates> {
  const { args, next } = givenIn(command, rest, specs);
  if (command === null || next === undefined) return [];
  if (next === 'shell') return Object.keys(completionScripts).map((word) => ({ word }));
  if (next === 'role') return [{ word: 'viewer' }, { word: 'admin' }];
  if (next === 'file' && command.name !== 'admin backups download') return FILES;
  const names = await namesFor(next, { command: command.name, args }, source);
  return rest.includes('--') ? names : withoutOptions(names);
}

/** The values of an option. */
async function valuesOf(
  option: NamedOption | null,
  rest: readonly string[],
  command: Command | null,
  source: Source,
): Promise<Candidates> {
  if (option === null) return [];
  const { name, spec } = option;
  if (spec.choices !== undefined) return spec.choices.map((word) => ({ word }));
  if (spec.value === 'FILE' || spec.value === 'PATH') return FILES;
  const { args } = givenIn(command, rest, { ...command?.options, ...commonOptions });
  if (name === 'profile') return namesFor('profile', { command: '', args }, source);
  const place = { command: command?.name ?? '', args };
  return withoutOptions(await namesFor((spec.value ?? '').toLowerCase(), place, source));
}

/** Anybody may share a server that is called like an option. */
function withoutOptions(names: readonly Candidate[]): Candidate[] {
  return names.filter(({ word }) => !word.startsWith('-'));
}

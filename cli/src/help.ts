// The help texts, generated from the commands.
import type { Command, OptionSpec } from './command.ts';
import { examples } from './commands/examples.ts';
import { groups } from './commands/groups.ts';
import { commonOptions, usageOf } from './parse-arguments.ts';

const INDENT = '  ';

export function helpOfAll(commands: readonly Command[]): string {
  return [
    'buoy: manage servers that run OpenClaw',
    '',
    'Usage: buoy COMMAND [OPTIONS]',
    '',
    ...listed(commands, 2),
    '',
    ...optionLines(commonOptions, 'Options of every command:'),
    '',
    'Exit codes: 0 success, 1 refused or failed, 2 wrong usage, 3 unreachable, 130 Ctrl-C.',
    'buoy --version shows the version; buoy COMMAND --help shows options and examples.',
    'BUOY_URL, BUOY_TOKEN and BUOY_PROFILE override the profile that `buoy login` saves.',
    '',
  ].join('\n');
}

/** The help of a command group such as `servers` or `openclaw agents`. */
export function helpOfGroup(name: string, commands: readonly Command[]): string {
  const summary = groups[name];
  return [
    ...(summary === undefined ? [] : [summary, '']),
    `Usage: buoy ${name} COMMAND [OPTIONS]`,
    '',
    ...listed(commands, Math.max(2, name.split(' ').length + 1)),
    '',
  ].join('\n');
}

export function helpOf(command: Command): string {
  return [
    command.summary,
    '',
    usageOf(command),
    '',
    ...optionLines({ ...command.options, ...commonOptions }, 'Options:'),
    '',
    ...exampleLines(command),
  ].join('\n');
}

function exampleLines({ name }: Command): string[] {
  const lines = examples[name] ?? [];
  return lines.length === 0 ? [] : ['Examples:', ...lines.map((line) => `${INDENT}${line}`), ''];
}

/** @param depth words of a name; longer names are folded into one line per group */
function listed(commands: readonly Command[], depth: number): string[] {
  const lines = new Map<string, string>();
  for (const { name, summary, isHidden } of commands) {
    if (isHidden === true) continue;
    const words = name.split(' ');
    if (words.length <= depth) lines.set(name, summary);
    else {
      const group = words.slice(0, depth).join(' ');
      lines.set(`${group} ...`, groups[group] ?? '');
    }
  }
  const width = Math.max(...[...lines.keys()].map((name) => name.length));
  return [...lines].map(([name, summary]) => `${INDENT}${name.padEnd(width)}  ${summary}`);
}

function optionLines(options: Readonly<Record<string, OptionSpec>>, title: string): string[] {
  const shown = Object.entries(options).map(([name, { value, short, summary }]) => ({
    flag: `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    summary,
  }));
  const width = Math.max(...shown.map(({ flag }) => flag.length));
  return [title, ...shown.map(({ flag, summary }) => `${INDENT}${flag.padEnd(width)}  ${summary}`)];
}

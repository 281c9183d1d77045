// What --help prints, made from the commands themselves.
import type { Command, OptionSpec } from './command.ts';
import { commonOptions, usageOf } from './parse-arguments.ts';

const INDENT = '  ';

export function helpOfAll(commands: readonly Command[]): string {
  return [
    'buoy: see and steer servers that run OpenClaw',
    '',
    'Usage: buoy COMMAND [OPTIONS]',
    '',
    ...listed(commands),
    '',
    ...optionLines(commonOptions, 'Options of every command:'),
    '',
    'Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not reachable.',
    'BUOY_URL, BUOY_TOKEN and BUOY_PROFILE stand in for the profile that `buoy login` keeps.',
    '',
  ].join('\n');
}

/** The verbs of one noun. */
export function helpOfNoun(noun: string, commands: readonly Command[]): string {
  return [`Usage: buoy ${noun} COMMAND [OPTIONS]`, '', ...listed(commands), ''].join('\n');
}

export function helpOf(command: Command): string {
  return [
    command.summary,
    '',
    usageOf(command),
    '',
    ...optionLines({ ...command.options, ...commonOptions }, 'Options:'),
    '',
  ].join('\n');
}

function listed(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return commands.map(({ name, summary }) => `${INDENT}${name.padEnd(width)}  ${summary}`);
}

function optionLines(options: Readonly<Record<string, OptionSpec>>, title: string): string[] {
  const shown = Object.entries(options).map(([name, { value, summary }]) => ({
    flag: `--${name}${value === undefined ? '' : ` ${value}`}`,
    summary,
  }));
  const width = Math.max(...shown.map(({ flag }) => flag.length));
  return [title, ...shown.map(({ flag, summary }) => `${INDENT}${flag.padEnd(width)}  ${summary}`)];
}

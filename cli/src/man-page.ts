// Manual pages, generated from the commands: one for the program and one for each command.
import type { Command, OptionSpec } from './command.ts';
import { examples } from './commands/examples.ts';
import { groups } from './commands/groups.ts';
import { commonOptions, usageOf } from './parse-arguments.ts';
import { version } from './version.ts';

export type ManPage = { file: string; text: string };

/** All pages, the program's page first. */
export function manPages(commands: readonly Command[]): ManPage[] {
  const shown = commands.filter(({ isHidden }) => isHidden !== true);
  return [
    { file: 'buoy.1', text: programPage(shown) },
    ...shown.map((command) => ({
      file: `${pageName(command.name)}.1`,
      text: commandPage(command),
    })),
  ];
}

/** Joined with hyphens, as `git-log` is the page of `git log`. */
function pageName(name: string): string {
  return ['buoy', ...name.split(' ')].join('-');
}

function programPage(commands: readonly Command[]): string {
  return page('buoy', 'manage servers that run OpenClaw', [
    section('SYNOPSIS', [bold('buoy'), ' ', italic('COMMAND'), ' [', italic('OPTIONS'), ']\n']),
    section(
      'COMMANDS',
      commands.map((one) => item(`buoy ${one.name}`, `${one.summary}. See ${pageName(one.name)}(1).`)),
    ),
    section('OPTIONS', optionItems(commonOptions)),
    section('ENVIRONMENT', [
      item('BUOY_URL, BUOY_TOKEN, BUOY_PROFILE', 'Override the profile that buoy login saves.'),
      item('NO_COLOR', 'Turns colours off.'),
    ]),
    section('EXIT STATUS', [
      item('0', 'Success.'),
      item('1', 'Refused or failed.'),
      item('2', 'Wrong usage.'),
      item('3', 'Buoy, the server or its gateway cannot be reached.'),
      item('130', 'Ctrl-C.'),
    ]),
  ]);
}

function commandPage(command: Command): string {
  const lines = examples[command.name] ?? [];
  const noun = command.name.split(' ').slice(0, -1).join(' ');
  const about = groups[noun];
  return page(pageName(command.name), lowerFirst(command.summary), [
    section('SYNOPSIS', [`${bold(usageOf(command).replace(/^Usage: /, ''))}\n`]),
    section('DESCRIPTION', [
      `${text(`${command.summary}.`)}\n`,
      ...(about === undefined ? [] : [`.PP\n${text(`${about}.`)}\n`]),
    ]),
    section('OPTIONS', optionItems({ ...command.options, ...commonOptions })),
    section('EXAMPLES', [`.nf\n${lines.map((line) => `${text(line)}\n`).join('')}.fi\n`]),
    section('SEE ALSO', [`${bold('buoy')}(1)\n`]),
  ]);
}

function page(name: string, what: string, sections: readonly string[]): string {
  return [
    `.TH "${name.toUpperCase()}" "1" "" "buoy ${version}" "Buoy"\n`,
    section('NAME', [`${text(name)} \\- ${text(what)}\n`]),
    ...sections,
  ].join('');
}

function section(title: string, parts: readonly string[]): string {
  return `.SH ${title}\n${parts.join('')}`;
}

function item(name: string, what: string): string {
  return `.TP\n${bold(name)}\n${text(what)}\n`;
}

function optionItems(options: Readonly<Record<string, OptionSpec>>): string[] {
  return Object.entries(options).map(([name, { value, short, summary }]) =>
    item(
      `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
      `${summary}.`,
    ),
  );
}

/** Characters that roff would typeset differently, and its escape character. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '~': '\\(ti',
  '^': '\\(ha',
};

function bold(words: string): string {
  return `\\fB${inner(words)}\\fR`;
}

function italic(words: string): string {
  return `\\fI${inner(words)}\\fR`;
}

/** A line of text: a leading dot or quote would be a roff request. */
function text(line: string): string {
  const escaped = inner(line);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function inner(words: string): string {
  const escaped = words.replace(/[\\\-'`~^]/g, (character) => ESCAPES[character] ?? character);
  // Plain roff reads only ASCII.
  return escaped.replace(/[^\x20-\x7e]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `\\[u${code}]`;
  });
}

function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

// Completion for shells: words of commands and options; the shell asks `buoy` for none at run time, so it is instant.
import { arg, type Command, UsageError } from '../command.ts';
import { commonOptions } from '../parse-arguments.ts';
import { commands } from './all.ts';

type Words = {
  /** What may come after the words of the key, which is empty at the beginning of the line. */
  next: ReadonlyMap<string, readonly string[]>;
  /** The longest name first: each is looked for at the beginning of a line. */
  options: ReadonlyArray<readonly [name: string, flags: readonly string[]]>;
};

function words(): Words {
  const next = new Map<string, string[]>();
  for (const { name } of commands)
    name.split(' ').forEach((word, index, all) => {
      const before = all.slice(0, index).join(' ');
      const known = next.get(before) ?? [];
      if (!known.includes(word)) next.set(before, [...known, word]);
    });
  const options = commands
    .map(({ name, options: own }) => {
      const flags = Object.keys({ ...own, ...commonOptions }).map((option) => `--${option}`);
      return [name, flags] as const;
    })
    .toSorted(([one], [other]) => other.length - one.length);
  return { next, options };
}

function bash(): string {
  const { next, options } = words();
  return [
    '_buoy() {',
    `  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[*]:1:COMP_CWORD-1}" choices=""`,
    '  if [[ $current == -* ]]; then',
    '    case "$before " in',
    ...options.map(([name, flags]) => `      "${name} "*) choices="${flags.join(' ')}" ;;`),
    '    esac',
    '  else',
    '    case "$before" in',
    ...[...next].map(([before, own]) => `      "${before}") choices="${own.join(' ')}" ;;`),
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$choices" -- "$current"))',
    '}',
    'complete -F _buoy buoy',
    '',
  ].join('\n');
}

function zsh(): string {
  return ['autoload -U +X bashcompinit && bashcompinit', bash()].join('\n');
}

function fish(): string {
  const lines = [...words().next].map(([before, own]) => {
    const line = ['buoy', before].join(' ').trim();
    return `complete -c buoy -n 'test (string join " " (commandline -opc)) = "${line}"' -f -a '${own.join(' ')}'`;
  });
  return [...lines, ''].join('\n');
}

const shells: Record<string, () => string> = { bash, zsh, fish };

export const completionCommands: readonly Command[] = [
  {
    name: 'completion',
    summary: 'Completion for your shell: source <(buoy completion bash)',
    args: ['shell'],
    run: async (context) => {
      const shell = shells[arg(context, 'shell')];
      if (shell === undefined) throw new UsageError(`SHELL is one of ${Object.keys(shells).join(', ')}.`);
      context.output.text(shell());
    },
  },
];

// Completion for shells: words of commands and options; the shell asks `buoy` for none at run time, so it is instant.
import { arg, type Command, UsageError } from '../command.ts';
import { commonOptions } from '../parse-arguments.ts';
import { commands } from './all.ts';

type Words = { nouns: string[]; verbs: Map<string, string[]>; options: Map<string, string[]> };

function words(): Words {
  const verbs = new Map<string, string[]>();
  const options = new Map<string, string[]>();
  for (const { name, options: own } of commands) {
    const [noun = '', verb] = name.split(' ');
    if (verb !== undefined) verbs.set(noun, [...(verbs.get(noun) ?? []), verb]);
    options.set(
      name,
      Object.keys({ ...own, ...commonOptions }).map((option) => `--${option}`),
    );
  }
  return { nouns: [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))], verbs, options };
}

function bash(): string {
  const { nouns, verbs, options } = words();
  return [
    '_buoy() {',
    `  local current="\${COMP_WORDS[COMP_CWORD]}" choices=""`,
    '  if [[ $current == -* ]]; then',
    `    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in`,
    ...[...options].map(
      ([name, flags]) =>
        `      "${name.includes(' ') ? name : `${name} `}"*) choices="${flags.join(' ')}" ;;`,
    ),
    '    esac',
    `  elif [[ $COMP_CWORD == 1 ]]; then choices="${nouns.join(' ')}"`,
    '  elif [[ $COMP_CWORD == 2 ]]; then',
    `    case "\${COMP_WORDS[1]}" in`,
    ...[...verbs].map(([noun, own]) => `      ${noun}) choices="${own.join(' ')}" ;;`),
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
  const { nouns, verbs } = words();
  const first = nouns.map((noun) => `complete -c buoy -n __fish_use_subcommand -f -a ${noun}`);
  const second = [...verbs].flatMap(([noun, own]) =>
    own.map((verb) => `complete -c buoy -n "__fish_seen_subcommand_from ${noun}" -f -a ${verb}`),
  );
  return [...first, ...second, ''].join('\n');
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
      context.terminal.out(shell());
    },
  },
];

// Completion: the script for a shell, and the hidden command that the script calls.
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { candidatesFor, FILES } from '../completion/candidates.ts';
import { completionScripts } from '../completion/scripts.ts';
import { shellWords } from '../completion/shell-words.ts';
import { cleanLine } from '../output/terminal-text.ts';

/** Milliseconds after which completion gives up and offers nothing. */
const MAX_WAIT_MS = 2_000;
/** Upper bound of offered words: nobody reads more. */
const MAX_WORDS = 500;

async function script(context: Context & Args<'shell'>): Promise<void> {
  const text = completionScripts[arg(context, 'shell')];
  if (text === undefined)
    throw new UsageError(`SHELL is one of ${Object.keys(completionScripts).join(', ')}.`);
  context.output.text(text);
}

/** Prints no errors: they would appear in the middle of the line being typed. */
async function complete(context: Context & Texts<'breaks'> & Flags<'line'>): Promise<void> {
  const { rest, terminal, output, commands } = context;
  const typed = isSet(context, 'line') ? shellWords(rest[0] ?? '').slice(1) : rest;
  const source = {
    commands,
    api: context.api,
    profiles: () => context.profiles.list().map(({ name }) => name),
  };
  const tooLate = new AbortController();
  const found = await Promise.race([
    candidatesFor(typed, source).catch(() => []),
    terminal.pause(maxWaitMs(terminal.environment), tooLate.signal).then(() => []),
  ]);
  tooLate.abort();
  if (found === FILES) return output.text(':files\n');
  const skipped = brokenOff(context, typed.at(-1) ?? '');
  for (const { word, what = '' } of found.slice(0, MAX_WORDS)) {
    const seen = cleanLine(word);
    // Words that a shell or terminal would show or read differently are not offered.
    if (seen === word) output.text(`${word.slice(skipped)}\t${cleanLine(what)}\n`);
  }
}

/** Reads BUOY_COMPLETION_MS, for slow connections to Buoy. */
function maxWaitMs({ BUOY_COMPLETION_MS: typed }: Readonly<Record<string, string | undefined>>): number {
  return /^\d{1,6}$/.test(typed ?? '') ? Number(typed) : MAX_WAIT_MS;
}

/** Length of the part that bash treats as earlier words: it breaks at the characters of COMP_WORDBREAKS. */
function brokenOff(context: Context & Texts<'breaks'>, word: string): number {
  const breaks = textOption(context, 'breaks') ?? '';
  return Math.max(
    0,
    ...[':', '='].filter((one) => breaks.includes(one)).map((one) => word.lastIndexOf(one) + 1),
  );
}

export const completionCommands: readonly Command[] = [
  command({
    name: 'completion',
    summary: 'Print the completion script of your shell: source <(buoy completion bash)',
    args: ['shell'],
    run: script,
  }),
  command({
    name: '__complete',
    summary: 'Print what may come next; called by the completion script',
    isHidden: true,
    args: ['words...'],
    options: {
      line: { type: 'boolean', summary: 'WORDS is the whole line up to the cursor' },
      breaks: { type: 'string', value: 'CHARACTERS', summary: 'Characters at which the shell breaks words' },
    },
    run: complete,
  }),
];

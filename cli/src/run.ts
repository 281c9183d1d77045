// One command line from its words to its exit code; what goes wrong is said as: what, why, what to do next.
import { ApiError, type Client, createClient } from '@buoy/contract/client';
import { type Command, CommandError, type Context, exitCodes, UsageError } from './command.ts';
import { commands } from './commands/all.ts';
import { helpOf, helpOfAll, helpOfNoun } from './help.ts';
import { createOutput, type Output } from './output/output.ts';
import { findCommand, nearest, parseArguments } from './parse-arguments.ts';
import { openProfiles, type Profile, type Profiles } from './profiles.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Never throws for what a person or a server did wrong. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  // Whether or not the line is understood: a script that asked for JSON gets its errors so.
  const output = createOutput(terminal, words.includes('--json'));
  try {
    return await runWords(words, terminal, output);
  } catch (error) {
    return report(error, terminal, output);
  }
}

async function runWords(words: readonly string[], terminal: Terminal, output: Output): Promise<number> {
  const [first = '--help', second] = words;
  if (first === '--version') {
    output.result({ version }, () => output.line(version));
    return 0;
  }
  const ofNoun = commands.filter(({ name }) => name.startsWith(`${first} `));
  const wantsHelp = words.includes('--help') && !isRestOf(words);
  if (first === '--help' || first === 'help') {
    terminal.out(helpOfAll(commands));
    return 0;
  }
  const found = findCommand(commands, words);
  if (found === null) {
    if (ofNoun.length > 0 && (second === undefined || second === '--help')) {
      terminal.out(helpOfNoun(first, ofNoun));
      return second === undefined ? exitCodes.usage : 0;
    }
    throw unknownCommand(words, ofNoun);
  }
  const { command } = found;
  if (wantsHelp) {
    terminal.out(helpOf(command));
    return 0;
  }
  const parsed = parseArguments(command, found.words);
  const { profile } = parsed.options;
  const profiles = openProfiles(terminal.environment, typeof profile === 'string' ? profile : undefined);
  const context: Context = {
    ...parsed,
    terminal,
    output: createOutput(terminal, parsed.options.json === true),
    profiles,
    profile: () => signedInProfile(profiles),
    api: () => clientOf(signedInProfile(profiles), terminal),
    openStream: (path, options) => openStream(signedInProfile(profiles), terminal, path, options),
  };
  return (await command.run(context)) ?? 0;
}

/** `buoy servers exec web -- ls --help` asks for the help of another program. */
function isRestOf(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return end !== -1 && words.indexOf('--help') > end;
}

function unknownCommand(words: readonly string[], ofNoun: readonly Command[]): UsageError {
  const said = words.slice(0, ofNoun.length > 0 ? 2 : 1).join(' ');
  const near =
    nearest(
      words.slice(0, 2).join(' '),
      commands.map(({ name }) => name),
    ) ?? nearest(words[0] ?? '', [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))]);
  return new UsageError(
    `"${said}" is no command.`,
    near === null ? 'See buoy --help' : `Did you mean: buoy ${near}`,
  );
}

function signedInProfile(profiles: Profiles): Profile {
  const profile = profiles.find();
  if (profile !== null) return profile;
  const url = profiles.url();
  throw new CommandError(
    url === null ? 'You are not signed in to any Buoy.' : `You are not signed in to ${url}.`,
    `Sign in: buoy login ${url ?? 'URL'}`,
  );
}

function clientOf({ url, token }: Profile, terminal: Terminal): Client {
  return createClient({ baseUrl: `${url}/api`, token: () => token, fetch: terminal.fetch });
}

async function openStream(
  { url, token }: Profile,
  terminal: Terminal,
  path: string,
  { lastEventId, signal }: { lastEventId: string | null; signal: AbortSignal },
): Promise<Response> {
  const response = await terminal.fetch(`${url}/api${path}`, {
    signal,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, {
    error: `The server answered ${response.status} without a reason.`,
    ...problem,
  });
}

/** Codes of answers that say: the managed server, or the way to it, is not there. */
const unreachableStatuses = [503, 504];

function report(error: unknown, terminal: Terminal, output: Output): number {
  const failure = failureOf(error, terminal);
  if (failure === null) throw error;
  const { message, hint, code, exit, requestId } = failure;
  if (output.json) terminal.err(`${JSON.stringify({ error: message, code, hint, requestId })}\n`);
  else {
    output.note(`buoy: ${message}`);
    if (hint !== null) output.note(`  ${hint}`);
    if (requestId !== null) output.note(`  Request id: ${requestId}`);
  }
  return exit;
}

type Failure = {
  message: string;
  hint: string | null;
  code: string;
  exit: number;
  requestId: string | null;
};

function failureOf(error: unknown, terminal: Terminal): Failure | null {
  const own = { code: 'cli', requestId: null };
  if (error instanceof UsageError)
    return { ...own, message: error.message, hint: error.hint, exit: exitCodes.usage };
  if (error instanceof CommandError)
    return { ...own, message: error.message, hint: error.hint, exit: exitCodes.failed };
  if (error instanceof ApiError)
    return {
      message: `${error.message}${issuesIn(error.details)}`,
      hint: error.status === 401 ? 'Sign in again: buoy login' : error.hint,
      code: error.code,
      exit: unreachableStatuses.includes(error.status) ? exitCodes.unreachable : exitCodes.failed,
      requestId: error.requestId,
    };
  if (terminal.signal.aborted) return { ...own, message: 'Stopped.', hint: null, exit: exitCodes.failed };
  // What fetch throws when nobody answers (https://fetch.spec.whatwg.org/#fetch-api).
  if (error instanceof TypeError && /fetch|network|terminated/i.test(error.message)) {
    const cause = (error.cause as { code?: string } | undefined)?.code;
    return {
      ...own,
      message: `Buoy does not answer${cause === undefined ? '' : ` (${cause})`}.`,
      hint: 'Is the address right, and is Buoy running there? See buoy whoami',
      code: 'network',
      exit: exitCodes.unreachable,
    };
  }
  return null;
}

/** The fields of a 400 that the server names. */
function issuesIn(details: unknown): string {
  if (!Array.isArray(details)) return '';
  const issues = details.flatMap((one: unknown) =>
    typeof one === 'object' && one !== null && 'message' in one
      ? [`${'path' in one && one.path ? `${String(one.path)} ` : ''}${String(one.message)}`]
      : [],
  );
  return issues.length === 0 ? '' : ` ${issues.join('; ')}.`;
}

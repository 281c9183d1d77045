// One command line from its words to its exit code; what goes wrong is said as: what, why, what to do next.
import { ApiError, type Client, createClient } from '@buoy/contract/client';
import { CommandError, type Context, exitCodes, UsageError } from './command.ts';
import { commands } from './commands/all.ts';
import { helpOf, helpOfAll, helpOfGroup } from './help.ts';
import { createOutput, type Output } from './output/output.ts';
import { findCommand, groupIn, nearestCommand, ownWords, parseArguments } from './parse-arguments.ts';
import { patientFetch } from './patient-fetch.ts';
import { openProfiles, type Profile, type Profiles } from './profiles.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Never throws for what a person or a server did wrong. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  // Whether or not the line is understood: a script that asked for JSON gets its errors so.
  const isJson = words.includes('--json');
  try {
    return await runWords(words, terminal);
  } catch (error) {
    return report(error, terminal, createOutput(terminal, isJson));
  }
}

async function runWords(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first = '--help'] = words;
  if (first === '--version') {
    terminal.out(`${words.includes('--json') ? JSON.stringify({ version }) : version}\n`);
    return 0;
  }
  if (isHelp(first) || first === 'help') {
    terminal.out(helpOfAll(commands));
    return 0;
  }
  const found = findCommand(commands, words);
  if (found === null) {
    const group = groupIn(commands, words);
    if (group === null || (group.next !== undefined && !isHelp(group.next)))
      throw unknownCommand(words, group?.name ?? null);
    terminal.out(helpOfGroup(group.name, group.commands));
    return group.next === undefined ? exitCodes.usage : 0;
  }
  const { command } = found;
  if (ownWords(command, found.words).some(isHelp)) {
    terminal.out(helpOf(command));
    return 0;
  }
  const parsed = parseArguments(command, found.words);
  const { profile } = parsed.options;
  const profiles = openProfiles(terminal.environment, typeof profile === 'string' ? profile : undefined);
  const output = createOutput(terminal, parsed.options.json === true);
  const context: Context = {
    ...parsed,
    terminal,
    output,
    profiles,
    profile: () => signedInProfile(profiles),
    api: () => clientOf(signedInProfile(profiles), patientFetch(terminal, output)),
    openStream: (path, options) => openStream(signedInProfile(profiles), terminal, path, options),
  };
  return (await command.run(context)) ?? 0;
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function unknownCommand(words: readonly string[], group: string | null): UsageError {
  const said = words.slice(0, (group?.split(' ').length ?? 0) + 1).join(' ');
  const near = nearestCommand(words, commands);
  return new UsageError(
    `"${said}" is no command.`,
    near === null ? `See buoy ${group === null ? '' : `${group} `}--help` : `Did you mean: buoy ${near}`,
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

function clientOf({ url, token }: Profile, fetch: typeof globalThis.fetch): Client {
  return createClient({ baseUrl: `${url}/api`, token: () => token, fetch });
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
    return { ...own, code: error.code, message: error.message, hint: error.hint, exit: exitCodes.failed };
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

/** What the server names one by one: the fields of a 400, what OpenClaw finds wrong in a config, its own words. */
function issuesIn(details: unknown): string {
  const { issues = details, openclaw } = isObject(details) ? details : {};
  const listed = (Array.isArray(issues) ? issues : []).flatMap((one: unknown) =>
    isObject(one) && 'message' in one
      ? [`${one.path ? `${String(one.path)} ` : ''}${String(one.message)}`]
      : [],
  );
  const said = isObject(openclaw) && typeof openclaw.message === 'string' ? [openclaw.message] : [];
  const all = listed.length > 0 ? listed : said;
  return all.length === 0 ? '' : ` ${all.join('; ').replace(/\.$/, '')}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

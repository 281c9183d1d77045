// Runs one command line and returns its exit code. Errors say what failed, why, and what to do next.
import { ApiError, createClient } from '@buoy/contract/client';
import { buoyFetch } from './buoy-fetch.ts';
import { CommandError, type Context, exitCodes, UsageError } from './command.ts';
import { commands } from './commands/all.ts';
import { debugged } from './debug-fetch.ts';
import { failureOf } from './failure-of.ts';
import { helpOf, helpOfAll, helpOfGroup } from './help.ts';
import { formatterIn, jsonFormat } from './output/formats.ts';
import { createOutput, type Output } from './output/output.ts';
import { cleanLine } from './output/terminal-text.ts';
import {
  commonApart,
  findCommand,
  groupIn,
  nearestCommand,
  ownWords,
  parseArguments,
} from './parse-arguments.ts';
import { loginCommand, openProfiles, type Profile, type Profiles } from './profiles.ts';
import { signedInFetch } from './session.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Does not throw for errors of the person or of a server. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  // Checked before parsing: a script that asked for JSON gets parse errors as JSON too.
  const isJson = words.some((word) => /^--(json|jq)\b/.test(word));
  const exit = await runWords(words, terminal).catch((error: unknown) =>
    report(error, terminal, createOutput(terminal, { format: isJson ? jsonFormat : null })),
  );
  // Always 130 after Ctrl-C, so that a script can tell an interruption from a failure.
  return terminal.signal.aborted ? exitCodes.interrupted : exit;
}

async function runWords(typed: readonly string[], ownTerminal: Terminal): Promise<number> {
  const asked = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  const { options, words } = commonApart(commands, asked);
  const [first] = words;
  if (first !== undefined && ['--version', '-V', 'version'].includes(first)) {
    ownTerminal.out(`${typed.includes('--json') ? JSON.stringify({ version }) : version}\n`);
    return 0;
  }
  const wantsHelp = options.some(isHelp);
  if (typed.length === 0 || (first === undefined && wantsHelp)) {
    ownTerminal.out(helpOfAll(commands));
    return 0;
  }
  if (first === undefined) throw new UsageError('COMMAND is missing.', 'See buoy --help');
  const found = findCommand(commands, words);
  if (found === null) {
    const group = groupIn(commands, words);
    if (group === null || (group.next !== undefined && !wantsHelp))
      throw unknownCommand(words, group?.name ?? null);
    ownTerminal.out(helpOfGroup(group.name, group.commands));
    return wantsHelp ? 0 : exitCodes.usage;
  }
  const { command } = found;
  const given = [...options, ...found.words];
  if (ownWords(command, given).some(isHelp)) {
    ownTerminal.out(helpOf(command));
    return 0;
  }
  const parsed = parseArguments(command, given);
  const { profile } = parsed.options;
  if (profile === '') throw new UsageError('--profile needs a name.', 'List them: buoy profiles list');
  const profiles = openProfiles(ownTerminal.environment, typeof profile === 'string' ? profile : undefined);
  const { raw, debug } = parsed.options;
  const terminal = debug === true ? debugged(ownTerminal) : ownTerminal;
  const callerId = async () => (await context.api()('GET /me')).user.id;
  const format = await formatterIn(parsed.options, callerId);
  const output = createOutput(terminal, { format, raw: raw === true });
  const send = buoyFetch(terminal, output);
  const fetchAs = (profile: Profile) => signedInFetch(profile, { profiles, terminal, send });
  const context: Context = {
    ...parsed,
    commands,
    terminal: { ...terminal, ask: (question, how) => terminal.ask(cleanLine(question), how) },
    output,
    profiles,
    profile: () => signedInProfile(profiles),
    api() {
      const profile = signedInProfile(profiles);
      return createClient({ baseUrl: `${profile.url}/api`, token: () => null, fetch: fetchAs(profile) });
    },
    send(path, init) {
      const profile = signedInProfile(profiles);
      return fetchAs(profile)(`${profile.url}/api${path}`, init);
    },
    openStream: (path, options) => openStream((init) => context.send(path, init), options),
  };
  const exit = (await command.run(context)) ?? 0;
  await output.end();
  return exit;
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function unknownCommand(words: readonly string[], group: string | null): UsageError {
  const said = words.slice(0, (group?.split(' ').length ?? 0) + 1).join(' ');
  const near = nearestCommand(words, commands);
  return new UsageError(
    `"${said}" is not a command.`,
    near === null ? `See buoy ${group === null ? '' : `${group} `}--help` : `Did you mean: buoy ${near}`,
  );
}

function signedInProfile(profiles: Profiles): Profile {
  const profile = profiles.find();
  if (profile !== null && !/^[\x21-\x7e]+$/.test(profile.token))
    throw new CommandError(
      'BUOY_TOKEN does not contain a valid token.',
      'Create one: buoy tokens create NAME',
    );
  if (profile !== null) return profile;
  const url = profiles.url();
  throw new CommandError(
    url === null ? 'You are not signed in to any Buoy.' : `You are not signed in to ${url}.`,
    `Sign in: ${loginCommand(profiles)}`,
  );
}

async function openStream(
  send: (init: RequestInit) => Promise<Response>,
  { lastEventId, signal }: { lastEventId: string | null; signal: AbortSignal },
): Promise<Response> {
  const response = await send({
    signal,
    headers: {
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

function report(error: unknown, terminal: Terminal, output: Output): number {
  const failure = failureOf(error, terminal);
  if (failure === null) throw error;
  const { message, hint, code, exit, requestId } = failure;
  // The terminal has printed ^C without a line end.
  if (terminal.signal.aborted && terminal.isErrTty) terminal.err('\n');
  if (output.json) output.jsonNote({ error: message, code, hint, requestId });
  else {
    output.note(`buoy: ${message}`);
    if (hint !== null) output.note(`  ${hint}`);
    if (requestId !== null) output.note(`  Request id: ${requestId}`);
  }
  return exit;
}

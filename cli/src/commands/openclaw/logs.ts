// The log of a gateway: its last lines, or live with --follow.
import type { LogLevel, LogLine } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
} from '../../command.ts';
import { followStream } from '../../follow-stream.ts';
import type { Colour } from '../../output/output.ts';
import { rawOption } from '../../raw-option.ts';
import { serverIn } from '../../resolve-server.ts';
import { sinceIn, sinceOption } from '../../since.ts';
import { noteSource } from '../../source-note.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LogLevel[];
const colours: Partial<Record<LogLevel, Colour>> = {
  trace: 'dim',
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};

const LINES = 200;
/** Limits of the API: lines per call, and lines at the beginning of a stream. */
const MAX_LINES = 2_000;
const MAX_LINES_BEFORE = 500;

async function logs(
  context: Context & Args<'server'> & Texts<'grep' | 'level' | 'lines' | 'since'> & Flags<'follow'>,
): Promise<void> {
  const { output } = context;
  const level = choiceOption(context, 'level', levels);
  const grep = textOption(context, 'grep');
  const since = sinceIn(context);
  if (isSet(context, 'follow')) return follow(context, { level, grep, since });
  const { api, id } = await serverIn(context);
  const lines = numberOption(context, 'lines', 1, MAX_LINES) ?? (since === undefined ? LINES : MAX_LINES);
  const read = await api('GET /servers/:id/openclaw/logs', {
    params: { id },
    query: { lines, level, q: grep },
  });
  const isWanted = isSince(since);
  const answer = { ...read, logs: { ...read.logs, lines: read.logs.lines.filter(isWanted) } };
  output.result(answer, () => {
    noteSource(context, answer);
    for (const line of answer.logs.lines) output.text(`${lineText(context, line)}\n`);
    if (answer.logs.lines.length === 0) output.note('No lines.');
  });
}

/** Keeps lines without a time: they may belong to the previous line. */
function isSince(since: number | undefined): (line: LogLine) => boolean {
  return ({ at }) => since === undefined || at === null || Date.parse(at) >= since;
}

/** Follows until Ctrl-C; with --json, prints one object per line. */
async function follow(
  context: Context & Args<'server'> & Texts<'lines'>,
  {
    level,
    grep,
    since,
  }: { level: LogLevel | undefined; grep: string | undefined; since: number | undefined },
): Promise<void> {
  const { output } = context;
  const lines =
    numberOption(context, 'lines', 0, MAX_LINES_BEFORE) ?? (since === undefined ? 10 : MAX_LINES_BEFORE);
  const { id } = await serverIn(context);
  const isWanted = (line: LogLine): boolean =>
    isSince(since)(line) &&
    (level === undefined || line.level === null || levels.indexOf(line.level) >= levels.indexOf(level)) &&
    (grep === undefined ||
      `${line.subsystem ?? ''} ${line.message}`.toLowerCase().includes(grep.toLowerCase()));
  let isGapReported = false;
  await followStream(context, `/servers/${encodeURIComponent(id)}/openclaw/logs/stream?lines=${lines}`, {
    onEvent(event, data) {
      if (event === 'line') {
        isGapReported = false;
        const line = data as LogLine;
        if (!isWanted(line)) return false;
        if (output.json) output.jsonLine(line);
        else output.text(`${lineText(context, line)}\n`);
      } else if (event === 'reset') output.note(output.colour('dim', 'Lines may be missing here.'));
      // Printed once until lines arrive again: the server reports every attempt.
      else if (event === 'gap' && !isGapReported) {
        isGapReported = true;
        output.note(output.colour('yellow', (data as { message: string }).message));
      }
      return false;
    },
  });
}

function lineText({ output }: Context, { at, level, subsystem, message }: LogLine): string {
  const colour = level === null ? undefined : colours[level];
  const word = level === null ? '' : `${level.toUpperCase().padEnd(5)} `;
  return `${output.colour('dim', at ?? '-')} ${colour === undefined ? word : output.colour(colour, word)}${subsystem === null ? '' : `${subsystem}: `}${message}`;
}

export const logCommands: readonly Command[] = [
  command({
    name: 'openclaw logs',
    summary: 'Print the last log lines of the gateway, newest last',
    args: ['server'],
    options: {
      follow: { type: 'boolean', short: 'f', summary: 'Print new lines as they come, until Ctrl-C' },
      lines: {
        type: 'string',
        value: 'NUMBER',
        summary: 'Maximum number of lines (default 200; 10 with --follow, all with --since)',
      },
      since: sinceOption,
      level: {
        type: 'string',
        value: 'LEVEL',
        choices: levels,
        summary: `This level and worse: ${levels.join(', ')}`,
      },
      grep: { type: 'string', value: 'TEXT', summary: 'Only lines with this text, in upper or lower case' },
      raw: rawOption,
    },
    run: logs,
  }),
];

// Sends a message to an agent.
import {
  type Args,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  UsageError,
} from '../../command.ts';
import { followTurn } from '../../follow-turn.ts';
import { commandLine } from '../../output/command-line.ts';
import { sessionIn } from './choose-session.ts';

async function send(
  context: Context & Args<'server' | 'session' | 'text'> & Flags<'no-wait'>,
): Promise<number | undefined> {
  const { output, terminal, args } = context;
  const { api, params, key } = await sessionIn(context);
  const text = args.text === undefined || args.text === '-' ? await terminal.readStdin() : args.text;
  if (text.trim() === '') throw new UsageError('TEXT is empty.', 'Give it in quotes, or on standard input.');
  const messagesCommand = commandLine('buoy', 'openclaw', 'sessions', 'messages', params.id, key);
  if (isSet(context, 'no-wait')) {
    const answer = await api('POST /servers/:id/openclaw/sessions/:key/messages', { params, body: { text } });
    output.result(answer, () => output.line(`Sent. See the answer: ${messagesCommand}`));
    return undefined;
  }
  const turn = await followTurn(context, { serverId: params.id, key, text });
  output.result(turn, () => {
    if (turn.state === 'aborted') output.note('buoy: the answer was stopped.');
    if (turn.state === 'final' && !turn.text)
      output.note(
        `buoy: no separate answer: the message joined the turn that was running. See ${messagesCommand}`,
      );
    if (turn.state === 'error')
      output.note(`buoy: the agent failed: ${turn.error ?? 'OpenClaw gave no reason.'}`);
  });
  return turn.state === 'final' ? undefined : 1;
}

export const sendCommands: readonly Command[] = [
  command({
    name: 'openclaw sessions send',
    summary: 'Send a message to the agent and follow its answer; TEXT or standard input',
    args: ['server', 'session', 'text?'],
    options: { 'no-wait': { type: 'boolean', summary: 'Do not wait for the answer' } },
    run: send,
  }),
];

// A shell on a server in this terminal, through Buoy: for people without a key or a network route to it.
import type { TerminalServerFrame } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { type ErrorCode, errorStatus } from '@buoy/contract/errors';
import type { WebSocket } from 'ws';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  command,
  exitCodes,
  UsageError,
} from '../command.ts';
import { serverIn } from '../resolve-server.ts';
import type { Keyboard } from '../terminal.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
/** Bytes per input frame; the server accepts four times as many. */
const INPUT_BYTES = 16_384;

async function terminal(context: Context & Args<'server'>): Promise<number> {
  const { terminal: own, output } = context;
  if (!own.canAsk || !own.isTty)
    throw new UsageError(
      'This command needs a terminal.',
      'In a script: buoy servers exec SERVER -- COMMAND',
    );
  if (output.json) throw new UsageError('A remote shell has no result to print.');
  const { api, id } = await serverIn(context);
  const { ticket } = await api('POST /servers/:id/terminal/ticket', { params: { id } });
  const { WebSocket: Socket } = await import('ws');
  const keyboard = own.takeKeyboard();
  try {
    const url = new URL(`${context.profile().url}/api/servers/${encodeURIComponent(id)}/terminal`);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const { columns, rows } = keyboard.size();
    for (const [name, value] of Object.entries({ ticket: ticket.value, columns, rows }))
      url.searchParams.set(name, String(value));
    return await relay(context, new Socket(url, { followRedirects: false }), keyboard);
  } finally {
    keyboard.release();
  }
}

/** Relays until the shell ends, and returns its exit code. @throws ApiError, CommandError when the connection is lost */
function relay({ terminal: own }: Context, socket: WebSocket, keyboard: Keyboard): Promise<number> {
  return new Promise((resolve, reject) => {
    let shown = 0;
    let isReady = false;
    const lost = () => reject(new CommandError('The connection to Buoy was lost.', null, 'network'));
    let silenceTimer = setTimeout(() => socket.terminate(), SILENCE_MS);
    const sendFrame = (frame: object) => socket.send(JSON.stringify(frame));
    keyboard.onKeys((bytes) => {
      if (isReady)
        for (let at = 0; at < bytes.length; at += INPUT_BYTES)
          socket.send(bytes.subarray(at, at + INPUT_BYTES));
    });
    keyboard.onResize(() => {
      if (isReady) sendFrame({ type: 'resize', ...keyboard.size() });
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      clearTimeout(silenceTimer);
      silenceTimer = setTimeout(() => socket.terminate(), SILENCE_MS);
      if (isBinary) {
        own.write('out', data);
        shown += data.length;
        return sendFrame({ type: 'ack', bytes: shown });
      }
      const frame = JSON.parse(data.toString('utf8')) as TerminalServerFrame;
      if (frame.type === 'ready') isReady = true;
      else if (frame.type === 'exit') resolve(frame.exitCode ?? exitCodes.failed);
      else if (frame.type === 'error') {
        const code = frame.code as ErrorCode;
        reject(new ApiError(errorStatus[code] ?? 500, { ...frame, code }));
      }
    });
    socket.on('error', lost);
    socket.on('close', () => {
      clearTimeout(silenceTimer);
      // No effect after the shell has reported its exit.
      lost();
    });
  });
}

export const terminalCommands: readonly Command[] = [
  command({
    name: 'servers terminal',
    summary: 'Open a shell on a server in this terminal, through Buoy',
    args: ['server'],
    run: terminal,
  }),
];

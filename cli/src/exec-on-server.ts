// Runs a command on a server through Buoy, and reports its output as it arrives.
import { ApiError } from '@buoy/contract/client';
import { readEventStream } from '@buoy/contract/event-stream';
import { CommandError, type Context } from './command.ts';

export type Execution = ({ command: string } | { argv: string[] }) & { stdin?: string; timeoutS: number };
export type ExecResult = {
  exitCode: number | null;
  signal: string | null;
  truncated: boolean;
  durationMs: number;
};
export type OnBytes = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;

/** @throws ApiError when Buoy or the server refuses; CommandError when the connection to Buoy ends before the command */
export async function execOnServer(
  { send, terminal }: Pick<Context, 'send' | 'terminal'>,
  serverId: string,
  execution: Execution,
  onBytes: OnBytes,
): Promise<ExecResult> {
  const response = await send(`/servers/${encodeURIComponent(serverId)}/exec/stream`, {
    method: 'POST',
    signal: terminal.signal,
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify(execution),
  });
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as { error?: string } | null;
    throw new ApiError(response.status, {
      error: `The server answered ${response.status} without a reason.`,
      ...problem,
    });
  }
  if (response.body !== null)
    for await (const { event, data } of readEventStream(response.body)) {
      const value = JSON.parse(data);
      // Output of an unknown stream would reach the terminal uncleaned.
      if (event === 'output')
        onBytes(value.stream === 'stdout' ? 'stdout' : 'stderr', Buffer.from(value.data, 'base64'));
      else if (event === 'exit') return value as ExecResult;
      else if (event === 'failed') {
        const { status, ...problem } = value as { status: number; error: string };
        throw new ApiError(status, { ...problem, requestId: response.headers.get('x-request-id') ?? '' });
      }
    }
  throw new CommandError(
    'The connection to Buoy ended before the command did.',
    'Check on the server whether it took effect before you run it again.',
    'network',
  );
}

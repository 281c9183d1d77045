// One terminal connection: ticket, WebSocket, bytes in both directions, and one end with its reason.
import type { Problem } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { API_ROOT, type Api } from '../../api.ts';
import { parseServerFrame } from './terminal-frames.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
/** Bytes of one frame of input; the server takes four times as many. */
const INPUT_BYTES = 16_384;
/** Bytes of output between acknowledgements to the server, which pauses after four times as many. */
const ACKNOWLEDGE_BYTES = 65_536;

export type TerminalSize = { columns: number; rows: number };

export type TerminalEnd =
  | { how: 'exit'; exitCode: number | null; signal: string | null }
  | { how: 'refused'; problem: Error }
  /** The way to Buoy broke. */
  | { how: 'lost' };

export type TerminalConnection = {
  /** What was typed or pasted. Nothing happens while the shell is not there. */
  type(text: string): void;
  resize(size: TerminalSize): void;
  /** The person is done: `onEnd` is not called any more. */
  close(): void;
};

export type ConnectionOptions = {
  api: Pick<Api, 'call'>;
  serverId: string;
  size: TerminalSize;
  onReady: () => void;
  /** `onShown` is to be called when the bytes can be seen: the host is held up by who does not. */
  onOutput: (bytes: Uint8Array, onShown: () => void) => void;
  /** Called once. */
  onEnd: (end: TerminalEnd) => void;
  /** @param path of the API, with its query */
  connect?: (path: string) => WebSocket;
};

export function openTerminal(options: ConnectionOptions): TerminalConnection {
  const { api, serverId, onReady, onOutput, onEnd, connect = connectHere } = options;
  const encoder = new TextEncoder();
  const gone = new AbortController();
  let size = options.size;
  let socket: WebSocket | null = null;
  let isReady = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let shown = 0;
  let acknowledged = 0;

  const over = (): void => {
    gone.abort();
    isReady = false;
    clearTimeout(silence);
    socket?.close();
  };
  const end = (how: TerminalEnd): void => {
    if (gone.signal.aborted) return;
    over();
    onEnd(how);
  };
  const send = (frame: object): void => {
    if (isReady) socket?.send(JSON.stringify(frame));
  };
  const resetSilenceTimer = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => end({ how: 'lost' }), SILENCE_MS);
  };

  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    if (gone.signal.aborted) return;
    resetSilenceTimer();
    if (data instanceof ArrayBuffer) {
      onOutput(new Uint8Array(data), () => {
        shown += data.byteLength;
        if (shown - acknowledged < ACKNOWLEDGE_BYTES) return;
        acknowledged = shown;
        send({ type: 'ack', bytes: shown });
      });
      return;
    }
    const frame = typeof data === 'string' ? parseServerFrame(data) : null;
    if (frame?.type === 'ready') {
      isReady = true;
      // From here on the server waits for what is shown.
      send({ type: 'ack', bytes: 0 });
      send({ type: 'resize', ...size });
      onReady();
    }
    if (frame?.type === 'exit') end({ how: 'exit', exitCode: frame.exitCode, signal: frame.signal });
    if (frame?.type === 'error')
      end({ how: 'refused', problem: new ApiError(0, frame as Partial<Problem> & { error: string }) });
  };

  api
    .call('POST /servers/:id/terminal/ticket', { params: { id: serverId }, signal: gone.signal })
    .then(({ ticket }) => {
      if (gone.signal.aborted) return;
      const query = new URLSearchParams({
        ticket: ticket.value,
        columns: String(size.columns),
        rows: String(size.rows),
      });
      socket = connect(`${API_ROOT}/servers/${encodeURIComponent(serverId)}/terminal?${query}`);
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('message', onMessage);
      socket.addEventListener('close', () => end({ how: 'lost' }));
      resetSilenceTimer();
    })
    .catch((problem: Error) => end({ how: 'refused', problem }));

  return {
    type(text) {
      if (!isReady) return;
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length; at += INPUT_BYTES)
        socket?.send(bytes.subarray(at, at + INPUT_BYTES));
    },
    resize(wanted) {
      size = wanted;
      send({ type: 'resize', ...wanted });
    },
    close: over,
  };
}

function connectHere(path: string): WebSocket {
  return new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}${path}`);
}

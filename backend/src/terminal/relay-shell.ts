// Relays a terminal between a client and a shell, no faster than either side reads, until it is idle too long.
import { TERMINAL_AHEAD_BYTES, type TerminalClientFrame, type TerminalServerFrame } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { FrameSocket } from '../lib/frame-socket.ts';
import { createOutputBuffer, type OutputBuffer } from '../ssh/output.ts';
import type { Shell, ShellExit, ShellSize } from '../ssh/ssh.ts';

/** Milliseconds without input or output until a terminal counts as idle. */
const IDLE_MS = 30 * 60_000;
/** Milliseconds; longer work needs a new terminal, and so a new check of access. */
const MAX_OPEN_MS = 8 * 3_600_000;
/** Bytes that may wait for a slow network before reading from the shell pauses. */
const MAX_WAITING_BYTES = 1_048_576;
/** Bytes of input that may wait for the server before reading from the client pauses; a little more has arrived by then. */
const MAX_TYPED_BYTES = 16 * 1024;
/** Milliseconds until a server that does not read is looked at again. */
const BEHIND_MS = 50;

export type TerminalSocket = FrameSocket<TerminalClientFrame, TerminalServerFrame>;

/**
 * Returns how the shell ended, or null when the user closed the terminal. The shell is ended in any case.
 * @throws AppError `unreachable` when the connection is lost, `deadline` after IDLE_MS or MAX_OPEN_MS, or the reason of the socket's signal
 */
export function relayShell(shell: Shell, socket: TerminalSocket, clock: Clock): Promise<ShellExit | null> {
  const { stream } = shell;
  const { signal } = socket;
  return new Promise((resolve, reject) => {
    let sent = 0;
    /** null: this client does not report how much it has shown. */
    let shown: number | null = null;
    let usedAt = clock.now();
    let isOver = false;
    let stopWaiting: (() => void) | null = null;

    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      stopIdle();
      stopLongest();
      stopWaiting?.();
      signal.removeEventListener('abort', onAbort);
      stream.destroy();
      settle();
    };
    const onAbort = (): void =>
      end(() => (isGone(signal.reason) ? resolve(null) : reject(signal.reason as Error)));
    const tooLong = (message: string) => (): void =>
      end(() => reject(new AppError('deadline', message, { hint: 'Open the terminal again.' })));

    let stopIdle = (): void => {};
    const watchIdle = (): void => {
      stopIdle = clock.after(usedAt + IDLE_MS - clock.now(), () => {
        if (clock.now() - usedAt < IDLE_MS) watchIdle();
        else tooLong('The terminal was idle for 30 minutes.')();
      });
    };
    const stopLongest = clock.after(MAX_OPEN_MS, tooLong('A terminal stays open for 8 hours at most.'));
    watchIdle();

    const letFlow = (): void => {
      const isBehind = shown !== null && sent - shown > TERMINAL_AHEAD_BYTES;
      if (isBehind || socket.waitingBytes() > MAX_WAITING_BYTES) stream.pause();
      else stream.resume();
    };

    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', (error) => end(() => reject(error)));
    stream.on('close', () => end(() => resolve(shell.exit())));
    if (signal.aborted) return onAbort();
    stream.on('data', (chunk: Buffer) => {
      usedAt = clock.now();
      sent += chunk.length;
      socket.sendBytes(chunk, letFlow);
      letFlow();
    });
    /** Input that waits for what was sent before, put together: a key stroke by itself takes hundreds of times its size. */
    let typed: OutputBuffer | null = null;
    /** The last size that waits for the server; those before it are of no use. */
    let size: ShellSize | null = null;
    let isSending = false;
    const sendWaiting = (): void => {
      if (size !== null) shell.resize(size);
      size = null;
      if (typed === null || isSending || !stream.writable) return;
      const bytes = typed.kept();
      typed = null;
      isSending = true;
      stream.write(bytes, () => {
        isSending = false;
        takeInTurn();
      });
    };
    /** Takes no more from the client until the server has read what is there. */
    const takeInTurn = (): void => {
      if (isOver) return;
      if (!shell.isBehind()) sendWaiting();
      const isFull = stream.writableNeedDrain || (typed !== null && typed.total() > MAX_TYPED_BYTES);
      if (!isFull && !shell.isBehind()) {
        socket.resume();
        return;
      }
      socket.pause();
      stopWaiting ??= clock.after(BEHIND_MS, () => {
        stopWaiting = null;
        takeInTurn();
      });
    };
    socket.listen({
      onBytes(bytes) {
        if (bytes.length === 0) return;
        usedAt = clock.now();
        typed ??= createOutputBuffer(Number.POSITIVE_INFINITY);
        typed.add(bytes);
        takeInTurn();
      },
      onFrame(frame) {
        if (frame.type === 'resize') {
          size = frame;
          return takeInTurn();
        }
        shown = Math.max(shown ?? 0, Math.min(frame.bytes, sent));
        letFlow();
      },
    });
  });
}

function isGone(reason: unknown): boolean {
  return reason instanceof AppError && reason.code === 'cancelled';
}

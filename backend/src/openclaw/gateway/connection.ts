// One WebSocket to one gateway: handshake, requests and their answers, events, and noticing when it is dead.
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { MAX_FRAME_PIECES } from '../../lib/frame-pieces.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { GatewayAccess } from '../host/installation.ts';
import { type CallLimit, deadlineError } from './call-limit.ts';
import {
  answeredTooMuch,
  brokenFailure,
  closedFailure,
  droppedFailure,
  misunderstood,
  noScopes,
  notAGateway,
  silentFailure,
  tooMuchAtOnce,
  upgradeRefused,
} from './failures.ts';
import { answeredId, isTooLarge, MAX_FRAME_BYTES } from './frame-limits.ts';
import { connectParams, type IncomingFrame, idOf, readFrame, readHello } from './frames.ts';
import type { GatewayEvent, Hello } from './gateways.ts';
import { countUnfinished, type FrameHolder } from './held-frames.ts';
import { createPendingCalls, type PendingCalls } from './pending-calls.ts';

/** Silence of this many tick intervals means a dead connection: one tick may be late, two are not. */
const SILENT_TICKS = 2.5;
/** Milliseconds for the peer to confirm a close before the stream is cut. */
const CLOSE_GRACE_MS = 1_000;

export type Connection = {
  readonly hello: Hello;
  request: PendingCalls['request'];
  /** Resolves when something of this gateway may be read or checked. */
  myTurn: () => Promise<void>;
  /** Ends it; requests under way are rejected. Resolves when the stream is gone. */
  close(): Promise<void>;
};

export type ConnectionEvents = {
  onEvent(event: GatewayEvent): void;
  /** Why it ended. Not called when the handshake failed. */
  onClosed(error: AppError): void;
};

/**
 * Shakes hands over `stream`, which is connected to the gateway's port, within `limit`. Throws AppError.
 * No Origin and no X-Forwarded-* header: with them the gateway takes the connection for a browser's and allows nothing.
 */
export async function openConnection(
  {
    stream,
    access,
    events,
    beforeConnect,
    myTurn,
    hold,
    clock,
  }: {
    stream: Duplex;
    access: GatewayAccess;
    events: ConnectionEvents;
    /** Called when the peer has answered, before the secret is sent to it; throws AppError when it must not be. */
    beforeConnect: () => Promise<void>;
    /** Resolves when the next frame may be read: those of all gateways are read one after the other. */
    myTurn: Connection['myTurn'];
    /** Counts the received bytes of a frame; `onTooMuch` ends this connection. */
    hold: (onTooMuch: () => void) => FrameHolder;
    clock: Clock;
  },
  limit: CallLimit,
): Promise<Connection> {
  const challenged = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  let hello: Hello | null = null;
  let ended: AppError | null = null;
  let lastSignAt = clock.now();
  let stopWatchdog = () => {};

  const socket = new WebSocket(`ws://127.0.0.1:${access.port}/`, {
    createConnection: () => stream as never,
    maxPayload: MAX_FRAME_BYTES,
    maxBufferedChunks: MAX_FRAME_PIECES,
    perMessageDeflate: false,
    // One frame for each turn of the event loop, however many arrived together.
    allowSynchronousEvents: false,
    followRedirects: false,
  });
  const calls = createPendingCalls({
    send: (text) => socket.send(text),
    version: () => hello?.version ?? null,
    clock,
  });

  function end(error: AppError): void {
    if (ended !== null) return;
    ended = error;
    stopWatchdog();
    calls.end(error);
    challenged.reject(error);
    socket.close();
    const stopGrace = clock.after(CLOSE_GRACE_MS, () => socket.terminate());
    void gone.promise.then(stopGrace);
    if (hello !== null) events.onClosed(error);
  }

  /**
   * A frame that is too large to parse fails the call that it answers; an event of that size is dropped. The limit is that of
   * the call that the first bytes name, so the frame has to be its answer: repeated keys could make anything else of it.
   */
  function onFrame(raw: Buffer): void {
    const id = answeredId(raw);
    if (isTooLarge(raw, id === null ? null : calls.methodOf(id))) {
      if (id !== null) calls.fail(id, answeredTooMuch());
      return;
    }
    const frame = readFrame(raw.toString());
    if (frame === null || (id !== null && idOf(frame) !== id)) end(notAGateway(access.port));
    else take(frame);
  }

  function take(frame: IncomingFrame): void {
    if (frame.kind === 'response') calls.settle(frame.frame);
    else if (frame.kind === 'malformed') calls.spoil(frame.id);
    else if (frame.kind === 'event' && frame.event === 'connect.challenge') challenged.resolve();
    else if (frame.kind === 'event' && hello !== null) {
      events.onEvent({ event: frame.event, payload: frame.payload });
    }
  }

  function watch(patienceMs: number): void {
    const silentMs = clock.now() - lastSignAt;
    if (silentMs >= patienceMs) end(silentFailure());
    else stopWatchdog = clock.after(patienceMs - silentMs, () => watch(patienceMs));
  }

  const holder = hold(() => {
    holder.close();
    end(tooMuchAtOnce());
    socket.terminate();
  });
  // Only once `ws` reads it: data that arrives with the handshake would be lost.
  socket.on('open', () => countUnfinished(socket, stream, holder));

  /** Frames are read in order, and before the close is reported. */
  let reading = Promise.resolve();
  let unread = 0;
  socket.on('message', (data) => {
    lastSignAt = clock.now();
    unread += 1;
    socket.pause();
    reading = reading.then(myTurn).then(() => {
      try {
        onFrame(data as Buffer);
      } catch (error) {
        // Thrown on, it would end the process.
        end(brokenFailure(error as Error, access.port));
      }
      unread -= 1;
      if (unread === 0) socket.resume();
    });
  });
  socket.on('ping', () => {
    lastSignAt = clock.now();
  });
  socket.on('unexpected-response', (_request, response) => {
    response.destroy();
    stream.destroy();
    end(upgradeRefused(response.statusCode ?? 0, access.port));
    gone.resolve();
  });
  socket.on('error', (error) => void reading.then(() => end(brokenFailure(error, access.port))));
  socket.on('close', (code) => {
    holder.close();
    void reading.then(() => end(closedFailure(code))).then(gone.resolve);
  });

  async function shakeHands(): Promise<Connection> {
    // At the same time as the challenge is on its way: whoever accepted the stream is seen from now on.
    const checked = beforeConnect();
    checked.catch(() => {});
    await challenged.promise;
    await checked.catch((error: unknown) => {
      // A gateway that has gone meanwhile holds no socket any more; that it has gone is the reason.
      throw ended ?? error;
    });
    const parsed = readHello(await calls.request('connect', connectParams(access.auth), limit));
    // The gateway may have closed right behind its hello.
    if (ended !== null) throw ended;
    if (parsed === null) throw misunderstood('connect', null);
    if (parsed.scopes !== null && !parsed.scopes.includes('operator.read')) throw noScopes();
    hello = parsed.hello;
    if (parsed.tickIntervalMs !== null) watch(parsed.tickIntervalMs * SILENT_TICKS);
    return {
      hello: parsed.hello,
      request: calls.request,
      myTurn,
      close() {
        end(droppedFailure());
        return gone.promise;
      },
    };
  }

  try {
    return await withTimeout(shakeHands(), limit, clock, deadlineError);
  } catch (error) {
    hello = null;
    end(error as AppError);
    throw error;
  }
}

// Relays one WebSocket of the Control UI to the gateway while its session is valid.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { MAX_FRAME_PIECES } from '../../lib/frame-pieces.ts';
import { countUnfinished, type HeldFrames } from '../gateway/held-frames.ts';
import { createDirection } from './direction.ts';
import { type GatewayTunnel, secretOf, TUNNEL_AHEAD_BYTES, type TunnelStream } from './gateway-tunnel.ts';
import { answerFor, connectFor } from './handshake.ts';
import { createSecretMask } from './hide-secret.ts';

/** Bytes of one frame, which is kept whole: an attachment of a chat has 7 MB at most. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** Sockets of one person at a time, over all servers: each may hold a frame on either side in memory. */
const MAX_PER_PERSON = 10;
/** Bytes of an unfinished frame that may stay until its side has answered a close: about one read from the network. */
const MAX_LEFT_BYTES = 64 * 1024;
/** Milliseconds for a side to answer a close. */
const CLOSE_MS = 1_000;
/** Milliseconds for the gateway to take the upgrade. */
const UPGRADE_MS = 10_000;
/** Codes of RFC 6455, 7.4.1. */
const POLICY = 1008;
const GOING_AWAY = 1001;
const FAILED = 1011;
const RESTARTED = 1012;

export type RelayedSocket = {
  serverId: string;
  /** Whose session it is. */
  userId: string;
  /** The path for the gateway, with its query; `/` is its own protocol, anything else is relayed unchanged. */
  path: string;
  /** Scheme, host and path of the Control UI. */
  base: string;
  /** Rejects when the session has ended. */
  stillAdmitted(): Promise<unknown>;
  /** Calls `onOver` when the session is over, until the answer is called. */
  watch(onOver: (reason: unknown) => void): () => void;
};

export type SocketRelay = {
  /** Throws AppError when the gateway does not take it; the browser has had no answer then. */
  relay(to: RelayedSocket, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  close(): void;
};

export function createSocketRelay({
  gatewayTunnel,
  heldFrames,
  myTurn,
  clock,
}: {
  gatewayTunnel: GatewayTunnel;
  heldFrames: HeldFrames;
  myTurn: (share: string) => Promise<void>;
  clock: Clock;
}): SocketRelay {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    maxBufferedChunks: MAX_FRAME_PIECES,
    // One frame for each turn of the event loop, however many arrived together.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  });
  const open = new Set<(code: number, reason: string) => void>();
  /** Person → sockets that are open or being opened, in this process. */
  const held = new Map<string, number>();

  const hold = (userId: string, socket: Duplex): void => {
    const count = held.get(userId) ?? 0;
    if (count >= MAX_PER_PERSON)
      throw new AppError('conflict', `You already have ${MAX_PER_PERSON} open connections to Control UIs.`, {
        hint: 'Close tabs of Control UIs that you do not need.',
      });
    held.set(userId, count + 1);
    socket.once('close', () => {
      const left = (held.get(userId) ?? 1) - 1;
      if (left > 0) held.set(userId, left);
      else held.delete(userId);
    });
  };

  /** The gateway's side, at the end of a tunnel of its own. Gives up when `signal` aborts, and throws its reason. */
  const connectUpstream = async (
    { serverId, path, stillAdmitted }: RelayedSocket,
    request: IncomingMessage,
    signal: AbortSignal,
  ) => {
    let tunnel: TunnelStream | undefined;
    const cut = () => tunnel?.stream.destroy();
    signal.addEventListener('abort', cut);
    try {
      tunnel = await gatewayTunnel.open(serverId, signal);
      const { stream, access, isFresh } = tunnel;
      const upstream = await dial(
        stream,
        `ws://127.0.0.1:${access.port}${access.controlUiPath ?? ''}${path}`,
        request,
      );
      // The server took as long for all that as it wanted.
      await stillAdmitted();
      signal.throwIfAborted();
      // Its end has passed unseen.
      if (upstream.readyState !== WebSocket.OPEN) throw notAccepted();
      return { stream, access, isFresh, upstream };
    } catch (error) {
      cut();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  };

  return {
    async relay(to, request, socket, head) {
      const { serverId, userId, path, base } = to;
      if (socket.destroyed) return;
      hold(userId, socket);
      const opening = new AbortController();
      let onOver = (reason: unknown): void => opening.abort(reason);
      const stopWatching = to.watch((reason) => onOver(reason));
      // Also when the browser's own upgrade turns out to be none.
      socket.once('close', () => {
        stopWatching();
        opening.abort(new AppError('cancelled', 'The browser disconnected.'));
      });
      const { stream, access, isFresh, upstream } = await connectUpstream(to, request, opening.signal);
      const mask = createSecretMask(secretOf(access));
      socket.once('close', () => upstream.terminate());
      let connectId: string | null = null;
      let isConnected = !isProtocol(path);

      server.handleUpgrade(request, socket, head, (browser) => {
        const end = (code: number, reason: string): void => {
          if (!open.delete(end)) return;
          stopWatching();
          for (const direction of directions) direction.end(code, reason);
          // Does not wait for a side that does not answer a close.
          clock.after(CLOSE_MS, cut);
        };
        const cut = (): void => {
          for (const { side } of sides) side.terminate();
          forget();
        };
        const forget = (): void => {
          for (const direction of directions) direction.drop();
          holder.close();
        };
        /** Frees at once what is held. A side that was in the middle of a frame may not get to read the reason. */
        const giveUp = (reason: string): void => {
          for (const direction of directions) direction.drop();
          end(POLICY, reason);
          for (const { side, unfinished } of sides) if (unfinished() > MAX_LEFT_BYTES) side.terminate();
          holder.close();
        };
        open.add(end);
        const holder = heldFrames.open(userId, () => {
          if (open.has(end)) giveUp("Control UIs take too much of Buoy's memory");
          else cut();
        });
        const onUntaken = () => giveUp('nothing of what waits is read');
        const onUnfit = () => end(POLICY, 'this cannot be passed on');
        const parts = { holder, onUntaken, onUnfit, clock };
        const toGateway = createDirection({
          ...{ ...parts, from: browser, to: upstream },
          ...{ aheadBytes: 0, mask: null },
        });
        const toBrowser = createDirection({
          ...{ ...parts, from: upstream, to: browser },
          aheadBytes: TUNNEL_AHEAD_BYTES,
          mask: (frame, signal) => mask.inParts(frame, { myTurn: () => myTurn(userId), signal }),
        });
        const directions = [toGateway, toBrowser];
        const sides = [
          { side: browser, unfinished: countUnfinished(browser, socket, holder) },
          { side: upstream, unfinished: countUnfinished(upstream, stream, holder) },
        ];
        onOver = () => end(POLICY, 'this session is over');

        /** Data of a side may end its own relay, never the process. */
        const guarded =
          (receive: (data: RawData, isBinary: boolean) => void) =>
          (data: RawData, isBinary: boolean): void => {
            try {
              receive(data, isBinary);
            } catch {
              onUnfit();
            }
          };
        const fromBrowser = guarded((data, isBinary) => {
          if (isConnected || connectId !== null) return toGateway.send(data, isBinary);
          const connect = connectFor(String(data), access.auth);
          if (connect === null) return end(POLICY, 'connect comes first');
          connectId = connect.id;
          toGateway.send(connect.text, false);
        });
        const fromGateway = guarded((data, isBinary) => {
          const answer =
            isBinary || isConnected || connectId === null ? null : answerFor(String(data), connectId, base);
          if (answer === null) return toBrowser.send(data, isBinary);
          isConnected = true;
          if (!answer.ok) gatewayTunnel.refused(serverId);
          // The page would ask for a secret; told of a restart it comes again, and Buoy has read the new one by then.
          if (!answer.ok && !isFresh) return end(RESTARTED, 'service restart');
          toBrowser.send(answer.text, false);
        });
        browser.on('message', fromBrowser);
        upstream.on('message', fromGateway);
        upstream.resume();
        for (const { side } of sides) {
          side.on('close', (code, reason) => {
            end(sendable(code), mask.inText(reason.toString()));
            if (sides.every((one) => one.side.readyState === WebSocket.CLOSED)) forget();
          });
          side.on('error', () => end(FAILED, 'the connection broke'));
        }
      });
    },

    close() {
      for (const end of [...open]) end(GOING_AWAY, 'Buoy is closing');
    },
  };
}

function isProtocol(path: string): boolean {
  return /^\/?(\?|$)/.test(path);
}

/** The gateway's side, without Origin and forwarded addresses: with them it would allow nothing. */
async function dial(stream: Duplex, url: string, request: IncomingMessage): Promise<WebSocket> {
  const wanted = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  const upstream = new WebSocket(url, wanted, {
    createConnection: () => stream as never,
    maxPayload: MAX_FRAME_BYTES,
    maxBufferedChunks: MAX_FRAME_PIECES,
    // One frame for each turn of the event loop, however many arrived together.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: UPGRADE_MS,
  });
  const taken = Promise.withResolvers<void>();
  upstream.once('open', taken.resolve);
  upstream.on('error', (cause) => {
    taken.reject(notAccepted(cause));
    stream.destroy();
  });
  // Data right behind the gateway's answer waits until a listener is attached.
  upstream.once('open', () => upstream.pause());
  await taken.promise;
  return upstream;
}

function notAccepted(cause?: unknown): AppError {
  return new AppError('gateway_unavailable', 'The gateway did not accept the connection.', { cause });
}

/** Codes that stand for "none was sent" cannot be sent. */
function sendable(code: number): number {
  const isSendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
  return isSendable ? code : GOING_AWAY;
}

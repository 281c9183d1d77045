// Relays one HTTP request of the Control UI to the gateway and its answer back, with deadlines and limits in both directions.
import { type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createOutputBuffer } from '../../ssh/output.ts';
import type { FrameHolder } from '../gateway/held-frames.ts';
import { headersToBrowser, headersToGateway } from './forward-headers.ts';
import { type GatewayTunnel, secretOf, TUNNEL_AHEAD_BYTES } from './gateway-tunnel.ts';
import { createSecretMask } from './hide-secret.ts';
import {
  basePathOf,
  isControlUiPage,
  locationBelow,
  pageBelow,
  policyFor,
  sandboxedPolicyFor,
} from './page.ts';

/** Milliseconds without a byte in either direction. */
const SILENCE_MS = 120_000;
/** Bytes; attachments of a chat are far smaller. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
/** Bytes of an answer that wait in one block before reading pauses. */
const MAX_WAITING_BYTES = 128 * 1024;
/** Bytes of a page; the real one has 18 KB. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** What a browser may show as a page with scripts; without a type it may guess. */
const DOCUMENT = /^\s*$|html|xml|svg|xsl|multipart/i;
/** What may run in a worker, whose policy may have no sandbox, and what browsers show by a viewer of their own. */
const WITHOUT_SANDBOX = /^(?:(?:text|application)\/(?:x-)?(?:java|ecma)script|application\/pdf)\b/i;
/** Bytes by which a page that is held in memory is counted. */
const HELD_BYTES = 64 * 1024;

/**
 * @param hold counts bytes that are held in memory for this session until its answer is called; throws when they are too many
 * @param holdUnread counts what waits for a browser that is slower than the gateway; `onTooMuch` cuts the answer
 * @param myTurn resolves in a turn of the event loop
 * @param serverId of the session that admitted this request
 * @param path the path for the gateway, with its query
 * @param stillAdmitted rejects when the session has ended; called when the tunnel is open, which can take long
 * @throws AppError when there is no answer; nothing has been sent to the browser then
 */
export async function relayRequest(
  {
    gatewayTunnel,
    hold,
    holdUnread,
    myTurn,
    clock,
  }: {
    gatewayTunnel: GatewayTunnel;
    hold: (bytes: number) => () => void;
    holdUnread: (onTooMuch: () => void) => FrameHolder;
    myTurn: () => Promise<void>;
    clock: Clock;
  },
  {
    serverId,
    path,
    stillAdmitted,
    signal,
  }: { serverId: string; path: string; stillAdmitted: () => Promise<unknown>; signal: AbortSignal },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { stream, access } = await gatewayTunnel.open(serverId, signal);
  const secret = secretOf(access);
  const mask = createSecretMask(secret);
  const mountedAt = access.controlUiPath ?? '';
  const silence = watchSilence(clock, () => stream.destroy());
  const cut = () => stream.destroy();
  const unread = holdUnread(cut);
  let isHeldBack = false;
  const holdBack = (is: boolean) => () => {
    if (isHeldBack === is) return;
    isHeldBack = is;
    if (is) unread.grow(TUNNEL_AHEAD_BYTES);
    else unread.shrink(TUNNEL_AHEAD_BYTES);
  };
  stream.on('pause', holdBack(true)).on('resume', holdBack(false));
  const holds: Array<() => void> = [];
  const releaseHeld = () => {
    for (const release of holds) release();
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    await stillAdmitted();
    signal.throwIfAborted();
    const answer = await ask();
    if (answer.statusCode === 401) gatewayTunnel.refused(serverId);
    await pass(answer);
  } finally {
    signal.removeEventListener('abort', cut);
    silence.end();
    stream.destroy();
    unread.close();
    // Sent data stays in memory until its client has read it.
    if (response.headersSent && !response.closed) response.once('close', releaseHeld);
    else releaseHeld();
  }

  async function ask(): Promise<IncomingMessage> {
    const outgoing = sendRequest({
      createConnection: () => stream as never,
      method: request.method ?? 'GET',
      path: `${mountedAt}${path}`,
      headers: headersToGateway(request.headers, { path, port: access.port, secret }),
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    outgoing.on('response', answered.resolve);
    outgoing.on('upgrade', (_response, socket) => socket.destroy());
    // Any other end, such as an unrequested upgrade: no effect when an answer was sent.
    outgoing.on('close', () => answered.reject(noAnswer()));
    outgoing.on('error', (cause) => answered.reject(noAnswer(cause)));
    // A request that is too long, or whose sender leaves, destroys the stream.
    pipeline(request, gathered(MAX_REQUEST_BYTES, silence.sign), outgoing).catch((cause: unknown) => {
      answered.reject(cause);
      stream.destroy();
    });
    return answered.promise;
  }

  async function pass(answer: IncomingMessage): Promise<void> {
    const base = basePathOf(serverId);
    const host = request.headers.host ?? '';
    const upstream = textOf(answer.headers['content-security-policy']);
    const type = answer.headers['content-type'] ?? '';
    const headers = headersToBrowser(
      answer.headers,
      WITHOUT_SANDBOX.test(type) ? policyFor(upstream, host, base) : sandboxedPolicyFor(upstream, host, base),
    );
    const location = answer.headers.location;
    if (location !== undefined) {
      // Masked first: the gateway chose its secret, and without it a path may lead elsewhere.
      const below = locationBelow(mask.inText(location), base, { port: access.port, mountedAt });
      if (below === null)
        throw new AppError('bad_gateway', 'The gateway tried to redirect this browser to another address.');
      headers.location = below;
    }
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 599)
      throw new AppError('bad_gateway', 'The gateway answered with an invalid HTTP status.');
    const isHtml = /^text\/html\b/i.test(type);
    // Kept by a browser, they would act when another server has the session: a policy does not look at the path behind a redirect.
    if (location !== undefined || DOCUMENT.test(type)) headers['cache-control'] = 'no-store';
    const isPlain = answer.headers['content-encoding'] === undefined;
    const bytes = answer.pipe(inBlocks(MAX_ANSWER_BYTES, silence.sign));
    answer.on('error', (error) => bytes.destroy(error));
    // It may fail before it is read; an 'error' without a listener would end the process.
    bytes.on('error', () => {});
    if (isPlain && request.method !== 'HEAD' && isHtml) {
      const page = await wholeText(bytes, () => holds.push(hold(HELD_BYTES)));
      const html = Buffer.from(pageBelow(page, base, mountedAt));
      await mask.inParts([html], { myTurn, signal });
      if (isControlUiPage(page, path, upstream))
        headers['content-security-policy'] = policyFor(upstream, host, base);
      delete headers['content-length'];
      delete headers.etag;
      response.writeHead(status, headers).end(html);
      return;
    }
    response.writeHead(status, headers);
    if (isPlain) await pipeline(bytes, mask.stream(), response);
    else await pipeline(bytes, response);
  }
}

function noAnswer(cause?: unknown): AppError {
  return new AppError('gateway_unavailable', 'The gateway did not answer.', {
    hint: 'Check whether it is running, and restart it if it is not.',
    cause,
  });
}

function watchSilence(clock: Clock, onSilence: () => void): { sign(): void; end(): void } {
  let stop = clock.after(SILENCE_MS, onSilence);
  return {
    sign() {
      stop();
      stop = clock.after(SILENCE_MS, onSilence);
    },
    end: () => stop(),
  };
}

/** Passes bytes on for SSH, as many as may come: data of one turn of the event loop is sent in one piece, since each piece is encrypted for itself. */
function gathered(maxBytes: number, sign: () => void): Duplex {
  let size = 0;
  let resume: (() => void) | null = null;
  const take = (bytes: Buffer, callback: (error?: Error) => void): void => {
    size += bytes.length;
    sign();
    setImmediate(() => {
      if (size > maxBytes) callback(tooLarge());
      else if (gathering.push(bytes)) callback();
      else resume = callback;
    });
  };
  const gathering: Duplex = new Duplex({
    read() {
      const waiting = resume;
      resume = null;
      waiting?.();
    },
    write: (chunk: Buffer, _encoding, callback) => take(chunk, callback),
    writev: (chunks, callback) => take(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback),
    final(callback) {
      this.push(null);
      callback();
    },
  });
  return gathering;
}

/**
 * Passes bytes on, as many as may come. Those that cannot be passed on at once are put together: in an answer in single bytes each would take
 * hundreds of times its size, in every stream on its way to a slow browser.
 */
function inBlocks(maxBytes: number, sign: () => void): Duplex {
  let size = 0;
  let waiting = createOutputBuffer(MAX_ANSWER_BYTES);
  let isWanted = false;
  let resume: (() => void) | null = null;
  const take = (): Buffer => {
    const bytes = waiting.kept();
    waiting = createOutputBuffer(MAX_ANSWER_BYTES);
    return bytes;
  };
  const passing: Duplex = new Duplex({
    // One block is enough: what more comes is put together meanwhile.
    readableHighWaterMark: 1,
    writableHighWaterMark: MAX_WAITING_BYTES / 8,
    read() {
      isWanted = waiting.total() === 0;
      if (!isWanted) this.push(take());
      const proceed = resume;
      resume = null;
      proceed?.();
    },
    write(chunk: Buffer, _encoding, callback) {
      size += chunk.length;
      sign();
      if (size > maxBytes) return callback(tooLarge());
      if (isWanted) {
        isWanted = false;
        passing.push(chunk);
      } else waiting.add(chunk);
      if (waiting.total() < MAX_WAITING_BYTES) callback();
      else resume = callback;
    },
    final(callback) {
      if (waiting.total() > 0) passing.push(take());
      passing.push(null);
      callback();
    },
  });
  return passing;
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', 'This is too large for Buoy to forward.');
}

async function wholeText(bytes: Readable, holdMore: () => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_PAGE_BYTES)
      throw new AppError('output_too_large', 'The page of the gateway is too large.');
    for (; held < size; held += HELD_BYTES) holdMore();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

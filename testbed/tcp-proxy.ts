// A TCP proxy on loopback that simulates a bad network (delay, jitter, loss, stall, cut), for kernels without netem.
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { listenOnLoopback } from './listen-on-loopback.ts';

export type TcpProxyOptions = {
  target: { host: string; port: number };
  /** One way, so a round trip takes twice that. */
  delayMs?: number;
  /** Up to that much more for each piece; the order of the bytes stays. */
  jitterMs?: number;
  /** 0 to 100; see `startTcpProxy`. */
  lossPercent?: number;
  /** Source of chance, 0 to 1, for repeatable runs. */
  random?: () => number;
};

export type TcpProxy = {
  host: string;
  port: number;
  /** Connections that are open now. */
  connections: () => number;
  /** Every connection is reset at once, and new ones are as soon as they are made, until `restore`. */
  cut: () => void;
  /** Holds all bytes in both directions without closing; new connections open too, until `restore`. Bytes are kept. */
  stall: () => void;
  restore: () => void;
  /** From the next piece on. */
  setLine: (line: { delayMs?: number; jitterMs?: number; lossPercent?: number }) => void;
  stop: () => Promise<void>;
};

type Line = { delayMs: number; jitterMs: number; lossPercent: number };
type State = 'open' | 'stalled' | 'cut';

/** TCP's least retransmission time-out in Linux; it doubles with each further loss of the same segment. */
const retransmitMs = 200;
/** Waiting bytes at which a sender is paused, about a socket buffer. */
const queueLimitBytes = 1024 * 1024;

/**
 * Forwards a free loopback port to `target`. A proxy cannot lose bytes of TCP: `lossPercent` is the chance that a piece is late as
 * after a lost segment (200 ms, 400 ms for twice, …) with all that follows it, which is what a program sees of packet loss.
 */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const { target, random = Math.random } = options;
  const line: Line = {
    delayMs: options.delayMs ?? 0,
    jitterMs: options.jitterMs ?? 0,
    lossPercent: options.lossPercent ?? 0,
  };
  let state: State = 'open';
  const wakeUps = new Set<() => void>();
  const pairs = new Set<Socket[]>();
  const isStalled = () => state === 'stalled';

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = tcpConnect({ ...target, allowHalfOpen: true });
    const pair = [near, far];
    pairs.add(pair);
    const stopPumps = [
      pump({ from: near, to: far, line, random, isStalled, wakeUps }),
      pump({ from: far, to: near, line, random, isStalled, wakeUps }),
    ];
    const end = () => {
      for (const stop of stopPumps) stop();
      for (const socket of pair) socket.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      // what one side meets, the other side meets too
      socket.on('error', () => {
        for (const other of pair) if (!other.destroyed) other.resetAndDestroy();
      });
      socket.on('close', (hadError) => {
        if (hadError || pair.every((other) => other.destroyed || other.writableFinished)) end();
      });
    }
    near.resume();
  });
  const { host, port } = await listenOnLoopback(server);

  const resetAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  return {
    host,
    port,
    connections: () => pairs.size,
    cut: () => {
      state = 'cut';
      resetAll();
    },
    stall: () => {
      state = 'stalled';
    },
    restore: () => {
      state = 'open';
      for (const wakeUp of wakeUps) wakeUp();
    },
    setLine: (change) => Object.assign(line, change),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        resetAll();
      }),
  };
}

type PumpOptions = {
  from: Socket;
  to: Socket;
  line: Line;
  random: () => number;
  isStalled: () => boolean;
  wakeUps: Set<() => void>;
};

/** Carries one direction: each piece leaves at its own time, never before the one ahead of it. Returns how to give it up. */
function pump({ from, to, line, random, isStalled, wakeUps }: PumpOptions): () => void {
  const queue: { bytes: Buffer | undefined; dueAt: number }[] = [];
  let queuedBytes = 0;
  let lastDueAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const push = (bytes: Buffer | undefined) => {
    lastDueAt = Math.max(
      lastDueAt,
      performance.now() + line.delayMs + random() * line.jitterMs + lossMs(line, random),
    );
    queue.push({ bytes, dueAt: lastDueAt });
    queuedBytes += bytes?.length ?? 0;
    if (queuedBytes > queueLimitBytes) from.pause();
    flush();
  };
  const flush = () => {
    clearTimeout(timer);
    while (!isStalled() && !to.writableNeedDrain) {
      const first = queue[0];
      if (!first) return;
      const waitMs = first.dueAt - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(flush, waitMs);
        return;
      }
      queue.shift();
      if (!first.bytes) {
        to.end();
        return;
      }
      queuedBytes -= first.bytes.length;
      to.write(first.bytes);
      if (queuedBytes <= queueLimitBytes) from.resume();
    }
  };
  from.on('data', push);
  from.on('end', () => push(undefined));
  to.on('drain', flush);
  wakeUps.add(flush);
  return () => {
    clearTimeout(timer);
    wakeUps.delete(flush);
  };
}

function lossMs(line: Line, random: () => number): number {
  let waitMs = 0;
  for (let next = retransmitMs; random() * 100 < line.lossPercent && next < 30_000; next *= 2) waitMs += next;
  return waitMs;
}

// Reads an event stream of a running Buoy, as a browser does.

export type ReceivedEvent = { event: string; data: unknown; id: string | null };

export type FollowedEvents = {
  /** The first event from here on for which the test holds. Throws on timeout and when the stream ends. */
  until(is: (event: ReceivedEvent) => boolean, deadlineMs?: number): Promise<ReceivedEvent>;
  /** All events from here on, up to and including that one. */
  allUntil(is: (event: ReceivedEvent) => boolean, deadlineMs?: number): Promise<ReceivedEvent[]>;
  close(): Promise<void>;
};

/**
 * @param live the Buoy, whose token is sent, and the fetch that reaches it where that is not the plain one
 * @param path below `/api`
 */
export async function followEvents(
  live: { token: string; process(): { url: string }; fetch?: typeof globalThis.fetch },
  path: string,
  headers: Record<string, string> = {},
): Promise<FollowedEvents> {
  const ending = new AbortController();
  const response = await (live.fetch ?? fetch)(`${live.process().url}/api${path}`, {
    headers: { authorization: `Bearer ${live.token}`, ...headers },
    signal: ending.signal,
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`${path} answered ${response.status}`);
  const events = received(response.body.pipeThrough(new TextDecoderStream()));

  async function allUntil(
    is: (event: ReceivedEvent) => boolean,
    deadlineMs = 20_000,
  ): Promise<ReceivedEvent[]> {
    const timer = setTimeout(() => ending.abort(new Error(`${path} did not say so in time`)), deadlineMs);
    try {
      const all: ReceivedEvent[] = [];
      for (;;) {
        const { value, done } = await events.next();
        if (done) throw new Error(`${path} ended`);
        all.push(value);
        if (is(value)) return all;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    allUntil,
    until: async (is, deadlineMs) => (await allUntil(is, deadlineMs)).at(-1) as ReceivedEvent,
    async close() {
      ending.abort();
      await events.return(undefined).catch(() => undefined);
    },
  };
}

async function* received(text: ReadableStream<string>): AsyncGenerator<ReceivedEvent, undefined> {
  let rest = '';
  for await (const piece of text) {
    const frames = (rest + piece).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = new Map(
        frame
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      yield { event: fields.get('event') ?? '', data: JSON.parse(data), id: fields.get('id') ?? null };
    }
  }
  return undefined;
}

// Reads server-sent events from a fetch: EventSource cannot send an Authorization header.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

export type ServerEvent = { event: string; data: string; id: string | null };

/** Milliseconds without even a heartbeat, which Buoy sends every 15 s. */
const SILENCE_MS = 40_000;
/** Characters of one unfinished event; Buoy's own are far smaller. */
const MAX_PENDING = 1_048_576;

/** Gives `push`: takes the next piece of text and gives the events that it completes. Throws when an event does not end. */
export function createEventStreamParser(): { push(text: string): ServerEvent[] } {
  let pending = '';
  let isStart = true;
  let event = '';
  let data: string[] = [];
  let id: string | null = null;

  const takeLine = (line: string): ServerEvent | null => {
    if (line === '') {
      const complete = data.length === 0 ? null : { event: event || 'message', data: data.join('\n'), id };
      event = '';
      data = [];
      return complete;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
    return null;
  };

  return {
    push(text) {
      pending += text;
      if (isStart && pending !== '') {
        pending = pending.replace(/^\uFEFF/, '');
        isStart = false;
      }
      const events: ServerEvent[] = [];
      for (;;) {
        const end = /\r\n|\n|\r/.exec(pending);
        // A carriage return at the end may be the first half of a line end.
        if (end === null || (end[0] === '\r' && end.index === pending.length - 1)) break;
        const complete = takeLine(pending.slice(0, end.index));
        pending = pending.slice(end.index + end[0].length);
        if (complete !== null) events.push(complete);
      }
      if (pending.length + data.reduce((sum, line) => sum + line.length, 0) > MAX_PENDING)
        throw new Error('The event stream holds an event that does not end.');
      return events;
    },
  };
}

/**
 * The events of a response body, until it ends or breaks.
 * @param silenceMs the stream counts as broken when nothing comes for so long, not even a heartbeat
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  silenceMs = SILENCE_MS,
): AsyncGenerator<ServerEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parser = createEventStreamParser();
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, reader.read());
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The event stream fell silent.')), ms);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

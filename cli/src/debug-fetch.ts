// --debug: prints each call to Buoy and its status to standard error, without secrets.
import { cleanLine } from './output/terminal-text.ts';
import type { Terminal } from './terminal.ts';

/** Names of query parameters whose values are hidden. */
const SECRET = /code|token|ticket|secret|pass|key|init/i;

/** Wraps `fetch` to print each call. Headers and bodies are not printed: they contain tokens, passwords and keys. */
export function debugged(terminal: Terminal): Terminal {
  const say = (text: string) => terminal.err(`${cleanLine(text)}\n`);
  return {
    ...terminal,
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const start = terminal.now();
      const took = () => `${terminal.now() - start} ms`;
      say(`> ${init?.method ?? 'GET'} ${shown(url)}${fieldsIn(init?.body)}`);
      try {
        const response = await terminal.fetch(input, init);
        const { status, headers } = response;
        const parts = [headers.get('content-type') ?? 'no content', took()];
        const requestId = headers.get('x-request-id');
        if (requestId !== null) parts.push(`request id ${requestId}`);
        say(`< ${status} ${parts.join(', ')}`);
        return response;
      } catch (error) {
        say(`< no answer after ${took()}: ${error instanceof Error ? error.message : error}`);
        throw error;
      }
    },
  };
}

function shown(url: URL): string {
  const copy = new URL(url.origin + url.pathname);
  for (const [name, value] of url.searchParams)
    copy.searchParams.append(name, SECRET.test(name) ? '...' : value);
  return copy.href;
}

/** The field names of the body, without their values. */
function fieldsIn(body: unknown): string {
  if (body === null || body === undefined) return '';
  if (typeof body !== 'string') return ' (a file)';
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? ` (${Object.keys(value).join(', ')})` : '';
  } catch {
    return '';
  }
}

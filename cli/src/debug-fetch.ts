// --debug: each call to Buoy and its answer on standard error, without anything secret.
import { cleanLine } from './output/terminal-text.ts';
import type { Terminal } from './terminal.ts';

/** Names of query values that are not shown. */
const SECRET = /code|token|ticket|secret|pass|key|init/i;

/** The terminal with a `fetch` that tells what it does. Headers and bodies are not shown: tokens, passwords and keys are in them. */
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

/** The names of what goes along, without what they hold. */
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

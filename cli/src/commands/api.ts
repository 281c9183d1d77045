// Any call of the API, for calls that have no command.
import { ApiError } from '@buoy/contract/client';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  type Lists,
  type Texts,
  textOption,
  textsOption,
  UsageError,
} from '../command.ts';
import { readInput } from '../read-input.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'];
/** Headers that identify the caller: the profile sets them. */
const OWN_HEADERS = /^(authorization|cookie|host|content-length|connection)$/i;

/** Returns the path after `/api`. @throws UsageError for addresses outside the API of this Buoy, so that the token is not sent there */
function pathIn(typed: string, baseUrl: string): string {
  const base = new URL(`${baseUrl}/api/`);
  const isWhole = /^[a-z][a-z0-9+.-]*:/i.test(typed);
  const relative = typed.replace(/^\/?(api\/)?/, '');
  const text = isWhole ? typed : `${base.pathname}${relative}`;
  const url = URL.canParse(text, base.href) ? new URL(text, base) : null;
  if (url === null) throw new UsageError(`"${typed}" is not a path.`, 'Write it as /servers');
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname))
    throw new UsageError(
      `"${typed}" is not below ${base.href.replace(/\/$/, '')}; your token is sent nowhere else.`,
      'Write it as /servers',
    );
  return `/${url.pathname.slice(base.pathname.length)}${url.search}`;
}

/** Parses `name=value` words. @param valueIn converts the text of a value. @throws UsageError */
function fieldsIn(typed: readonly string[], valueIn: (text: string) => unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const one of typed) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`"${one}" is not a field.`, 'Write it as -f name=value');
    Object.defineProperty(fields, name, { value: valueIn(value), enumerable: true });
  }
  return fields;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @throws UsageError */
function headersIn(typed: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const one of typed) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(one) ?? [];
    if (name === undefined || value === undefined || OWN_HEADERS.test(name))
      throw new UsageError(`"${one}" is not a header that you can set.`, 'Write it as -H \'If-Match: "3"\'');
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

async function bodyIn(
  context: Context & Texts<'input'> & Lists<'field' | 'raw-field'>,
): Promise<string | null> {
  const texts = textsOption(context, 'raw-field');
  const values = textsOption(context, 'field');
  const input = textOption(context, 'input');
  const hasFields = texts !== undefined || values !== undefined;
  if (hasFields && input !== undefined) throw new UsageError('Fields and --input do not go together.');
  if (hasFields)
    return JSON.stringify({
      ...fieldsIn(texts ?? [], (text) => text),
      ...fieldsIn(values ?? [], jsonOrText),
    });
  return input === undefined ? null : readInput(context, input);
}

/** Returns method and path; the method is optional. @throws UsageError */
function wordsIn(
  context: Context & Args<'method' | 'path'>,
  hasBody: boolean,
): { method: string; path: string } {
  const [first, second] = [arg(context, 'method'), context.args.path];
  if (second === undefined) return { method: hasBody ? 'POST' : 'GET', path: first };
  const method = first.toUpperCase();
  if (!METHODS.includes(method))
    throw new UsageError(`METHOD is one of ${METHODS.join(', ')}, not "${first}".`);
  return { method, path: second };
}

async function api(
  context: Context &
    Args<'method' | 'path'> &
    Texts<'input'> &
    Lists<'field' | 'header' | 'raw-field'> &
    Flags<'include' | 'paginate'>,
): Promise<void> {
  const { output, terminal } = context;
  const body = await bodyIn(context);
  const { method, path } = wordsIn(context, body !== null);
  const headers = headersIn(textsOption(context, 'header') ?? []);
  const response = await context.send(pathIn(path, context.profile().url), {
    method,
    signal: terminal.signal,
    // A redirect must not send the token elsewhere.
    redirect: 'manual',
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      accept: 'application/json, text/event-stream;q=0.9, */*;q=0.8',
      ...headers,
    },
    body,
  });
  if (isSet(context, 'include')) {
    output.line(`HTTP ${response.status}`);
    for (const [name, value] of response.headers) output.line(`${name}: ${value}`);
    output.line('');
  }
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (!isJson) return printAsItComes(context, response);
  const answer: unknown = await response.json();
  if (!response.ok) {
    output.answer(answer);
    throw new ApiError(response.status, { error: `HTTP ${response.status}`, ...(answer as object) });
  }
  output.answer(isSet(context, 'paginate') ? await withFurtherPages(context, path, answer) : answer);
}

/** Prints events, lines and files as they arrive. */
async function printAsItComes({ output }: Context, response: Response): Promise<void> {
  if (!response.ok)
    throw new ApiError(response.status, {
      error: `The server answered ${response.status} without a reason.`,
    });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) output.text(decoder.decode(chunk, { stream: true }));
  output.text(decoder.decode());
}

type Page = Record<string, unknown> & { nextCursor?: string | null };

/** Returns the answer with the items of all pages in its list. */
async function withFurtherPages(context: Context, path: string, first: unknown): Promise<unknown> {
  let page = first as Page;
  const list = Object.entries(page).find(([, value]) => Array.isArray(value));
  if (list === undefined) return first;
  const [name] = list;
  const items = [...(page[name] as unknown[])];
  while (typeof page.nextCursor === 'string') {
    const url = new URL(pathIn(path, context.profile().url), 'http://buoy');
    url.searchParams.set('cursor', page.nextCursor);
    const response = await context.send(`${url.pathname}${url.search}`, {
      signal: context.terminal.signal,
      redirect: 'manual',
    });
    page = (await response.json()) as Page;
    if (!response.ok) throw new ApiError(response.status, { error: `HTTP ${response.status}`, ...page });
    items.push(...(page[name] as unknown[]));
  }
  return { ...(first as Page), [name]: items, nextCursor: null };
}

export const apiCommands: readonly Command[] = [
  command({
    name: 'api',
    summary: 'Call the API with your sign-in, and print the JSON answer',
    args: ['method', 'path?'],
    options: {
      'raw-field': {
        type: 'string',
        short: 'f',
        value: 'NAME=TEXT',
        multiple: true,
        summary: 'A text field of the body; repeatable',
      },
      field: {
        type: 'string',
        short: 'F',
        value: 'NAME=VALUE',
        multiple: true,
        summary: 'A field of the body: number, true, false, null, list or object; anything else is text',
      },
      input: { type: 'string', value: 'FILE', summary: 'File with the whole body; - for standard input' },
      header: {
        type: 'string',
        short: 'H',
        value: 'HEADER',
        multiple: true,
        summary: 'A request header, as in \'If-Match: "3"\'; repeatable',
      },
      paginate: { type: 'boolean', summary: 'Read all pages, and print one list' },
      include: { type: 'boolean', short: 'i', summary: 'Print the status and the headers before the answer' },
    },
    run: api,
  }),
];

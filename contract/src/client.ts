// The typed client of the web app and the CLI. It imports types only, so that no schema reaches the browser.
import type { Endpoint, RequestOf, ResponseOf } from './endpoint.ts';
import type { ErrorCode, Problem } from './errors.ts';
import type { contract } from './index.ts';

type Contract = typeof contract;

/** What a refused or failed call throws: the server's own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode | 'network';
  readonly requestId: string | null;
  readonly hint: string | null;
  readonly details: unknown;
  /** Of the task that is in the way. */
  readonly taskId: string | null;

  constructor(
    status: number,
    problem: Partial<Omit<Problem, 'details'>> & { error: string; details?: unknown },
  ) {
    super(problem.error);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? 'network';
    this.requestId = problem.requestId ?? null;
    this.hint = problem.hint ?? null;
    this.details = problem.details;
    this.taskId = problem.taskId ?? null;
  }
}

export type ClientOptions = {
  /** Up to and with `/api`. */
  baseUrl: string;
  /** Asked before each call; null sends no Authorization header. */
  token: () => string | null;
  fetch?: typeof globalThis.fetch;
};

/** A file as the body. */
type UploadExtras = { upload?: { type: string; bytes: Uint8Array<ArrayBuffer> } };

/** `keepalive`: the browser sees the call through when its page goes away. */
type CallExtras = { headers?: Record<string, string>; signal?: AbortSignal; keepalive?: boolean };

export type Client = <K extends keyof Contract>(
  key: K,
  ...input: Record<never, never> extends RequestOf<Contract[K]>
    ? [(RequestOf<Contract[K]> & CallExtras)?]
    : [RequestOf<Contract[K]> & CallExtras]
) => Promise<ResponseOf<Contract[K]>>;

/** Makes the client: `await api('GET /servers/:id', { params: { id } })`. Throws ApiError for every answer but success. */
export function createClient(options: ClientOptions): Client {
  const send = options.fetch ?? globalThis.fetch;
  const call = async (
    key: string,
    input: Omit<RequestOf<Endpoint>, 'upload'> & UploadExtras & CallExtras = {},
  ): Promise<unknown> => {
    const [method = 'GET', template = '/'] = key.split(' ');
    const params = (input.params ?? {}) as Record<string, string>;
    const path = template.replace(/:(\w+)/g, (_, name: string) => pathPart(String(params[name])));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>))
      if (value !== undefined && value !== null) query.set(name, String(value));
    const token = options.token();
    const response = await send(`${options.baseUrl}${path}${query.size > 0 ? `?${query}` : ''}`, {
      method,
      signal: input.signal ?? null,
      ...(input.keepalive === undefined ? {} : { keepalive: input.keepalive }),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(input.upload === undefined ? {} : { 'content-type': input.upload.type }),
        ...input.headers,
      },
      body: input.body === undefined ? (input.upload?.bytes ?? null) : JSON.stringify(input.body),
    });
    if (response.status === 204) return undefined;
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body;
    throw new ApiError(
      response.status,
      isProblem(body) ? body : { error: `The server answered ${response.status} without a reason.` },
    );
  };
  return call as Client;
}

/** Servers choose ids, and every URL parser takes `..` for the folder above, even as `%2E%2E`: the call would become another one. */
function pathPart(value: string): string {
  if (value === '.' || value === '..')
    throw new ApiError(400, {
      error: `"${value}" cannot be an id: nothing was sent.`,
      code: 'invalid_request',
    });
  // A half of a character, which JSON can hold and an address cannot.
  return encodeURIComponent(value.toWellFormed());
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';
}

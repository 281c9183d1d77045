// Calls Buoy's API: the contract's client, and event streams. The token comes from memory and goes into a header only.
import { ApiError, type Client, createClient } from '@buoy/contract/client';
import { waitingOut } from './wait-out.ts';

/** Milliseconds until the first byte of an answer. Reads end by themselves within 30 s. */
const READ_DEADLINE_MS = 45_000;
/** The slowest act, a summary of a long conversation, ends by itself within 120 s. */
const ACT_DEADLINE_MS = 130_000;

export const API_ROOT = '/api';

export type Api = {
  call: Client;
  /** Opens an answer that is read as it comes: events, or a file. Throws ApiError when it is refused. */
  openStream(
    path: string,
    options: { lastEventId: string | null; signal: AbortSignal },
  ): Promise<ReadableStream<Uint8Array>>;
};

export type ApiOptions = {
  token: () => string | null;
  /** Called on a 401; true: there is a new token, the call is worth another try. */
  renew: () => Promise<boolean>;
  /** Who is signed in; null: nobody. */
  person: () => string | null;
};

export function createApi({ token, renew, person }: ApiOptions): Api {
  const retryingFetch = waitingOut(fetchWithTimeout);
  const send: typeof fetch = async (input, init) => {
    const caller = person();
    const answer = await retryingFetch(input, init);
    // It may have waited for minutes, and is not to be done by whoever has signed in here meanwhile.
    const isOfCaller = () => person() === caller;
    if (answer.status !== 401 || !isOfCaller() || !(await renew()) || !isOfCaller()) return answer;
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token()}`);
    return retryingFetch(input, { ...init, headers });
  };
  return {
    call: createClient({ baseUrl: API_ROOT, token, fetch: send }),
    async openStream(path, { lastEventId, signal }) {
      const answer = await send(`${API_ROOT}${path}`, {
        signal,
        headers: {
          authorization: `Bearer ${token()}`,
          ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
        },
      });
      if (answer.ok && answer.body !== null) return answer.body;
      throw await refusalOf(answer);
    },
  };
}

/** Buoy has understood and said no: asking again changes nothing. */
export function isRefusal(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 429;
}

/** Deleted, or the access was revoked: what was seen of it before is not for these eyes any more. */
export function isGone(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** fetch with a deadline; when no answer comes it throws an ApiError (status 0) instead of the browser's own words. */
export async function fetchWithTimeout(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const deadline = new AbortController();
  const isRead = (init?.method ?? 'GET') === 'GET';
  const timer = setTimeout(() => deadline.abort(), isRead ? READ_DEADLINE_MS : ACT_DEADLINE_MS);
  const caller = init?.signal;
  const signal = caller ? AbortSignal.any([caller, deadline.signal]) : deadline.signal;
  try {
    return await fetch(input, { ...init, signal });
  } catch (cause) {
    if (caller?.aborted) throw cause;
    throw new ApiError(0, {
      error: deadline.signal.aborted ? 'Buoy took too long to answer.' : 'Buoy does not answer.',
      hint: 'Check your network, and that Buoy is running where it is installed.',
    });
  } finally {
    clearTimeout(timer);
  }
}

async function refusalOf(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => null);
  return new ApiError(
    answer.status,
    typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string'
      ? { ...body, error: body.error }
      : { error: `The server answered ${answer.status} without a reason.` },
  );
}

// What an endpoint is: a summary, what goes in, what comes out. Sections list theirs under literal keys 'METHOD /path'.
import type { z } from 'zod';

/**
 * - `none`: never refused
 * - `signIn`: attempts to sign in, per address
 * - `code`: short codes that can be guessed, per person
 * - `token`: new API tokens, per person
 * - `renewal`: renewals of a sign-in, per person
 * - `exec`: commands and connections to a server, per person
 * - `metrics`: readings of metrics, per caller
 * - `ending`: endings of sign-ins and of what signs in: as all calls, and beyond that a few per session
 * - `endable`: lists of what can be ended so, likewise
 * - `statusPage`: readings of status pages, per address
 */
export type RateLimit =
  | 'none'
  | 'signIn'
  | 'code'
  | 'token'
  | 'renewal'
  | 'exec'
  | 'metrics'
  | 'ending'
  | 'endable'
  | 'statusPage';

export type Endpoint = {
  /** One line for the OpenAPI document. */
  summary: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** The body is the bytes of a file, of one of these media types; there is no `body` then. */
  upload?: { types: readonly string[]; maxBytes: number };
  /** The status of success; every other status carries a Problem. */
  status: 101 | 200 | 201 | 202 | 204;
  /** A body with `dryRun: true` changes nothing: its success has the status 200. */
  hasDryRun?: true;
  /** Fields of the body whose whole value is a secret, though their names do not say so: the audit log masks them. */
  secretFields?: readonly string[];
  /** The JSON body of success; absent for 204, files and streams. */
  response?: z.ZodType;
  /** The media type of success where it is not JSON: a file or a text. */
  content?: string;
  /** Each person may make few of these in an hour, whatever address they come from; `expensive_if_fresh`: of those with the query `fresh=true`. */
  cost?: 'expensive' | 'expensive_if_fresh';
  /** The limit per minute that the call counts towards; absent: the one of all calls. */
  rateLimit?: RateLimit;
  /** Event name → data: the answer is `text/event-stream`, not JSON. */
  events?: Record<string, z.ZodType>;
  /** `Last-Event-ID` resumes the stream. */
  resumable?: true;
  /** `If-Match: "<version>"` refuses the change when somebody changed it meanwhile. */
  versioned?: true;
  /** The answer is a WebSocket: text frames are JSON of these shapes, binary frames are bytes. */
  socket?: { fromClient: z.ZodType; toClient: z.ZodType; maxFrameBytes: number };
};

export type Endpoints = Record<string, Endpoint>;

type Input<S> = S extends z.ZodType ? z.input<S> : never;
type Output<S> = S extends z.ZodType ? z.output<S> : never;

/** What a caller must bring. Parts that an endpoint does not have are absent. */
export type RequestOf<E extends Endpoint> = (E['params'] extends z.ZodType
  ? { params: Input<E['params']> }
  : { params?: undefined }) &
  (E['query'] extends z.ZodType ? { query?: Input<E['query']> } : { query?: undefined }) &
  (E['body'] extends z.ZodType ? { body: Input<E['body']> } : { body?: undefined }) &
  (E['upload'] extends { types: readonly string[] }
    ? { upload: { type: E['upload']['types'][number]; bytes: Uint8Array<ArrayBuffer> } }
    : { upload?: undefined });

/** An uploaded file. `bytes` is not enumerable: what writes the others down does not see it. */
export type Upload = { type: string; sizeBytes: number; sha256: string; readonly bytes: Uint8Array };

/** What a handler receives after validation. */
export type ParsedRequestOf<E extends Endpoint> = {
  params: Output<E['params']>;
  query: Output<E['query']>;
  body: E['upload'] extends object ? Upload : Output<E['body']>;
};

/** What a handler returns and a caller gets; undefined for 204 and for streams. */
export type ResponseOf<E extends Endpoint> = E['response'] extends z.ZodType
  ? z.output<E['response']>
  : undefined;

/** One event of a stream, as a discriminated union over the endpoint's event names. */
export type StreamEventOf<E extends Endpoint> =
  E['events'] extends Record<string, z.ZodType>
    ? {
        [K in keyof E['events'] & string]: { event: K; data: z.output<E['events'][K]>; id?: string };
      }[keyof E['events'] & string]
    : never;

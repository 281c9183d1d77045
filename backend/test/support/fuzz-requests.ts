// Whole requests to one endpoint: caller, path, query, headers and body.
import {
  contract,
  type Endpoint,
  type EndpointKey,
  newServer,
  serverChange,
  serverClone,
} from '@buoy/contract';
import fc from 'fast-check';
import { type FuzzCaller, fuzzCallers } from './fuzz-fixture.ts';
import {
  contentTypes,
  heavyBodies,
  hostileAuthorizations,
  hostileBodies,
  hostileHeaders,
  hostileTexts,
} from './hostile-values.ts';
import { type KnownValues, valuesFrom } from './requests-from-schema.ts';

export type FuzzRequest = {
  caller: { as: FuzzCaller } | { authorization: string };
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /api, with the query. */
  url: string;
  /** The path leads to this endpoint, whatever its variable parts hold. */
  straight: boolean;
  headers: Record<string, string>;
  body: string | null;
};

const { oneof, constant, constantFrom, record, string, tuple } = fc;

export function fuzzRequests(
  key: EndpointKey,
  known: KnownValues,
  inPath: KnownValues,
): fc.Arbitrary<FuzzRequest> {
  const endpoint: Endpoint = contract[key];
  const [method = '', template = ''] = key.split(' ');
  return record({
    caller: callers,
    path: paths(template, inPath),
    query: queries(endpoint, known),
    headers,
    body: bodies(endpoint, known, examples[key]),
  }).map(({ caller, path, query, headers: own, body }) => ({
    caller,
    method: method as FuzzRequest['method'],
    url: `${path.url}${query}`,
    straight: path.straight,
    headers: { ...(body.type === null ? {} : { 'content-type': body.type }), ...own },
    body: body.text,
  }));
}

const callers: fc.Arbitrary<FuzzRequest['caller']> = oneof(
  { weight: 10, arbitrary: constant({ as: 'super-admin' } as const) },
  { weight: 8, arbitrary: constantFrom(...fuzzCallers).map((as) => ({ as })) },
  {
    weight: 2,
    arbitrary: constantFrom(...hostileAuthorizations).map((authorization) => ({ authorization })),
  },
);

/** The router refuses longer parts before the endpoint sees them. */
const MAX_PART_LENGTH = 256;

function paths(template: string, inPath: KnownValues): fc.Arbitrary<{ url: string; straight: boolean }> {
  const names = [...template.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const parts = tuple(...names.map((name) => pathPart(inPath[name] ?? [])));
  const straight = parts.map((values) => ({
    url: fill(template, values),
    straight: values.every((value) => value !== '' && value.length <= MAX_PART_LENGTH),
  }));
  const twist = constantFrom<(path: string) => string>(
    (path) => `${path}/`,
    (path) => path.replace('/', '//'),
    (path) => path.toUpperCase(),
    (path) => `${path};a=b`,
    (path) => `${path}%`,
    (path) => `${path}%00`,
    (path) => `${path}%2f..%2f..`,
    (path) => `${path}/%ff%fe`,
    (path) => `/.%2e${path}`,
  );
  const twisted = tuple(straight, twist).map(([{ url }, change]) => ({ url: change(url), straight: false }));
  return oneof({ weight: 24, arbitrary: straight }, { weight: 1, arbitrary: twisted });
}

function pathPart(values: readonly string[]): fc.Arbitrary<string> {
  const odd = oneof(constantFrom(...hostileTexts), string({ minLength: 1, maxLength: 80, unit: 'binary' }))
    // Node's URL resolves these as `.` and `..`, so another endpoint would be called.
    .filter((text) => text !== '.' && text !== '..');
  return values.length === 0
    ? odd
    : oneof({ weight: 6, arbitrary: constantFrom(...values) }, { weight: 1, arbitrary: odd });
}

function fill(template: string, values: readonly string[]): string {
  let next = 0;
  return template.replace(/:\w+/g, () => encodeURIComponent((values[next++] ?? '').toWellFormed()));
}

const oddQueries = [
  '?',
  '?&&&',
  '?=',
  '?%',
  '?%zz=%zz',
  '?a=b&a=c',
  '?limit=1&limit=2',
  '?limit[]=1',
  '?limit[$gt]=1',
  '?limit=%00',
  '?limit=1e3',
  '?cursor=%ff',
  '?__proto__[isSuperAdmin]=true',
  '?constructor=x',
  '?token=x&access_token=y',
  `?${'a=1&'.repeat(2_000)}`,
  `?q=${'x'.repeat(10_000)}`,
];

function queries(endpoint: Endpoint, known: KnownValues): fc.Arbitrary<string> {
  const odd = constantFrom(...oddQueries);
  if (endpoint.query === undefined)
    return oneof({ weight: 12, arbitrary: constant('') }, { weight: 1, arbitrary: odd });
  return oneof(
    { weight: 12, arbitrary: valuesFrom(endpoint.query, known).map(queryText) },
    { weight: 1, arbitrary: odd },
  );
}

function queryText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const pairs = Object.entries(value).map(([name, one]) => {
    const text = typeof one === 'object' ? JSON.stringify(one) : String(one);
    return [name.toWellFormed(), text.toWellFormed()] as [string, string];
  });
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

const oneHeader = constantFrom(...Object.entries(hostileHeaders)).chain(([name, values]) =>
  tuple(constant(name), constantFrom(...values)),
);
const headers: fc.Arbitrary<Record<string, string>> = oneof(
  { weight: 1, arbitrary: constant({}) },
  { weight: 1, arbitrary: fc.array(oneHeader, { minLength: 1, maxLength: 4 }).map(Object.fromEntries) },
);

/** Valid bodies for schemas whose fields depend on each other so much that chance seldom makes one. */
const examples: Partial<Record<EndpointKey, object>> = {
  'POST /servers': {
    name: 'example',
    host: '127.0.0.1',
    username: 'root',
    authType: 'password',
    password: 'one of the tests',
  },
  'POST /servers/:id/openclaw/cron': {
    name: 'example',
    schedule: { kind: 'cron', expr: '0 9 * * 1', tz: 'Europe/Berlin' },
    message: 'example',
  },
  'PUT /servers/:id/openclaw/cron/:jobId': { enabled: false },
  'POST /servers/:id/setup/onboard': { provider: 'skip' },
  'POST /servers/:id/setup/run': { onboard: { provider: 'skip' } },
};

type Body = { text: string | null; type: string | null };

function bodies(endpoint: Endpoint, known: KnownValues, example: object | undefined): fc.Arbitrary<Body> {
  const noBody = constant<Body>({ text: null, type: null });
  const broken = record<Body>({
    text: oneof(
      { weight: 9, arbitrary: constantFrom(...hostileBodies) },
      { weight: 1, arbitrary: constantFrom(...heavyBodies) },
    ),
    type: oneof(constant('application/json'), constantFrom(...contentTypes)),
  });
  if (endpoint.body === undefined)
    return oneof({ weight: 10, arbitrary: noBody }, { weight: 1, arbitrary: broken });
  const generated = valuesFrom(endpoint.body, known);
  const values =
    example === undefined
      ? generated
      : oneof(
          generated,
          generated.map((value) => withOneFieldOf(value, example)),
        );
  const texts = values.map((value) => JSON.stringify(tamed(value)) ?? null);
  const completeBody = texts.map<Body>((text) => ({ text, type: 'application/json' }));
  const cut = tuple(texts, fc.nat(100)).map<Body>(([text, percent]) => ({
    text: text === null ? null : text.slice(0, Math.floor((text.length * percent) / 100)),
    type: 'application/json',
  }));
  const mistyped = record<Body>({ text: texts, type: constantFrom(...contentTypes) });
  return oneof(
    { weight: 24, arbitrary: completeBody },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: mistyped },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: noBody },
  );
}

function withOneFieldOf(value: unknown, example: object): object {
  const [field] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return field === undefined ? example : { ...example, [field[0]]: field[1] };
}

/** Addresses that Buoy would store and connect to stay on this machine, where nothing listens on port 1. */
function tamed(body: unknown): unknown {
  const stored = [newServer, serverChange, serverClone].some((schema) => schema.safeParse(body).success);
  return stored ? { ...(body as object), host: '127.0.0.1', port: 1 } : body;
}

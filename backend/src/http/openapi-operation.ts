// One call of the OpenAPI document, from its contract entry and its policy.
import { type Endpoint, type EndpointKey, operationIds, requestExamples } from '@buoy/contract';
import { scopeFor } from './authorize.ts';
import type { JsonSchema, SchemaCollector } from './openapi-schemas.ts';
import { tagOf } from './openapi-tags.ts';
import { bodyIfAbsent, type Policy, type Route } from './route.ts';

/** `/servers/:id` → `/servers/{id}` */
export function pathOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

export function openapiOperation({ key, endpoint, policy }: Route, schemas: SchemaCollector): object {
  const [method = '', path = ''] = key.split(' ');
  return {
    operationId: operationIds[key],
    tags: [tagOf(path)],
    summary: endpoint.summary,
    description: descriptionOf(endpoint, policy, method),
    security: securityOf(key, endpoint, policy),
    'x-role': policy.who,
    ...('inPerson' in policy ? { 'x-in-person': true } : {}),
    parameters: parametersOf(endpoint, policy, method, schemas),
    ...requestOf(key, endpoint, schemas),
    responses: {
      [endpoint.status]: successOf(endpoint, operationIds[key], schemas),
      ...(endpoint.hasDryRun === true
        ? { 200: successOf({ ...endpoint, status: 200 }, operationIds[key], schemas) }
        : {}),
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
    ...(endpoint.socket === undefined ? {} : framesOf(endpoint.socket, schemas)),
  };
}

const whoMay: Record<Policy['who'], string> = {
  public: 'Everybody may call this, without a token.',
  user: 'Every signed-in person may call this.',
  viewer: 'For viewers, admins and the owner of the server.',
  admin: 'For admins and the owner of the server.',
  owner: 'For the owner of the server.',
  super: 'For super-admins.',
};

function descriptionOf(endpoint: Endpoint, policy: Policy, method: string): string {
  const sentences = [whoMay[policy.who]];
  if ('inPerson' in policy) sentences.push('API tokens may not.');
  else if (policy.who !== 'public')
    sentences.push(`An API token needs the scope \`${scopeFor(policy, method, null)}\`.`);
  if (endpoint.cost !== undefined) {
    const which = endpoint.cost === 'expensive_if_fresh' ? 'Costly with `fresh=true`' : 'Costly';
    sentences.push(`${which}: a person has ten of these, then one a minute.`);
  }
  if (endpoint.events !== undefined)
    sentences.push('The answer is a stream of server-sent events: `event`, `id`, and `data` as JSON.');
  if (endpoint.upload !== undefined)
    sentences.push(`The body is the file itself, ${endpoint.upload.maxBytes} bytes at most.`);
  return sentences.join(' ');
}

/** What a caller brings; one of several where several fit. */
function securityOf(key: string, { socket }: Endpoint, { who }: Policy): object[] {
  if (socket !== undefined) return [{ token: [] }, { ticket: [] }];
  const cookie = cookieCalls[key];
  if (cookie !== undefined) return [{ [cookie]: [] }];
  return who === 'public' ? [] : [{ token: [] }];
}

/** The calls that read a cookie; all others read none. */
const cookieCalls: Record<string, string> = {
  'POST /auth/refresh': 'refreshCookie',
  'POST /auth/telegram-login/finish': 'loginCookie',
} satisfies Partial<Record<EndpointKey, string>>;

function parametersOf(
  endpoint: Endpoint,
  { who }: Policy,
  method: string,
  schemas: SchemaCollector,
): JsonSchema[] {
  const named = (name: string): JsonSchema => ({ $ref: `#/components/parameters/${name}` });
  return [
    ...fieldsOf(endpoint.params, 'path', schemas),
    ...fieldsOf(endpoint.query, 'query', schemas),
    ...(method === 'POST' && who !== 'public' ? [named('IdempotencyKey')] : []),
    ...(endpoint.versioned === true ? [named('IfMatch')] : []),
    ...(endpoint.resumable === true ? [named('LastEventId')] : []),
  ];
}

function fieldsOf(
  schema: Endpoint['params'],
  resource: 'path' | 'query',
  schemas: SchemaCollector,
): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.input(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: resource,
    required: resource === 'path' || required.includes(name),
    schema: field,
  }));
}

function requestOf(key: EndpointKey, endpoint: Endpoint, schemas: SchemaCollector): JsonSchema {
  if (endpoint.upload !== undefined) {
    const file = { schema: { type: 'string', format: 'binary' } };
    const content = Object.fromEntries(endpoint.upload.types.map((type) => [type, file]));
    return { requestBody: { required: true, content } };
  }
  if (endpoint.body === undefined) return {};
  const example = requestExamples[key];
  const content = {
    schema: withoutNull(schemas.body(endpoint.body)),
    ...(example === undefined ? {} : { example }),
  };
  const required = bodyIfAbsent(key, endpoint) === undefined;
  return { requestBody: { required, content: { 'application/json': content } } };
}

function withoutNull(schema: JsonSchema): JsonSchema {
  const filled = (schema.anyOf as JsonSchema[] | undefined)?.filter(({ type }) => type !== 'null');
  return filled?.length === 1 && filled[0] !== undefined ? filled[0] : schema;
}

const answerHeaders = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } };

function successOf(endpoint: Endpoint, operationId: string, schemas: SchemaCollector): JsonSchema {
  const { status, response, content, events } = endpoint;
  const answer = (description: string, mediaType: string, schema: JsonSchema): JsonSchema => ({
    description,
    headers: answerHeaders,
    content: { [mediaType]: { schema } },
  });
  if (events !== undefined)
    return answer(
      'Server-sent events, each of this shape.',
      'text/event-stream',
      eventsOf(events, operationId, schemas),
    );
  if (content !== undefined) return answer('The file.', content, { type: 'string' });
  if (response !== undefined)
    return answer(meaningOf[status], 'application/json', schemas.response(response));
  return { description: meaningOf[status], headers: answerHeaders };
}

const meaningOf: Record<Endpoint['status'], string> = {
  101: 'A WebSocket: text frames are JSON, binary frames are bytes.',
  200: 'Done.',
  201: 'Made.',
  202: 'Accepted: the work goes on after this answer.',
  204: 'Done. There is no body.',
};

/** OpenAPI 3.1 has no word for the events of a stream: the schema is that of one event. */
function eventsOf(
  events: NonNullable<Endpoint['events']>,
  title: string,
  schemas: SchemaCollector,
): JsonSchema {
  return {
    title: `${title} event`,
    oneOf: Object.entries(events).map(([event, data]) => ({
      type: 'object',
      properties: { event: { const: event }, id: { type: 'string' }, data: schemas.response(data) },
      required: ['event', 'data'],
    })),
  };
}

/** OpenAPI knows no WebSockets: the frames stand in a field of their own. */
function framesOf(socket: NonNullable<Endpoint['socket']>, schemas: SchemaCollector): JsonSchema {
  return {
    'x-frames': {
      fromClient: schemas.input(socket.fromClient),
      toClient: schemas.response(socket.toClient),
    },
  };
}

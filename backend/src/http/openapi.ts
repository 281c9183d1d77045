// The OpenAPI 3.1 document, made from the routes that are bound.
import { setImmediate as turn } from 'node:timers/promises';
import { problem, schemaExamples } from '@buoy/contract';
import { loginCookie, refreshCookie } from './cookies.ts';
import { openapiOperation, pathOf } from './openapi-operation.ts';
import { collectSchemas } from './openapi-schemas.ts';
import { tagsOf } from './openapi-tags.ts';
import type { Route } from './route.ts';

const description = `Many remote Linux servers that run OpenClaw, from one place.

Each call but a few needs a token: \`Authorization: Bearer TOKEN\`. Make an API token under *Account → API tokens* of the web app.
Answers and bodies are JSON, times are ISO 8601 in UTC. Every error has the shape \`Problem\`: branch on its \`code\`, show its \`error\`, quote its
\`requestId\`. Lists take \`limit\` and \`cursor\` and answer \`nextCursor\`, which is null on the last page.`;

export type OpenapiDocument = { openapi: string };

/** Every call of `routes`, as generators of clients and strict parsers read it. Others have their turn between two of them. */
export async function openapiDocument(routes: readonly Route[], version: string): Promise<OpenapiDocument> {
  const schemas = collectSchemas(schemaExamples);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    await turn();
    const [method = '', path = ''] = route.key.split(' ');
    const url = `/api${pathOf(path)}`;
    paths[url] = { ...paths[url], [method.toLowerCase()]: openapiOperation(route, schemas) };
  }
  return schemas.finish({
    openapi: '3.1.0',
    info: {
      title: 'Buoy',
      version,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This Buoy' }],
    tags: tagsOf(routes.map(({ key }) => key.split(' ')[1] ?? '')),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token (`POST /api/me/tokens`), or the token of a sign-in.',
        },
        refreshCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: refreshCookie.name,
          description: 'The kept sign-in of the web app and the command line. One call alone reads it.',
        },
        loginCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: loginCookie.name,
          description:
            'Binds a "Log in with Telegram" to the browser that began it. One call alone reads it.',
        },
        ticket: {
          type: 'apiKey',
          in: 'query',
          name: 'ticket',
          description:
            'Opens one terminal, in place of a token. From `POST /api/servers/{id}/terminal/ticket`.',
        },
      },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'The same key and body within 24 h gives the first answer again, not a second effect.',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          required: false,
          description: 'The `version` that you changed; 409 `stale_version` when it is not the current one.',
          schema: { type: 'string', examples: ['"3"'] },
        },
        LastEventId: {
          name: 'Last-Event-ID',
          in: 'header',
          required: false,
          description: 'The id of the last event that you got: the stream goes on behind it.',
          schema: { type: 'string', maxLength: 256 },
        },
      },
      headers: {
        RequestId: {
          description: 'Finds this call in the log of Buoy. Your own `X-Request-Id` is kept.',
          schema: { type: 'string' },
        },
        RetryAfter: { description: 'With 429: seconds to wait.', schema: { type: 'integer' } },
      },
      responses: {
        Problem: {
          description: 'The call was refused or failed.',
          headers: {
            'X-Request-Id': { $ref: '#/components/headers/RequestId' },
            'Retry-After': { $ref: '#/components/headers/RetryAfter' },
          },
          content: { 'application/json': { schema: schemas.response(problem) } },
        },
      },
    },
  });
}

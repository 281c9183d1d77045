// The OpenAPI 3.1 document, made from what is bound.
import type { Endpoint } from '@buoy/contract';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Policy } from './route.ts';

const problem = {
  type: 'object' as const,
  required: ['error', 'code', 'requestId'],
  properties: {
    error: { type: 'string' as const, description: 'One sentence that a person understands' },
    code: { type: 'string' as const, description: 'Stable; branch on this' },
    requestId: { type: 'string' as const },
    hint: { type: 'string' as const, description: 'What to do next' },
    details: {},
    taskId: { type: 'string' as const },
  },
};

/** Registers the collector: before the routes, which it listens to. The document is then `app.swagger()`. */
export async function registerOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Buoy',
        version,
        description: 'Many remote Linux servers that run OpenClaw, from one place.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
        schemas: { Problem: problem },
      },
    },
    hideUntagged: false,
    transform: (input) => {
      const { policy, content, uploadTypes, socket } = input.route.config ?? {};
      // Only what the contract names is in the document.
      if (policy === undefined || !input.url.startsWith('/api/'))
        return { schema: { hide: true }, url: input.url };
      const transformed = jsonSchemaTransform(input);
      return {
        url: transformed.url,
        schema: {
          ...transformed.schema,
          ...operation(policy, input.url),
          ...(content === undefined ? {} : { response: { 200: file(content) } }),
          ...(socket === undefined ? {} : webSocket(socket)),
          ...(uploadTypes === undefined
            ? {}
            : { consumes: [...uploadTypes], body: { type: 'string', format: 'binary' } }),
        },
      };
    },
    transformObject: (input) => withOptionalBodies(withProblems(jsonSchemaTransformObject(input))),
  });
}

function operation(policy: Policy, url: string): Record<string, unknown> {
  return {
    tags: [url.split('/')[2] ?? 'other'],
    security: policy.who === 'public' ? [] : [{ bearer: [] }],
    'x-role': policy.who,
    ...('inPerson' in policy ? { 'x-in-person': true } : {}),
  };
}

function file(mediaType: string): Record<string, unknown> {
  return { description: 'Success', content: { [mediaType]: { schema: { type: 'string' } } } };
}

/** OpenAPI knows no WebSockets: the frames stand in a field of their own. */
function webSocket({ fromClient, toClient }: NonNullable<Endpoint['socket']>): Record<string, unknown> {
  return {
    response: {
      101: { description: 'A WebSocket: text frames are JSON, binary frames are bytes', type: 'null' },
    },
    'x-frames': {
      fromClient: z.toJSONSchema(fromClient, { io: 'input' }),
      toClient: z.toJSONSchema(toClient),
    },
  };
}

type OpenapiDocument = ReturnType<typeof jsonSchemaTransformObject>;

/** Every operation may answer with an error of the one shape. */
function withProblems(document: OpenapiDocument): OpenapiDocument {
  const answer = {
    description: 'Any error',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  for (const path of Object.values(document.paths ?? {}))
    for (const operationObject of Object.values(path ?? {}))
      if (typeof operationObject === 'object' && operationObject !== null && 'responses' in operationObject)
        Object.assign(operationObject.responses as object, { default: answer });
  return document;
}

type OptionalBody = {
  requestBody?: {
    required?: boolean;
    content: Record<string, { schema: { type?: string; anyOf?: Array<{ type?: string }> } }>;
  };
};

/** A body that may be null may be left out: that is how Fastify hands on a request without one. */
function withOptionalBodies(document: OpenapiDocument): OpenapiDocument {
  for (const path of Object.values(document.paths ?? {}))
    for (const { requestBody } of Object.values(path ?? {}) as OptionalBody[]) {
      const content = requestBody?.content['application/json'];
      const filled = content?.schema.anyOf?.filter(({ type }) => type !== 'null');
      const [only] = filled ?? [];
      if (requestBody === undefined || content === undefined || filled?.length !== 1 || only === undefined)
        continue;
      requestBody.required = false;
      content.schema = only;
    }
  return document;
}

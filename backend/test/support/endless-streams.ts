// Streams that end only when their reader leaves: reads up to the end of the initial events, then leaves.
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';

/** Path → what ends the initial events. */
const endless: ReadonlyArray<{ path: RegExp; initialEnd: RegExp }> = [
  { path: /^\/api\/servers\/events(?:$|[?#])/, initialEnd: /^event: complete$/m },
];

/** Like `app.inject`, also for answers that never end; `body` holds the text received until then. */
export async function injectAndLeave(
  app: FastifyInstance,
  options: InjectOptions & { url: string },
): Promise<LightMyRequestResponse> {
  const stream = endless.find(({ path }) => path.test(options.url));
  if (stream === undefined) return app.inject(options);
  const answer = await app.inject({ ...options, payloadAsStream: true });
  let body = '';
  for await (const piece of answer.stream().setEncoding('utf8')) {
    body += piece;
    if (stream.initialEnd.test(body) && body.endsWith('\n\n')) break;
  }
  answer.raw.res.destroy();
  return Object.assign(answer, { body, payload: body, json: () => JSON.parse(body) });
}

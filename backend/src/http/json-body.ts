// JSON bodies: Fastify's own parser behind limits on nesting and on the number of values. Later code that validates, redacts or
// compares a body is recursive: twenty thousand brackets would overflow its stack, and a hundred thousand fields block everybody.
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/app-error.ts';
import { jsonExcess } from '../lib/json-size.ts';

/** Objects and lists inside each other; the deepest configuration of OpenClaw has about ten. */
const MAX_DEPTH = 64;
/** Of objects and lists, in all; the largest configuration of OpenClaw has some hundred. Ten times as many hold up everybody for 0.3 s. */
const MAX_VALUES = 10_000;

/** Takes the place of Fastify's parser of `application/json`. */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const excess = jsonExcess(body, { depth: MAX_DEPTH, values: MAX_VALUES });
    if (excess === 'depth')
      done(new AppError('malformed_json', `The body is nested deeper than ${MAX_DEPTH} levels.`));
    else if (excess === 'values')
      done(new AppError('malformed_json', `The body holds more than ${MAX_VALUES} values.`));
    else void parse(request, body, done);
  });
}

// JSON bodies: Fastify's own parser behind a limit on nesting. What looks at a body later, to check, redact or compare it, does so
// recursively, and a body of twenty thousand brackets would end the stack under it.
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/app-error.ts';

/** Objects and lists inside each other; the deepest configuration of OpenClaw has about ten. */
const MAX_DEPTH = 64;

/** Takes the place of Fastify's parser of `application/json`. */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isDeeper(body, MAX_DEPTH))
      done(new AppError('malformed_json', `The body is nested deeper than ${MAX_DEPTH} levels.`));
    else void parse(request, body, done);
  });
}

/** Counts brackets outside of strings; the text need not be JSON. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') inString = !inString;
    else if (inString) index += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

// The methods that a path supports, for the Allow header of a 405.
import type { FastifyInstance } from 'fastify';

/** Watches the routes that are registered from now on. The answer is empty for a path that none of them has. */
export function watchMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: Array<{ path: RegExp; methods: string[] }> = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ path: patternOf(url), methods: [method].flat() });
  });
  return (path) => [
    ...new Set(routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods)),
  ];
}

/** `/servers/:id` takes every text but a slash, `*` every text. */
function patternOf(url: string): RegExp {
  const parts = url.split(/(:\w+|\*)/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.');
  });
  return new RegExp(`^${parts.join('')}$`);
}

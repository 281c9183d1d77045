// The API reference at /api/docs: Swagger UI with this Buoy's document, on a page isolated from the app's session.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/app-error.ts';

const viewer = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const own = fileURLToPath(new URL('./api-reference', import.meta.url));

const files: Readonly<Record<string, { file: string; type: string }>> = {
  'swagger-ui.css': { file: path.join(viewer, 'swagger-ui.css'), type: 'text/css; charset=utf-8' },
  'swagger-ui-bundle.js': {
    file: path.join(viewer, 'swagger-ui-bundle.js'),
    type: 'text/javascript; charset=utf-8',
  },
  'reference.css': { file: path.join(own, 'reference.css'), type: 'text/css; charset=utf-8' },
  'reference.js': { file: path.join(own, 'reference.js'), type: 'text/javascript; charset=utf-8' },
};

/**
 * `sandbox` without `allow-same-origin` gives the page an origin of its own: no cookie, no storage, no call to Buoy, whatever a script on
 * it does. It needs none of that, since the document stands in the page.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // Links open in windows of their own.
  'sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox',
].join('; ');

/**
 * Serves the page and its files out of memory, at no work for each call. `document` answers the OpenAPI document.
 * @returns makes them now, before the first call does
 */
export function serveApiReference(
  app: FastifyInstance,
  document: () => Promise<object>,
): () => Promise<void> {
  let madePage: Promise<Buffer> | null = null;
  const page = (): Promise<Buffer> => {
    madePage ??= document().then((made) => Buffer.from(referencePage(made)));
    return madePage;
  };
  const bytesOf = new Map<string, Buffer>();
  const read = (file: string): Buffer => {
    const bytes = bytesOf.get(file) ?? readFileSync(file);
    bytesOf.set(file, bytes);
    return bytes;
  };
  app.route({
    method: 'GET',
    url: '/api/docs',
    config: { policy: { who: 'public' } },
    handler: async (_request, reply) => {
      const made = await page();
      return reply
        .headers({
          'content-security-policy': pagePolicy,
          // Browsers refuse to show a sandboxed page under stricter ones.
          'cross-origin-opener-policy': 'unsafe-none',
          'origin-agent-cluster': '?0',
        })
        .type('text/html; charset=utf-8')
        .send(made);
    },
  });
  app.route({
    method: 'GET',
    url: '/api/docs/:file',
    config: { policy: { who: 'public' } },
    handler: (request, reply) => {
      const { file: name } = request.params as { file: string };
      const found = Object.hasOwn(files, name) ? files[name] : undefined;
      if (found === undefined) throw new AppError('not_found', 'The API reference has no such file.');
      return (
        reply
          // The page has no origin that could be the same.
          .headers({
            'cross-origin-resource-policy': 'cross-origin',
            'cache-control': 'public, max-age=3600',
          })
          .type(found.type)
          .send(read(found.file))
      );
    },
  });
  return async () => {
    await page();
    for (const { file } of Object.values(files)) read(file);
  };
}

/** The page: the document stands in it as data, which no browser runs. */
export function referencePage(document: object): string {
  // Without "<" nothing in it can end the element.
  const data = JSON.stringify(document).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Buoy API reference</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/reference.css">
</head>
<body>
<main id="reference"><noscript>This page needs JavaScript. The document itself: <a href="/api/openapi.json">openapi.json</a></noscript></main>
<script type="application/json" id="document">${data}</script>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/reference.js"></script>
</body>
</html>
`;
}

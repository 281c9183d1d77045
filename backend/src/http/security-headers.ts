// Security headers of Buoy's pages.
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Telegram's web clients show a Mini App in a frame (https://core.telegram.org/bots/webapps). */
const TELEGRAM_FRAMES = ['https://web.telegram.org', 'https://*.telegram.org'];

/**
 * @param appDomain other origins than this one stay out; null: same origin only, and no CORS header at all
 * @param formTarget where forms may lead besides Buoy itself, for the Host by which the caller reaches it
 */
export async function registerSecurityHeaders(
  app: FastifyInstance,
  appDomain: string | null,
  formTarget: (host: string | undefined) => string,
): Promise<void> {
  await app.register(helmet, {
    // Frames are ruled by frame-ancestors below; this older header could not admit Telegram.
    frameguard: false,
    crossOriginEmbedderPolicy: false,
    // Buoy may well be opened by plain http on a loopback address; a proxy with TLS sets its own HSTS for the domain.
    strictTransportSecurity: appDomain !== null,
    referrerPolicy: { policy: 'no-referrer' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'https://t.me', 'https://*.telegram.org'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'", (request) => formTarget(request.headers.host)],
        frameAncestors: ["'self'", ...TELEGRAM_FRAMES],
      },
    },
  });
  // No page of Buoy belongs in a search engine, least of all a status page whose link somebody has published.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-robots-tag', 'noindex, nofollow');
  });
  if (appDomain === null) return;
  await app.register(cors, {
    origin: `https://${appDomain}`,
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'if-match',
      'idempotency-key',
      'last-event-id',
      'x-request-id',
    ],
    exposedHeaders: [
      'x-request-id',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
      'retry-after',
    ],
    maxAge: 600,
  });
}

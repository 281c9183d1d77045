// The page of the web app, served from memory: it has no rate limit, so it must cost nothing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Shell = { send(request: FastifyRequest, reply: FastifyReply): FastifyReply };

/** The page in `file`, read once; null when it is not there. */
export function readShell(file: string): Shell | null {
  const page = contentOf(file);
  if (page === null) return null;
  const etag = `"${createHash('sha256').update(page).digest('base64url')}"`;
  return {
    send(request, reply) {
      reply.header('cache-control', 'no-cache').header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type('text/html; charset=utf-8').send(page);
    },
  };
}

function contentOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

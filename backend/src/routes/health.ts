// Liveness, and the document of the API.
import type { OpenapiDocument } from '../http/openapi.ts';
import { anyone } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';

export function healthRoutes(parts: {
  ping: () => Promise<void>;
  version: string;
  uptimeS: () => number;
  /** The OpenAPI document, once all routes are bound. */
  document: () => Promise<OpenapiDocument>;
}): Route[] {
  const { ping, version, uptimeS, document } = parts;
  let asking: Promise<void> | null = null;
  /** However many ask at once, the database is asked by one of them: this call has no rate limit. */
  const pingTogether = (): Promise<void> => {
    asking ??= ping().finally(() => {
      asking = null;
    });
    return asking;
  };
  return [
    route('GET /health', anyone, async () => {
      await pingTogether();
      return { status: 'ok' as const, version, uptimeS: uptimeS() };
    }),
    route('GET /openapi.json', anyone, () => document()),
  ];
}

// The warning at start when Buoy is served over plain HTTP.
import type { Config } from './config.ts';
import { isLoopbackHost } from './lib/loopback-host.ts';

/** One paragraph; null: it is reached by https, or on this machine alone. */
export function plainHttpNotice({
  host,
  tls,
  trustProxy,
  appDomain,
  allowInsecureHttp,
}: Pick<Config, 'host' | 'tls' | 'trustProxy' | 'appDomain' | 'allowInsecureHttp'>): string | null {
  if (tls !== null || isLoopbackHost(host)) return null;
  if (allowInsecureHttp)
    return (
      'ALLOW_INSECURE_HTTP is set: over plain http, sign-ins and all that people see and type travel unencrypted. ' +
      'Use it on a network that you trust, and never from the internet.'
    );
  // Somebody has put https before it.
  if (trustProxy > 0 || appDomain !== null) return null;
  return (
    `Buoy listens on ${host} by plain http, where browsers keep no sign-in: a reload signs people out. ` +
    'Give it a certificate (TLS_CERT and TLS_KEY), put a proxy with https before it (APP_DOMAIN and TRUST_PROXY) or, on a network that you trust, set ALLOW_INSECURE_HTTP=1.'
  );
}

// Where the Control UI is served: foreign code, so its origin is never the one of Buoy's own app.
import { createHash } from 'node:crypto';

export type ControlUiAddress = {
  /**
   * The origin of this server's Control UI.
   * @param appOrigin scheme, host and port by which the caller reaches Buoy itself
   */
  originFor(serverId: string, appOrigin: string): string;
  /** Does a request with these headers come from the Control UI's own pages? */
  isOwn(serverId: string, headers: { origin?: string | undefined; host?: string | undefined }): boolean;
  /** Browsers reach it by https. */
  isSecure: boolean;
};

/**
 * @param parts.domain its public host name; `*.` before it: each server has its own below, which browsers keep apart
 * @param parts.port the port that it listens on
 */
export function createControlUiAddress({
  domain,
  appDomain,
  port,
}: {
  domain: string | null;
  appDomain: string | null;
  port: () => number;
}): ControlUiAddress {
  const publicOrigin = (serverId: string): string | null =>
    domain === null ? null : `https://${domain.replace('*', () => labelOf(serverId))}`.toLowerCase();
  return {
    isSecure: domain !== null || appDomain !== null,
    originFor(serverId, appOrigin) {
      const base = new URL(appDomain === null ? appOrigin : `https://${appDomain}`);
      base.port = String(port());
      return publicOrigin(serverId) ?? base.origin;
    },
    isOwn(serverId, { origin, host }) {
      if (origin === undefined || !URL.canParse(origin)) return false;
      const expected = publicOrigin(serverId);
      return expected === null ? new URL(origin).host === host?.toLowerCase() : origin === expected;
    },
  };
}

/** Ids tell small letters from capitals and may hold "_"; host names do not. */
function labelOf(serverId: string): string {
  return createHash('sha256').update(serverId).digest('hex').slice(0, 32);
}

// Where the Control UI is served: foreign code, so its origin is never the one of Buoy's own app.
import { createHash } from 'node:crypto';

export type ControlUiAddress = {
  /**
   * The origin of this server's Control UI.
   * @param appOrigin scheme, host and port by which the caller reaches Buoy itself
   */
  originFor(serverId: string, appOrigin: string): string;
  /** Whether a request with these headers comes from the Control UI's own pages. */
  isOwn(serverId: string, headers: { origin?: string | undefined; host?: string | undefined }): boolean;
  /** Whether a page of Buoy's own app sent this request. Browsers name the origin of a form's page, and no page can name another one. */
  isFromApp(headers: { origin?: string | undefined; host?: string | undefined }): boolean;
  /** Where forms of Buoy's app lead to it, as a source of a Content-Security-Policy. @param host by which the caller reaches Buoy itself */
  formTarget(host: string | undefined): string;
  /** Browsers reach it by https. */
  isSecure: boolean;
  /** All servers are on one origin: their pages could reach each other's. */
  isShared: boolean;
};

/**
 * @param parts.domain its public host name; `*.` before it: each server has its own below, which browsers keep apart
 * @param parts.port the port that it listens on
 * @param parts.isTls it serves https itself
 */
export function createControlUiAddress({
  domain,
  appDomain,
  isTls,
  port,
}: {
  domain: string | null;
  appDomain: string | null;
  isTls: boolean;
  port: () => number;
}): ControlUiAddress {
  const publicOrigin = (serverId: string): string | null =>
    domain === null ? null : `https://${domain.replace('*', () => labelOf(serverId))}`.toLowerCase();
  return {
    isSecure: isTls || domain !== null || appDomain !== null,
    isShared: domain === null || !domain.startsWith('*.'),
    isFromApp({ origin, host }) {
      if (origin === undefined || !URL.canParse(origin)) return false;
      if (appDomain !== null) return origin === new URL(`https://${appDomain}`).origin;
      // Without a public name Buoy knows its host by the request alone, and a forwarded port may be any.
      const own = `http://${host ?? ''}`;
      return (
        URL.canParse(own) &&
        new URL(origin).hostname === new URL(own).hostname &&
        new URL(origin).host !== new URL(own).host
      );
    },
    formTarget(host) {
      if (domain !== null) return `https://${domain}`;
      if (appDomain !== null) return `https://${new URL(`https://${appDomain}`).hostname}:${port()}`;
      // A policy cannot name an IPv6 address.
      const [hostname = '*'] = /^[A-Za-z0-9.-]+/.exec(host ?? '') ?? [];
      return `${isTls ? 'https' : 'http'}://${hostname}:${port()}`;
    },
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

/** Ids are case-sensitive and may contain "_"; host names are not and may not. */
function labelOf(serverId: string): string {
  return createHash('sha256').update(serverId).digest('hex').slice(0, 32);
}

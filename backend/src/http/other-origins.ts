// Which requests a browser makes for a page of another origin. A script cannot choose what is read here.
import type { IncomingHttpHeaders } from 'node:http';

/** False also for programs and for what a person opens themselves. */
export function isFromOtherOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

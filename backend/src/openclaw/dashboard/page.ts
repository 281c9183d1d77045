// Serves the Control UI below its own path: OpenClaw serves it for the root, so its page and redirects are rewritten.

/** Only OpenClaw's own page has this element; pages that agents made stay as they are. */
const MARK = '<openclaw-app';
/** UTF-16 units of it; the real one has 18,000. */
const MAX_LENGTH = 512 * 1024;

/** The path below which a server's Control UI is served. */
export function basePathOf(serverId: string): string {
  return `/s/${serverId}`;
}

/**
 * The page with its base path: the attribute from which 2026.9.6 reads it (2026.7.35 derives it from the address), and links that
 * begin at the root. Inline scripts are left alone: the policy of the page knows them by their hashes.
 * @param mountedAt the path below which the gateway serves it, '' for the root
 */
export function pageBelow(html: string, base: string, mountedAt = ''): string {
  if (html.length > MAX_LENGTH || !html.includes(MARK)) return html;
  const below = (path: string) => `${base}${withoutMount(path, mountedAt)}`;
  // A tag ends before the next one begins: otherwise each search would run to the end of the page.
  return html
    .replace(
      /(<html\b[^<>]*\sdata-openclaw-control-ui-base-path=")[^"]*"/,
      (_all, start: string) => `${start}${base}"`,
    )
    .replace(/<(?:link|script|img)\b[^<>]*>/g, (tag) =>
      tag.replace(
        /(\s(?:href|src)=")(\/(?!\/)[^"]*)/g,
        (_all, start: string, path: string) => `${start}${below(path)}`,
      ),
    );
}

/** Below these, the gateway serves files and pages that agents made, its own answers, and nothing else that a tab shows. */
const RESERVED = /^\/+(?:__openclaw__|api)(?:\/|$)/i;

/**
 * Whether an HTML answer is the page of the Control UI, and not one that an agent made: its scripts would act with the rights of the tab.
 * @param path the path that the gateway was asked for, with its query
 * @param upstream the gateway's own policy of the answer
 */
export function isControlUiPage(html: string, path: string, upstream: string | undefined): boolean {
  return (
    html.length <= MAX_LENGTH &&
    html.includes(MARK) &&
    !RESERVED.test(plainPath(path)) &&
    !/(?:^|[;,\s])sandbox(?:[;,\s]|$)/i.test(upstream ?? '')
  );
}

/** As a gateway reads it that decodes it and ignores its dots; a path that cannot be decoded is a reserved one. */
function plainPath(path: string): string {
  try {
    const plain = decodeURIComponent(path.split(/[?#]/, 1)[0] ?? '').replaceAll('\\', '/');
    return new URL(`http://gateway/${plain.replace(/^\/+/, '')}`).pathname;
  } catch {
    return '/api';
  }
}

/** Where a redirect leads below `base`; null when it leads elsewhere. */
export function locationBelow(
  location: string,
  base: string,
  { port, mountedAt = '' }: { port: number; mountedAt?: string },
): string | null {
  const gateway = `http://127.0.0.1:${port}`;
  if (!URL.canParse(location, gateway)) return null;
  const target = new URL(location, gateway);
  if (target.origin !== gateway) return null;
  return `${base}${withoutMount(target.pathname, mountedAt)}${target.search}${target.hash}`;
}

function withoutMount(path: string, mountedAt: string): string {
  const isBelow = mountedAt !== '' && (path === mountedAt || path.startsWith(`${mountedAt}/`));
  return isBelow ? path.slice(mountedAt.length) || '/' : path;
}

/** Where OpenClaw keeps the scripts of its page, and those of plugins (2026.9.6). Agents can write to neither. */
const SCRIPTS = ['assets/', '__openclaw__/plugins/control-ui/'];

/**
 * The Content-Security-Policy of the Control UI: only its own path may be loaded or connected to, since other servers may be
 * on the same origin: a tab that one of them has left open must not reach them. Scripts come only from where OpenClaw keeps its own.
 * @param upstream the gateway's own policy, from which the hashes of its inline scripts are taken
 */
export function policyFor(upstream: string | undefined, host: string, base: string): string {
  // A policy cannot name an IPv6 address.
  const isNamed = !host.startsWith('[');
  const own = isNamed ? `${host}${base}/` : "'self'";
  const scripts = isNamed ? SCRIPTS.map((path) => own + path).join(' ') : own;
  // Browsers do not count WebSockets to a source without a scheme. The Control UI opens its own without the last slash.
  const sockets = ['ws', 'wss'].flatMap((scheme) => [
    `${scheme}://${host}${base}`,
    `${scheme}://${host}${base}/`,
  ]);
  const hashes = upstream?.match(/'sha(?:256|384|512)-[A-Za-z0-9+/=]+'/g) ?? [];
  return [
    "default-src 'none'",
    `script-src ${scripts} 'wasm-unsafe-eval' ${[...new Set(hashes)].join(' ')}`.trim(),
    `style-src ${own} 'unsafe-inline'`,
    `img-src ${own} data: blob:`,
    `media-src ${own} data: blob:`,
    `font-src ${own} data:`,
    `manifest-src ${own}`,
    `worker-src ${scripts} blob:`,
    `frame-src ${own} blob:`,
    `connect-src ${own} data: blob: ${isNamed ? sockets.join(' ') : ''}`.trim(),
    "base-uri 'none'",
    `form-action ${own}`,
    "frame-ancestors 'self'",
  ].join('; ');
}

/** Of what the gateway's own policy allows to a page in a sandbox: nothing that would give it the origin, or let it leave the sandbox. */
const ALLOWED = ['allow-scripts', 'allow-popups', 'allow-downloads'];

/**
 * The same for whatever else a tab or a frame may show: it has an origin of its own, so that its scripts reach neither the gateway nor what the
 * Control UI keeps in the browser. OpenClaw relies on that for what agents make.
 */
export function sandboxedPolicyFor(upstream: string | undefined, host: string, base: string): string {
  const sandbox = /(?:^|[;,\s])sandbox\b([^;,]*)/i.exec(upstream ?? '')?.[1] ?? '';
  const flags = sandbox
    .toLowerCase()
    .split(/\s+/)
    .filter((flag) => ALLOWED.includes(flag));
  return `${policyFor(undefined, host, base)}; ${['sandbox', ...flags].join(' ')}`;
}

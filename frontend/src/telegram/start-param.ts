// Encodes a path of the app in the start parameter of a Telegram link: t.me/<bot>/<app>?startapp=<word>.
// Source: https://core.telegram.org/bots/webapps#direct-link-mini-apps: up to 512 characters of A-Z, a-z, 0-9, "_" and "-".

const MAX_LENGTH = 512;
const word = /^[A-Za-z0-9_-]{1,512}$/;

/** What needs no more than its own name. */
const plainPages: readonly string[] = ['alerts', 'inbox', 'tasks', 'account', 'admin', 'device', 'invite'];

/** Parts that can stand side by side with "_" between them. */
const simplePart = /^[A-Za-z0-9-]+$/;

/**
 * @param path a path of the app, such as `/servers/srv_x/agents`
 * @returns `s_<server>_<section>…`, `t_<task>`, the name of a page, or the whole path in base64url; null when it is too long
 */
export function startParamOf(path: string): string | null {
  const [, first = '', second = '', ...rest] = path.split('/');
  const short = shortParam(first, second, rest);
  const param = short ?? `p_${toBase64Url(path)}`;
  return param.length <= MAX_LENGTH ? param : null;
}

function shortParam(first: string, second: string, rest: readonly string[]): string | null {
  if (second === '' && rest.length === 0) return plainPages.includes(first) ? first : null;
  if (first === 'servers' && /^srv_[A-Za-z0-9]+$/.test(second) && rest.every((part) => simplePart.test(part)))
    return ['s', second, ...rest].join('_');
  if (first === 'tasks' && /^tsk_[A-Za-z0-9]+$/.test(second) && rest.length === 0) return `t_${second}`;
  return null;
}

/**
 * @param param whatever the link carried
 * @returns a path of the app, for an invite with `#code=` behind it; null when the word means nothing here
 */
export function pathOfStartParam(param: string): string | null {
  if (!word.test(param)) return null;
  if (plainPages.includes(param)) return `/${param}`;
  const [, kind, value = ''] = /^([a-z])_(.+)$/.exec(param) ?? [];
  switch (kind) {
    case 's': {
      const [, server, rest = ''] = /^(srv_[A-Za-z0-9]+)((?:_[A-Za-z0-9-]+)*)$/.exec(value) ?? [];
      return server === undefined ? null : `/servers/${server}${rest.replaceAll('_', '/')}`;
    }
    case 't':
      return /^tsk_[A-Za-z0-9]+$/.test(value) ? `/tasks/${value}` : null;
    case 'i':
      return `/invite#code=${value}`;
    case 'p':
      return localPath(fromBase64Url(value));
    default:
      return null;
  }
}

/** A path of this app and nothing else: "//" and "\" lead to other hosts, "?" and "#" to what is no page. */
function localPath(text: string | null): string | null {
  return text !== null && /^\/(?![/\\])[^\\?#\p{Cc}]*$/u.test(text) ? text : null;
}

function toBase64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): string | null {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
    );
  } catch {
    return null;
  }
}

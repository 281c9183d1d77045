// Buoy's own pages on the Control UI's address: the entry page and the error page.
import type { AppError } from '../lib/app-error.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#16202c;background:#f7f8fa}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#0f141b}a{color:#9cc4ff}}h1{font-size:1.25rem}p{margin:.5rem 0}';

/** Of those pages: nothing from anywhere, and no scripts. */
export const PAGES_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function page(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}<title>${title}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

/**
 * Leads on to `path`. A redirect would not do: its chain began on another site, and browsers keep a SameSite=Strict cookie back from it.
 * @param path of this origin, with letters, digits, `_`, `-` and `/` only
 */
export function enteredPage(path: string): string {
  return page(
    'Opening the Control UI',
    `<h1>Opening the Control UI…</h1><p><a href="${path}">Continue</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${path}">`,
  );
}

export function refusalPage(error: AppError): string {
  return page(
    'The Control UI cannot be shown',
    `<h1>The Control UI cannot be shown</h1><p>${escaped(error.message)}</p><p>${escaped(error.hint ?? '')}</p>`,
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

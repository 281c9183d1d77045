// The few pages that Buoy itself shows on the Control UI's address: the way in, and why there is none.
import type { AppError } from '../lib/app-error.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#16202c;background:#f7f8fa}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#0f141b}}h1{font-size:1.25rem}p{margin:.5rem 0}';

/** Of those pages: nothing from elsewhere, and the one script. */
export const PAGES_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

export const entryPage = page(
  'Opening the Control UI',
  '<h1 id="title">Opening the Control UI…</h1><p id="words" role="status"></p><script src="/enter.js"></script>',
);

/** Takes the code out of the address bar, trades it for the cookie, and goes on. The code is in the fragment, which no server sees. */
export const entryScript = `
const code = new URLSearchParams(location.hash.slice(1)).get('code') ?? '';
history.replaceState(null, '', '/enter');
const say = (words) => {
  document.title = document.getElementById('title').textContent = 'The Control UI was not opened';
  document.getElementById('words').textContent = words;
};
fetch('/enter', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) })
  .then(async (answer) => {
    const body = await answer.json();
    if (answer.ok) location.replace(body.path);
    else say(body.error + ' ' + (body.hint ?? ''));
  })
  .catch(() => say('Buoy does not answer. Open the Control UI again from the page of the server.'));
`;

export function refusalPage(error: AppError): string {
  return page(
    'The Control UI cannot be shown',
    `<h1>The Control UI cannot be shown</h1><p>${escaped(error.message)}</p><p>${escaped(error.hint ?? '')}</p>`,
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

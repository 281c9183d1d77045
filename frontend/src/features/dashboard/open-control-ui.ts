// Opens a server's Control UI: a link, its code, and the form that takes the browser there.
import type { Client } from '@buoy/contract/client';

export type ControlUiLink = {
  /** To a page of Buoy, for a browser in which its person is signed in; good once. */
  link: string;
  /** For the person's own terminal, without Buoy; null: the way there cannot be shown. */
  sshCommand: string | null;
};

/** Throws ApiError. */
export async function askForControlUi(call: Client, serverId: string): Promise<ControlUiLink> {
  const { url, sshCommand } = await call('GET /servers/:id/openclaw/dashboard-url', {
    params: { id: serverId },
  });
  return { link: url, sshCommand };
}

/** Uses the code of a link up, and answers where this browser goes on, once and within seconds. Throws ApiError. */
export async function confirmControlUi(call: Client, code: string): Promise<string> {
  return (await call('POST /me/control-ui', { body: { code } })).url;
}

/**
 * Leads `page` on to the Control UI. By a form, since browsers say with it whose page sent it: an address that somebody else made, and
 * that a person was lured to, opens nothing.
 */
export function enterControlUi(page: Document, entry: string): void {
  const { origin, pathname, hash } = new URL(entry);
  // This app's pages are quiet about where they are; of this one step the other side must know.
  const referrer = page.createElement('meta');
  referrer.name = 'referrer';
  referrer.content = 'origin';
  page.head.append(referrer);
  const form = page.createElement('form');
  form.method = 'post';
  form.action = `${origin}${pathname}`;
  const code = page.createElement('input');
  code.type = 'hidden';
  code.name = 'code';
  code.value = codeIn(hash) ?? '';
  form.append(code);
  page.body.append(form);
  form.submit();
}

/** The code of a link to the Control UI. @param hash of its address */
export function codeIn(hash: string): string | null {
  return /^#code=([\w-]{1,256})$/.exec(hash)?.[1] ?? null;
}

/** Takes the code out of the address bar and of the history entry. */
export function takeCode(page: Pick<Window, 'location' | 'history'>): string | null {
  const code = codeIn(page.location.hash);
  if (code !== null) page.history.replaceState(null, '', page.location.pathname);
  return code;
}

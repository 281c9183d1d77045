// The way into a server's Control UI: a link, its code, and the address that this browser goes to with it.
import type { Client } from '@buoy/contract/client';

export type ControlUiWay = {
  /** Good for seconds, and once. */
  entry: string;
  /** For the person's own terminal, without Buoy; null: the way there cannot be shown. */
  sshCommand: string | null;
};

/** Makes a link to the Control UI and uses it up at once. Throws ApiError. */
export async function askForControlUi(call: Client, serverId: string): Promise<ControlUiWay> {
  const { url, sshCommand } = await call('GET /servers/:id/openclaw/dashboard-url', {
    params: { id: serverId },
  });
  const entry = await call('POST /me/control-ui', { body: { code: codeIn(new URL(url).hash) ?? '' } });
  return { entry: entry.url, sshCommand };
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

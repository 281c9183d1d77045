// Signs in as a browser does: by a link, then by the cookie that came with it.
import { type Client, createClient } from '@buoy/contract/client';
import type { HttpsVisitor } from './https-visitor.ts';

export type SignedIn = {
  api: Client;
  token: string;
  /** As the answer set it, with its attributes. */
  setCookie: string;
  /** Renews the sign-in with the cookie, as a reload of the page does. @returns the status of the answer */
  reload(): Promise<number>;
};

/** @param link as `buoy-server sign-in-link` prints it. Throws when it signs nobody in. */
export async function signInThrough(visitor: HttpsVisitor, link: string): Promise<SignedIn> {
  const { origin, hash } = new URL(link);
  const post = (to: string, body: unknown, cookie?: string) =>
    visitor.fetch(`${origin}/api/auth/${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, ...(cookie === undefined ? {} : { cookie }) },
      body: JSON.stringify(body),
    });
  const answer = await post('link', { code: hash.replace('#code=', '') });
  if (answer.status !== 200) throw new Error(`The link answered ${answer.status}: ${await answer.text()}`);
  const setCookie = answer.headers.getSetCookie().join();
  let cookie = setCookie.split(';')[0] ?? '';
  let { token } = (await answer.json()) as { token: string };
  return {
    api: createClient({ baseUrl: `${origin}/api`, token: () => token, fetch: visitor.fetch }),
    get token() {
      return token;
    },
    setCookie,
    async reload() {
      const renewed = await post('refresh', {}, cookie);
      const body = (await renewed.json()) as { token?: string };
      token = body.token ?? token;
      cookie = renewed.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      return renewed.status;
    },
  };
}

// A real Chromium, and pages that record errors and foreign requests.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { isLongRun } from '../../../testbed/long-run.ts';

/** Chromium without its own windows, which takes a sixth less CPU time. */
const CHROMIUM = '/usr/bin/chromium-headless-shell';

/** Why no browser can run here; empty when one can. */
export const browserMissing: string = existsSync(CHROMIUM)
  ? ''
  : `no ${CHROMIUM}: apt-get install chromium-headless-shell`;

/** The name of this machine on a network, for browsers of the tests. */
export const LAN_NAME = 'buoy.lan';

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
export const desktop = { viewport: { width: 1440, height: 900 } } as const;

/** Each theme and each size once; in the long run each theme at each size. */
export const screens = (
  [
    ['light', 'phone', phone],
    ['dark', 'desktop', desktop],
    ['dark', 'phone', phone],
    ['light', 'desktop', desktop],
  ] as const
).slice(0, isLongRun ? 4 : 2);

/** @param rules where other addresses lead, as Chromium's --host-resolver-rules says it */
export function openBrowser(rules: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A name by which pages come over plain http, and not from this machine.
      `--host-resolver-rules=${[`MAP ${LAN_NAME} 127.0.0.1`, ...rules].join(', ')}`,
    ],
  });
}

export type PageOptions = BrowserContextOptions & {
  /** Runs before the page's own scripts are there. */
  prepare?: (page: Page) => Promise<void>;
  /** Where the page may go besides its own origin. */
  alsoTo?: string;
  /** The person's role changes while the page is open, so its calls may be refused at that moment. */
  losesRole?: boolean;
  /** The page loses the network, so calls that it makes meanwhile fail. */
  goesOffline?: boolean;
};

export type WatchedPage = {
  page: Page;
  /** Console errors, uncaught errors and requests to anywhere but `origin`. */
  complaints: string[];
  close(): Promise<void>;
};

/** A page in a fresh profile, on a desktop unless the options say otherwise. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: PageOptions = {},
): Promise<WatchedPage> {
  const { prepare, alsoTo, losesRole = false, goesOffline = false, ...contextOptions } = options;
  const context = await browser.newContext({ ...desktop, ...contextOptions });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !isRefusalOfTheApi(message.text(), message.location().url, losesRole) &&
      !isAboutPlainHttp(message.text()) &&
      !(goesOffline && message.text().includes('ERR_INTERNET_DISCONNECTED'))
    )
      complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol !== 'data:' && asked !== origin && asked !== alsoTo) complaints.push(`request to ${asked}`);
  });
  await prepare?.(page);
  return { page, complaints, close: () => context.close() };
}

/** Over plain http browsers ignore this header, which is there for https, and say so. */
function isAboutPlainHttp(text: string): boolean {
  return text.startsWith('The Cross-Origin-Opener-Policy header has been ignored');
}

/** Chromium logs each refused call as an error; API errors that the page shows are not complaints. 499: aborted by the page. */
function isRefusalOfTheApi(text: string, url: string, losesRole: boolean): boolean {
  const status = /server responded with a status of (\d+) /.exec(text)?.[1] ?? '';
  const isExpected = ['400', '401', '404', '409', '429', '499', '503'].includes(status);
  return (isExpected || (losesRole && status === '403')) && new URL(url).pathname.startsWith('/api/');
}

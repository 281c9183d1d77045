import { describe, expect, test } from 'vitest';
import { isControlUiPage, locationBelow, pageBelow, policyFor, sandboxedPolicyFor } from './page.ts';

const base = '/s/srv_1';
/** The parts that matter of the page of 2026.9.6. */
const page = (links: string, attribute = '') => `<!doctype html>
<html${attribute} lang="en"><head>${links}<script>var a = ' href="/kept"';</script></head><body><openclaw-app></openclaw-app></body></html>`;

describe('the page', () => {
  test('of 2026.9.6 gets its base path, and its links start there', () => {
    const html = page(
      '<link rel="icon" href="/favicon.svg?v=1" /><script type="module" crossorigin src="./assets/index.js"></script>',
      ' data-openclaw-control-ui-base-path="" data-openclaw-terminal-enabled="true"',
    );
    const below = pageBelow(html, base);
    expect(below).toContain(
      '<html data-openclaw-control-ui-base-path="/s/srv_1" data-openclaw-terminal-enabled="true"',
    );
    expect(below).toContain('href="/s/srv_1/favicon.svg?v=1"');
    expect(below).toContain('src="./assets/index.js"');
    expect(below).toContain(`var a = ' href="/kept"'`);
  });

  test('of 2026.7.35, which has no such attribute, stays without it', () => {
    const below = pageBelow(page('<link rel="manifest" href="/manifest.webmanifest" />'), base);
    expect(below).toContain('href="/s/srv_1/manifest.webmanifest"');
    expect(below).not.toContain('base-path');
  });

  test('that the gateway serves below its own path is mapped from there', () => {
    const html = page(
      '<link href="/claw/favicon.svg" /><link href="//elsewhere/x" />',
      ' data-openclaw-control-ui-base-path="/claw"',
    );
    const below = pageBelow(html, base, '/claw');
    expect(below).toContain('base-path="/s/srv_1"');
    expect(below).toContain('href="/s/srv_1/favicon.svg"');
    expect(below).toContain('href="//elsewhere/x"');
  });

  test('of an agent stays unchanged', () => {
    const html = '<html><img src="/picture.png"></html>';
    expect(pageBelow(html, base)).toBe(html);
  });
});

describe('a redirect', () => {
  test.each([
    ['/chat/', '/s/srv_1/chat/'],
    ['http://127.0.0.1:18789/a?b=1#c', '/s/srv_1/a?b=1#c'],
    ['/claw/x', '/s/srv_1/x'],
    ['/claw', '/s/srv_1/'],
    ['https://elsewhere.example/', null],
    ['//elsewhere.example/', null],
    ['http://127.0.0.1:22/', null],
  ])('to %s leads to %s', (location, to) =>
    expect(locationBelow(location, base, { port: 18_789, mountedAt: '/claw' })).toBe(to),
  );
});

test('the content security policy keeps the hashes of the gateway and no other source', () => {
  const upstream =
    "default-src 'self'; script-src 'self' 'sha256-abc=' 'unsafe-eval' https://evil.example; connect-src *; img-src https:";
  const policy = policyFor(upstream, 'control.example', base);
  const own = 'control.example/s/srv_1';
  expect(policy).toContain(
    `script-src ${own}/assets/ ${own}/__openclaw__/plugins/control-ui/ 'wasm-unsafe-eval' 'sha256-abc='`,
  );
  expect(policy).toContain(`worker-src ${own}/assets/ ${own}/__openclaw__/plugins/control-ui/ blob:;`);
  expect(policy).toContain(
    `connect-src ${own}/ data: blob: ws://${own} ws://${own}/ wss://${own} wss://${own}/;`,
  );
  expect(policy).not.toMatch(/evil|https:|\*|'unsafe-eval'/);
  expect(policyFor(undefined, 'x', base)).toContain("control-ui/ 'wasm-unsafe-eval';");
  expect(policy).not.toContain('sandbox');
});

test('the content security policy excludes every other path of the origin where browsers support it', () => {
  expect(policyFor(undefined, '127.0.0.1:8081', base).replace("frame-ancestors 'self'", '')).not.toContain(
    "'self'",
  );
  expect(policyFor(undefined, '[::1]:8081', base)).toContain("connect-src 'self' data: blob:;");
});

describe('the page of the Control UI', () => {
  const html = page('');
  const isPage = (path: string, upstream?: string, text = html) => isControlUiPage(text, path, upstream);

  test.each(['/', '/chat?session=agent%3Amain%3Amain', '/agents/main', '/__openclaw__x', '/apis'])(
    'is at %s',
    (path) => expect(isPage(path, "default-src 'self'; script-src 'self' 'sha256-abc='")).toBe(true),
  );

  test.each([
    '/__openclaw__/assistant-media?source=%2Fhome%2Fu%2F.openclaw%2Fworkspace%2Freport.html',
    '/__openclaw__/canvas/documents/cv_1/index.html',
    '//__openclaw__/canvas/x.html',
    '/%5F_openclaw__/canvas/x.html',
    '/chat/../__openclaw__/canvas/x.html',
    '/chat/%2e%2e/__openclaw__/canvas/x.html',
    '/chat/%2E%2E%2F__openclaw__%2Fcanvas/x.html',
    '/chat/..\\__openclaw__/canvas/x.html',
    '/__OPENCLAW__/canvas/x.html',
    '/api/files/x.html',
    '/%',
  ])('is not at %s, where agents can put one that looks the same', (path) =>
    expect(isPage(path)).toBe(false),
  );

  test.each(['sandbox', "default-src 'none'; sandbox allow-scripts", "script-src 'self', sandbox"])(
    'is none that the gateway puts into a sandbox: %s',
    (upstream) => expect(isPage('/', upstream)).toBe(false),
  );

  test('is none without its element, and no longer than it can be', () => {
    expect(isPage('/', undefined, '<html></html>')).toBe(false);
    expect(isPage('/', undefined, html + ' '.repeat(600_000))).toBe(false);
  });
});

describe('the policy of anything else', () => {
  test.each([
    [undefined, 'sandbox'],
    ["script-src 'self' 'sha256-abc='", 'sandbox'],
    ["default-src 'none'; sandbox", 'sandbox'],
    ['sandbox allow-scripts allow-same-origin; script-src *', 'sandbox allow-scripts'],
    [
      'sandbox allow-popups-to-escape-sandbox allow-top-navigation allow-popups allow-downloads',
      'sandbox allow-popups allow-downloads',
    ],
  ])('of the gateway %j ends with %s', (upstream, end) => {
    const policy = sandboxedPolicyFor(upstream, 'control.example', base);
    expect(policy.split('; ').at(-1)).toBe(end);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('sha256');
  });
});

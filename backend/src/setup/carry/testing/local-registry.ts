// A registry of npm packages on a real socket of this machine, which can break off, lie and fail.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenOnLoopback } from '../../../../../testbed/listen-on-loopback.ts';

export type PublishedPackage = {
  name: string;
  version: string;
  /** More of its package.json. */
  manifest?: Record<string, unknown>;
  /** Files beside package.json, by their paths; a text that begins with #! becomes a program. */
  files?: Record<string, string>;
  /** Only in what the registry tells of it. */
  told?: Record<string, unknown>;
};

// What a registry may tell is what these tests are about.
type ToldPackage = {
  name: string;
  'dist-tags': Record<string, string>;
  versions: Record<string, ToldVersion>;
};
type ToldVersion = { version: string; dist: { tarball: string; integrity: string } } & Record<
  string,
  unknown
>;

export type LocalRegistry = Awaited<ReturnType<typeof startLocalRegistry>>;

export async function startLocalRegistry() {
  const documents = new Map<string, ToldPackage>();
  const files = new Map<string, Buffer>();
  const answers = new Map<
    string,
    { status: number; body: string | Buffer; headers: Record<string, string> }
  >();
  const cuts = new Map<string, number>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const at = decodeURIComponent(request.url ?? '');
    asked.push(at);
    const answer = answers.get(at);
    if (answer !== undefined) return void response.writeHead(answer.status, answer.headers).end(answer.body);
    const told = toldAt(at);
    const body = files.get(at) ?? (told === undefined ? null : Buffer.from(JSON.stringify(told)));
    if (body === null) return void response.writeHead(404).end('{}');
    response.writeHead(200, { 'content-length': body.length });
    const cut = cuts.get(at) ?? 0;
    if (cut === 0) return void response.end(body);
    cuts.set(at, cut - 1);
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  });
  /** Of a package, or of one version of it. */
  const toldAt = (at: string) => {
    const [, name = '', wanted = ''] = /^\/(@[^/]+\/[^/]+|[^/]+)\/([^/]+)$/.exec(at) ?? [];
    const versions = documents.get(name);
    return documents.get(at.slice(1)) ?? versions?.versions[versions['dist-tags'][wanted] ?? wanted];
  };
  const { port } = await listenOnLoopback(server);
  const url = `http://127.0.0.1:${port}`;
  const pathOf = ({ name, version }: Pick<PublishedPackage, 'name' | 'version'>) =>
    `/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;

  return {
    url,
    /** Paths of all requests, in their order. */
    asked,
    pathOf,
    /** As `npm publish`: the last one is the latest. */
    publish(published: PublishedPackage): void {
      const { name, version, manifest = {}, told = {} } = published;
      const archive = packed(published);
      files.set(pathOf(published), archive);
      const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
      const document: ToldPackage = documents.get(name) ?? { name, 'dist-tags': {}, versions: {} };
      document['dist-tags'].latest = version;
      const dist = { tarball: `${url}${pathOf(published)}`, integrity };
      document.versions = { ...document.versions, [version]: { name, version, ...manifest, dist, ...told } };
      documents.set(name, document);
    },
    /** What it tells of a package, to be changed. */
    told: (name: string) => documents.get(name)!,
    /** A file that is no package. */
    put: (at: string, body: Buffer | string) => void files.set(at, Buffer.from(body)),
    fileAt: (at: string) => files.get(at)!,
    /** Without its length. */
    answer: (
      at: string,
      status: number,
      body: string | Buffer = '{}',
      headers: Record<string, string> = {},
    ) => void answers.set(at, { status, body, headers }),
    /** Leads to another address. */
    lead: (at: string, location: string) =>
      void answers.set(at, { status: 302, body: '', headers: { location } }),
    /** The next `times` downloads end in the middle. */
    cut: (at: string, times: number) => void cuts.set(at, times),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function packed({ name, version, manifest = {}, files = {} }: PublishedPackage): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-package-'));
  try {
    const all = { 'package.json': JSON.stringify({ name, version, ...manifest }, null, 2), ...files };
    for (const [file, text] of Object.entries(all)) {
      const at = path.join(folder, 'package', file);
      mkdirSync(path.dirname(at), { recursive: true });
      writeFileSync(at, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    }
    return execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Where a managed server downloads Node and OpenClaw from, and what a check asks there.

export type DownloadSettings = {
  /** Base of Node's downloads, laid out as https://nodejs.org/dist; null: the packages node-linux-* of the registry. */
  nodeMirror: string | null;
  /** Base of the npm registry. */
  npmRegistry: string;
};

export type DownloadSource = {
  /** A small file that is there, in place of the whole download. */
  url: string;
  /** Host and port, as shown to people: the path could hold a secret of the mirror. */
  host: string;
  /** What a resolver is asked for; empty for an address. */
  name: string;
  isName: boolean;
};

export type Downloads = {
  registry: DownloadSource;
  /** null where Node is one of the npm packages. */
  mirror: DownloadSource | null;
};

export function downloadsOf(settings: DownloadSettings): Downloads {
  return {
    registry: sourceAt(`${settings.npmRegistry}/openclaw/latest`),
    mirror: settings.nodeMirror === null ? null : sourceAt(`${settings.nodeMirror}/index.json`),
  };
}

function sourceAt(url: string): DownloadSource {
  const { host, hostname } = new URL(url);
  const isName = !/^[\d.]+$|^\[/.test(hostname);
  return { url, host, name: isName ? hostname : '', isName };
}

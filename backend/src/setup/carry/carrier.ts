// Brings Node, npm and OpenClaw to a server that has no way to them: Buoy downloads, and sends what the installing script would download.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createFairSlots } from '../../lib/fair-slots.ts';
import type { IsolatedWork } from '../../lib/isolated-work.ts';
import { createSharedWork } from '../../lib/shared-work.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { factsPreamble } from '../../openclaw/host/scripts.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { size } from '../check.ts';
import type { DownloadSettings } from '../downloads.ts';
import { installFailure } from '../install-failures.ts';
import type { SourceFetch } from '../source-fetch.ts';
import { type Bundle, type BundleFile, createBundle, MAX_BUNDLE_BYTES } from './bundle.ts';
import type { Platform } from './dependencies.ts';
import { createDownloadCache, type DownloadSource, type GetFile } from './download-cache.ts';
import { inParallel } from './in-parallel.ts';
import { collectNode, collectNpm } from './node-files.ts';
import { collectPackages, type PackageSet } from './package-set.ts';
import { CARRIED_ORIGIN } from './package-source.ts';
import { createPackageRegistry } from './packument.ts';
import { createRegistryReader } from './registry-reader.ts';
import { type CarriedBundle, carriedBundle, removeBundle, sendBundle } from './send-bundle.ts';

/** Milliseconds to download and send: 220 MB at 35 kB/s. */
export const CARRY_MS = 2 * 60 * 60_000;

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const platformScript = `${factsPreamble}\n${load('platform.sh')}`;
/** What stands behind the functions that download, in a script that takes what Buoy has sent. */
export const carriedScript = load('carried.sh').replace('@registry.mjs@', () =>
  load('registry.mjs').trimEnd(),
);
/** Variables of such a script that are known once everything is sent. */
export const carriedNames: readonly string[] = Object.keys(carriedBundle.shape);

/** Of installer.sh. */
const NODE_MISSING_EXIT_CODE = 24;
const MAX_OUTPUT_BYTES = 16 * 1024;
const FILES_AT_ONCE = 6;
/** Servers for which Buoy downloads at the same time; people take turns, since one can ask for every version there is on many servers. */
const DOWNLOADS_AT_ONCE = 2;
/** Bytes that an installation takes on the server, besides what is sent (24.21.0, 11.21.2, 2026.9.6). */
const NODE_BYTES = 250 * 1000 ** 2;
const NPM_BYTES = 20 * 1000 ** 2;
const OPENCLAW_BYTES = 700 * 1000 ** 2;

/** Variables of a script, which replace its own. */
export const carried = z.record(z.string(), z.string());
export type Carried = z.output<typeof carried>;

export type Carrier = {
  /**
   * Brings what install-node.sh needs.
   * @param version exact, or a line such as 24. Throws AppError; what was sent for a cancelled task is removed
   */
  bringNode(context: StepContext<unknown, unknown>, version: string): Promise<Carried>;
  /** Brings npm itself, in that exact version. Throws as `bringNode`. */
  bringNpm(context: StepContext<unknown, unknown>, version: string): Promise<Carried>;
  /**
   * Brings what npm-install.sh needs.
   * @param openclaw.version exact, or `latest`
   * @param openclaw.nodePath of the Node that will run it; null: that of setup
   */
  bringOpenclaw(
    context: StepContext<unknown, unknown>,
    openclaw: { version: string; nodePath: string | null },
  ): Promise<Carried>;
  /** Removes what was sent and not used. Never throws. */
  remove(serverId: string, sent: Carried): Promise<void>;
  /** The exact version that the registry has for `latest` or an exact version. Throws AppError. */
  openclawVersion(wanted: string, signal: AbortSignal): Promise<string>;
};

export function createCarrier({
  ssh,
  downloads,
  isolatedWork,
  fetch,
  folder,
  clock,
}: {
  ssh: Pick<Ssh, 'script' | 'exec'>;
  downloads: DownloadSettings;
  isolatedWork: IsolatedWork;
  fetch: SourceFetch;
  /** Where Buoy keeps what it has downloaded. */
  folder: string;
  clock: Clock;
}): Carrier {
  const cache = createDownloadCache({ folder, clock, fetch });
  const reader = createRegistryReader({ isolatedWork });
  const registry = createPackageRegistry({ npmRegistry: downloads.npmRegistry, reader, fetch, clock });

  const downloading = createFairSlots({ limit: DOWNLOADS_AT_ONCE });

  /** What `collect` answers, in turn with other people. */
  async function inTurn<T>(context: StepContext<unknown, unknown>, collect: () => Promise<T>): Promise<T> {
    const leave = await downloading.acquire(context.createdBy, context.signal);
    try {
      return await collect();
    } finally {
      leave();
    }
  }

  /** Servers of the same kind that are set up together share the questions to the registry. */
  const packagesOf = createSharedWork((key, signal): Promise<PackageSet> => {
    const { version, platform } = JSON.parse(key) as { version: string; platform: Platform };
    return cache.whileUsed((file) =>
      collectPackages({
        ...{ registry, reader, platform, signal, root: { name: 'openclaw', version } },
        download: (source) => file(source, signal),
      }),
    );
  });

  const openclawVersion = (wanted: string, signal: AbortSignal) =>
    registry.exactVersion('openclaw', wanted, signal);

  async function collectOpenclaw(
    context: StepContext<unknown, unknown>,
    { version, platform, file }: { version: string; platform: Platform; file: GetFile },
  ): Promise<BundleFile[]> {
    const { signal } = context;
    context.output(`Buoy downloads OpenClaw ${version} for linux-${platform.cpu} …\n`);
    context.detail('Asking the registry which packages it needs.');
    const { documents, files } = await packagesOf(JSON.stringify({ version, platform }), signal);
    const bundled: BundleFile[] = documents.map(({ path, text }) => ({ path, content: text }));
    let here = 0;
    await inParallel(files, FILES_AT_ONCE, async ({ path, source }) => {
      bundled.push({ path, content: await file(source, signal) });
      here += 1;
      context.detail(`Downloaded ${here} of ${files.length} packages.`);
      context.progress((0.3 * here) / files.length);
    });
    context.output(`Downloaded ${files.length} packages, each with the checksum that the registry names.\n`);
    return bundled;
  }

  async function send(
    context: StepContext<unknown, unknown>,
    files: readonly BundleFile[],
    installedBytes: number,
  ): Promise<CarriedBundle> {
    const bundle = await createBundle(files, context);
    if (bundle.sizeBytes > MAX_BUNDLE_BYTES)
      throw new AppError('unsupported', `It has ${size(bundle.sizeBytes)}, which is more than Buoy sends.`, {
        hint: 'Let the server download by itself (via: server).',
      });
    try {
      return await sendBundle({ ssh, deadlineMs: CARRY_MS }, context, bundle, installedBytes);
    } catch (error) {
      if (isGivenUp(context.signal)) await removeBundle({ ssh }, serverOf(context), nameOf(bundle));
      throw error;
    }
  }

  return {
    openclawVersion,

    async bringNode(context, version) {
      const { signal } = context;
      const { cpu } = await platformOf(context, null);
      context.output(`Buoy downloads Node ${version} for linux-${cpu} …\n`);
      return cache.whileUsed(async (file) => {
        const download = (source: DownloadSource) => file(source, signal);
        const node = await inTurn(context, () =>
          collectNode({ downloads, registry, wanted: version, cpu, download, clock, fetch, signal }),
        );
        return { ...node.variables, ...(await send(context, node.files, NODE_BYTES)) };
      });
    },

    async bringNpm(context, version) {
      const { signal } = context;
      context.output(`Buoy downloads npm ${version} …\n`);
      return cache.whileUsed(async (file) => {
        const download = (source: DownloadSource) => file(source, signal);
        const files = await inTurn(context, () => collectNpm({ registry, download, signal }, version));
        return { NPM_REGISTRY: CARRIED_ORIGIN, ...(await send(context, files, NPM_BYTES)) };
      });
    },

    async bringOpenclaw(context, { version: wanted, nodePath }) {
      const { signal } = context;
      const platform = await platformOf(context, nodePath);
      if (platform.node === '') throw installFailure(NODE_MISSING_EXIT_CODE);
      const version = await openclawVersion(wanted, signal);
      return cache.whileUsed(async (file) => {
        const files = await inTurn(context, () => collectOpenclaw(context, { version, platform, file }));
        return {
          ...{ OPENCLAW_VERSION: version, NPM_REGISTRY: CARRIED_ORIGIN },
          ...(await send(context, files, OPENCLAW_BYTES)),
        };
      });
    },

    async remove(serverId, sent) {
      const { success, data } = carriedBundle.safeParse(sent);
      if (success) await removeBundle({ ssh }, serverId, data);
    },
  };

  async function platformOf(
    context: StepContext<unknown, unknown>,
    nodePath: string | null,
  ): Promise<Platform> {
    const values = await reachServer(context, CARRY_MS, async (limits) =>
      readKeyValues(
        await ssh.script(serverOf(context), platformScript, nodePath === null ? [] : [nodePath], {
          ...limits,
          maxOutputBytes: MAX_OUTPUT_BYTES,
        }),
      ),
    );
    const arch = values.text('arch') ?? '';
    const cpu = /^(x86_64|amd64)$/.test(arch) ? 'x64' : /^(aarch64|arm64)$/.test(arch) ? 'arm64' : null;
    if (cpu === null)
      throw new AppError('version_not_found', 'There is no Node for the processor of this server.', {
        hint: 'Use a Linux server with a 64-bit Intel, AMD or ARM processor.',
      });
    const [, node = ''] = /^v(\d{1,4}\.\d{1,4}\.\d{1,4})$/.exec(values.text('node') ?? '') ?? [];
    return { cpu, libc: values.text('libc') === 'musl' ? 'musl' : 'glibc', node };
  }
}

function nameOf(bundle: Bundle): Pick<CarriedBundle, 'CARRIED'> {
  return { CARRIED: bundle.sha256.slice(0, 32) };
}

/** Not when Buoy only shuts down: the step goes on then. */
function isGivenUp(signal: AbortSignal): boolean {
  return signal.aborted && isAppError(signal.reason, 'cancelled', 'deadline');
}

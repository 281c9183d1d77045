// The backup folder: file names, listing and pruning. People may add and remove files by hand.
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Backup } from '@buoy/contract';
import { isoTime } from '../lib/clock.ts';
import { replaceSecretFile } from '../lib/secret-file.ts';
import { syncToDisk } from '../lib/sync-to-disk.ts';
import { hashOf } from './packing.ts';
import { readSidecar, type Sidecar, sidecarNameOf, sidecarText } from './sidecar.ts';

/** What Buoy names its backups: `buoy-2026-03-01T03-15-00Z.db.gz`, with a number before the dot if that is taken. */
const ownName = /^buoy-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?\.(db|dump)\.gz$/;
/** Whatever counts as a backup, also when a person has put it there: as the API takes it in a path. */
const anyName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const extension = /\.(db|dump)\.gz$/;
const draftPrefix = '.draft-';

/** @param folder made with mode 700 by `prepare` */
export function createBackupFolder(folder: string) {
  /** SHA-256 of the files that have no sidecar, by what `stat` says of them. */
  const hashes = new Map<string, string>();

  const pathOf = (name: string): string => path.join(folder, name);

  const hashOnce = async (name: string, stamp: string): Promise<string> => {
    const key = `${name} ${stamp}`;
    const known = hashes.get(key) ?? (await hashOf(pathOf(name)));
    hashes.set(key, known);
    return known;
  };

  /** null: there is no such regular file in the folder, or it has gone meanwhile. */
  const read = async (filename: string): Promise<Backup | null> => {
    if (!anyName.test(filename) || !extension.test(filename)) return null;
    try {
      const stat = await lstat(pathOf(filename));
      if (!stat.isFile()) return null;
      const sidecar = await readSidecar(pathOf(sidecarNameOf(filename)));
      if (sidecar !== null && sidecar.sizeBytes === stat.size) {
        const { createdAt, sizeBytes, sha256, verified } = sidecar;
        return { filename, sizeBytes, createdAt, sha256, verified };
      }
      return {
        filename,
        sizeBytes: stat.size,
        createdAt: timeIn(filename) ?? isoTime(stat.mtimeMs),
        sha256: await hashOnce(filename, `${stat.ino} ${stat.size} ${stat.mtimeMs}`),
        verified: false,
      };
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return null;
      throw error;
    }
  };

  const names = async (): Promise<string[]> => {
    try {
      return await readdir(folder);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return [];
      throw error;
    }
  };

  /** Newest first. */
  const list = async (): Promise<Backup[]> => {
    const found: Backup[] = [];
    for (const name of await names()) {
      const backup = await read(name);
      if (backup !== null) found.push(backup);
    }
    const order = ({ createdAt, filename }: Backup): string => `${createdAt} ${filename}`;
    return found.sort((one, other) => (order(one) < order(other) ? 1 : -1));
  };

  return {
    pathOf,
    list,
    read,

    async prepare(): Promise<void> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    },

    /** The path of a file that is no backup yet; what a killed run leaves behind is known by its name. */
    draft: (name: string): string => pathOf(`${draftPrefix}${name}`),

    /** To be called by who holds the folder's lock: then every draft, and every sidecar without its backup, is a leftover. */
    async removeLeftovers(): Promise<void> {
      const present = new Set(await names());
      for (const name of present)
        if (name.startsWith(draftPrefix) || isLonelySidecar(name, present))
          await rm(pathOf(name), { force: true, recursive: true });
    },

    /** Gives a draft that was found whole its name. Its sidecar is there before, so that it never looks unverified. */
    async publish(draft: string, copyExtension: string, sidecar: Sidecar): Promise<Backup> {
      const present = new Set(await names());
      const stem = `buoy-${sidecar.createdAt.slice(0, 19).replaceAll(':', '-')}Z`;
      let filename = `${stem}.${copyExtension}.gz`;
      for (let count = 2; present.has(filename); count += 1)
        filename = `${stem}-${count}.${copyExtension}.gz`;
      replaceSecretFile(pathOf(sidecarNameOf(filename)), sidecarText(sidecar));
      await rename(draft, pathOf(filename));
      syncToDisk(folder);
      const { createdAt, sizeBytes, sha256, verified } = sidecar;
      return { filename, sizeBytes, createdAt, sha256, verified };
    },

    /**
     * Removes Buoy's own verified backups but the newest `keep`. What a person put there, or what is not verified, stays.
     * @returns the names of those that went
     */
    async prune(keep: number): Promise<string[]> {
      const own = (await list()).filter(({ filename, verified }) => verified && ownName.test(filename));
      const superfluous = own.slice(keep).map(({ filename }) => filename);
      for (const filename of superfluous) {
        await rm(pathOf(filename), { force: true });
        await rm(pathOf(sidecarNameOf(filename)), { force: true });
      }
      return superfluous;
    },
  };
}

function isLonelySidecar(name: string, present: ReadonlySet<string>): boolean {
  const [backup = '', rest] = name.split('.json');
  return rest === '' && ownName.test(backup) && !present.has(backup);
}

/** The moment in a name that Buoy gave, or something like it. */
function timeIn(filename: string): string | null {
  const [whole, day, hour, minute, second] = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z/.exec(filename) ?? [];
  // Date.parse makes a time of almost any text.
  if (whole === undefined) return null;
  const time = Date.parse(`${day}T${hour}:${minute}:${second}.000Z`);
  return Number.isNaN(time) ? null : isoTime(time);
}

// The skills folders on a server, over SSH: places a skill completely or not at all, and removes one.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { AppError } from '../../lib/app-error.ts';
import type { CallOptions, ExecResult, Ssh } from '../../ssh/ssh.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { SkillFile } from './skill-file.ts';
import { packTar } from './tar.ts';

export type SkillFolder = {
  /** Absolute path of the folder that holds skills. */
  root: string;
  /** Of the skill's own folder in it. */
  name: string;
};

/** A placed skill that is not confirmed yet. */
export type InstalledSkillFolder = {
  /** Ends the placing: keeps the new folder or restores the previous one. */
  settle(outcome: 'keep' | 'undo', options: CallOptions): Promise<void>;
};

export type SkillFolders = {
  /** Throws AppError: `duplicate` for an existing name that must not be replaced. */
  place(
    serverId: string,
    place: SkillFolder,
    files: readonly SkillFile[],
    options: CallOptions & { replace: boolean },
  ): Promise<InstalledSkillFolder>;
  /** Throws AppError: `not_found` when it is gone already. */
  remove(serverId: string, place: SkillFolder, options: CallOptions): Promise<void>;
};

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const placeScript = load('place.sh');
const settleScript = load('settle.sh');
const removeScript = load('remove.sh');

/** Exit codes of the scripts. */
const OCCUPIED_OR_GONE = 10;
const NOT_UNPACKED = 11;
const NO_PLACE = 12;

export function createSkillFolders({
  ssh,
  runAsGateway,
}: {
  ssh: Pick<Ssh, 'writeFile'>;
  runAsGateway: RunAsGateway;
}): SkillFolders {
  return {
    async place(serverId, { root, name }, files, { replace, ...limits }) {
      const staging = stagingBeside(root, name);
      // In the home of the login: whoever could replace the archive would choose what is unpacked.
      const input = `${posix.basename(staging)}.tar`;
      await ssh.writeFile(serverId, `~/${input}`, packTar(files), { ...limits, mode: 0o600 });
      const words = [root, name, staging, replace ? 'replace' : ''];
      const result = await runAsGateway(serverId, placeScript, words, { ...limits, input });
      if (result.exitCode === OCCUPIED_OR_GONE) throw occupied(name);
      if (result.exitCode === NO_PLACE) throw noHome();
      if (result.exitCode !== 0) throw failed(result);
      return {
        async settle(outcome, options) {
          const settled = await runAsGateway(serverId, settleScript, [root, name, staging, outcome], options);
          if (settled.exitCode !== 0) throw failed(settled);
        },
      };
    },

    async remove(serverId, { root, name }, limits) {
      const words = [root, name, stagingBeside(root, name)];
      const result = await runAsGateway(serverId, removeScript, words, limits);
      if (result.exitCode === OCCUPIED_OR_GONE)
        throw new AppError('not_found', 'The skill is no longer on the server.');
      if (result.exitCode !== 0) throw failed(result);
    },
  };
}

/** Beside the skills folder: on the same file system, and where OpenClaw does not search for skills. */
function stagingBeside(root: string, name: string): string {
  // Both come from the server or an upload; a name that does not match could lead to another folder.
  if (!posix.isAbsolute(root) || posix.normalize(root) !== root || posix.dirname(root) === root)
    throw new AppError('bad_gateway', 'OpenClaw reported an invalid skills folder.');
  if (!/^[A-Za-z0-9][\w.-]{0,127}$/.test(name))
    throw new AppError('unsupported', 'Buoy does not change a skill whose folder has this name.', {
      hint: 'Remove it on the server manually.',
    });
  return posix.join(posix.dirname(root), `.buoy-skill-${randomBytes(8).toString('hex')}`);
}

export function occupied(name: string): AppError {
  return new AppError('duplicate', `A skill named "${name}" already exists.`, {
    hint: 'Remove it first, or send replace=true.',
  });
}

/** Not 404: the call itself leads somewhere. */
function noHome(): AppError {
  return new AppError('conflict', 'The folder for skills does not exist on the server.', {
    hint: 'OpenClaw creates the workspace with the agent; check whether it was deleted.',
  });
}

function failed({ exitCode, stderr }: ExecResult): AppError {
  return new AppError(
    'refused',
    exitCode === NOT_UNPACKED
      ? 'The server could not unpack the skill.'
      : 'The server could not change its skills folder.',
    {
      hint: 'Check free disk space, that tar is installed, and that the account owns the folders of OpenClaw.',
      details: { exitCode, serverSays: lastLine(stderr) },
    },
  );
}

/** Without paths of the server. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.replace(/(?:\/[^\s/:'"]+)+/g, '…').slice(0, 200);
}

// The workspace of a new agent: OpenClaw's own default is inside the workspace of the main agent, which then reads the files.
import { posix } from 'node:path';
import { AppError } from '../../lib/app-error.ts';

type Occupied = { id: string; workspace: string };

/**
 * An absolute path that is neither inside the workspace of another agent nor around it.
 * @param wanted what the caller asked for; null for `<state folder>/workspace-<id>`
 * @param configPath of openclaw.json, absolute
 * @throws AppError `invalid_request` for a path that is not absolute, `conflict` for one that is taken
 */
export function workspaceFor(
  id: string,
  {
    wanted,
    configPath,
    occupied,
  }: { wanted: string | null; configPath: string; occupied: readonly Occupied[] },
): string {
  const stateFolder = posix.dirname(configPath);
  const place = trimmed(
    wanted === null ? posix.join(stateFolder, `workspace-${id}`) : absolute(wanted, stateFolder),
  );
  if (place === '/') throw notAbsolute();
  const other = occupied.find(({ workspace }) => overlaps(place, absolute(workspace, stateFolder)));
  if (other === undefined) return place;
  throw new AppError('conflict', `The workspace would overlap with that of the agent ${other.id}.`, {
    hint: 'Choose a folder that neither contains nor is inside the workspace of another agent.',
    details: { agentId: other.id },
  });
}

function absolute(path: string, stateFolder: string): string {
  if (path.startsWith('/')) return path;
  // The home is known only where OpenClaw lives in its usual place.
  if (path.startsWith('~/') && posix.basename(stateFolder) === '.openclaw')
    return posix.join(posix.dirname(stateFolder), path.slice(2));
  throw notAbsolute();
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [`${trimmed(one)}/`, `${trimmed(other)}/`];
  return a.startsWith(b) || b.startsWith(a);
}

function trimmed(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function notAbsolute(): AppError {
  return new AppError('invalid_request', 'The workspace must be a folder with an absolute path.', {
    details: [{ path: 'workspace', message: 'must be an absolute path' }],
  });
}

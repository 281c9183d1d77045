// Turns an upload into a skill: the files of its folder, and the front matter of its SKILL.md.
import type { Upload } from '@buoy/contract';
import { readHead, type SkillHead } from './frontmatter.ts';
import { readArchive } from './read-archive.ts';
import { refusedUpload, type SkillFile } from './skill-file.ts';

export type SkillPackage = { head: SkillHead; files: SkillFile[] };

const SKILL_MD = 'SKILL.md';

/** @throws AppError `invalid_request` with the problem of the upload */
export async function packageOf({ type, bytes }: Pick<Upload, 'type' | 'bytes'>): Promise<SkillPackage> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type !== 'application/zip')
    return { head: readHead(content), files: [{ path: SKILL_MD, bytes: content, executable: false }] };
  const files = withoutTopFolder(await readArchive(content));
  const skillFile = files.find(({ path }) => path === SKILL_MD);
  if (skillFile === undefined)
    throw refusedUpload('The archive has no SKILL.md at its top level or in its only folder.');
  const second = files.find(({ path }) => path !== SKILL_MD && /(^|\/)skill\.md$/i.test(path));
  if (second !== undefined)
    throw refusedUpload('The archive has more than one SKILL.md; upload one skill at a time.', second.path);
  return { head: readHead(skillFile.bytes), files };
}

/** Most archives hold one folder and nothing beside it. */
function withoutTopFolder(files: SkillFile[]): SkillFile[] {
  if (files.some(({ path }) => path === SKILL_MD)) return files;
  const [top] = files[0]?.path.split('/') ?? [];
  if (top === undefined || !files.every(({ path }) => path.startsWith(`${top}/`))) return files;
  return files.map((file) => ({ ...file, path: file.path.slice(top.length + 1) }));
}

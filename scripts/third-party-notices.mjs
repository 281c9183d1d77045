// The licenses and notices of the shipped packages, in one text.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './node.mjs';

/** @param folders of packages, below the root of the repository. @throws where one names no license */
export function thirdPartyNotices(folders) {
  return folders.map(noticeOf).join(`\n${'-'.repeat(80)}\n`);
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(path.join(root, folder))
    .filter((file) => /^(licen[cs]e|notice|copying)([.-].*)?$/i.test(file))
    .sort();
  if (license === undefined && files.length === 0) throw new Error(`${name} names no license.`);
  const texts = files.map((file) => readFileSync(path.join(root, folder, file), 'utf8').trim());
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts, ''].join('\n\n');
}

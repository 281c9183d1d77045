// npm run package: builds dist/buoy-VERSION-linux-ARCH.tar.gz with everything needed to run Buoy.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildWebApp, installPackages, nodePath, root } from './node.mjs';
import { copyPackage, packagesOf } from './shipped-packages.mjs';
import { thirdPartyNotices } from './third-party-notices.mjs';

const target = path.resolve(process.argv[2] ?? path.join(root, 'dist'));
const { version, license } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const nodePackage = `node-${process.platform}-${process.arch}`;
const name = `buoy-${version}-${process.platform}-${process.arch}`;

installPackages();
buildWebApp();
// After the packages are there: it stands on some of them.
const { buildServer, packagesBeside } = await import('./build-server.mjs');

const work = path.join(target, '.package');
const stage = path.join(work, name);
rmSync(work, { recursive: true, force: true });
mkdirSync(path.join(stage, 'bin'), { recursive: true });

await buildServer(path.join(stage, 'backend/dist'));
cpSync(path.join(root, 'frontend/dist'), path.join(stage, 'frontend/dist'), { recursive: true });
run(nodePath(), [path.join(root, 'cli/build.mjs'), path.join(stage, 'cli')]);
cpSync(path.join(root, 'packaging'), stage, { recursive: true });
cpSync(path.join(root, 'node_modules', nodePackage, 'bin/node'), path.join(stage, 'bin/node'));
for (const file of ['LICENSE', 'NOTICE', 'CHANGELOG.md'])
  cpSync(path.join(root, file), path.join(stage, file));

const shipped = packagesOf(['backend'], { only: packagesBeside });
for (const folder of shipped) copyPackage(folder, stage);
writeFileSync(
  path.join(stage, 'package.json'),
  `${JSON.stringify({ name: 'buoy', version, private: true, license, type: 'module' }, null, 2)}\n`,
);
writeFileSync(path.join(stage, 'VERSION'), `${version}\n`);
// What is built into the server, the web app and the command line is shipped as well.
const builtIn = packagesOf(['backend', 'frontend', 'cli'], {
  withDevelopment: ['cli'],
  except: ['rolldown'],
});
const noticed = [...new Set([`node_modules/${nodePackage}`, ...builtIn])].sort();
writeFileSync(path.join(stage, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(noticed));

const archive = path.join(target, `${name}.tar.gz`);
const unfinished = path.join(work, 'archive.tar.gz');
// The same sources give the same bytes: no names, times or order of this machine.
const tar = [
  ...['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'],
  ...['--mode=u=rwX,go=rX', `--mtime=@${sourceTime()}`, '--use-compress-program=gzip -n -9'],
];
run('tar', [...tar, '-cf', unfinished, '-C', work, name]);
renameSync(unfinished, archive);
rmSync(work, { recursive: true });
const hash = createHash('sha256').update(readFileSync(archive)).digest('hex');
writeFileSync(`${archive}.sha256`, `${hash}  ${path.basename(archive)}\n`);
console.log(`${archive}: ${(statSync(archive).size / 1_000_000).toFixed(1)} MB, ${noticed.length} packages`);

/** Seconds since 1970: SOURCE_DATE_EPOCH, or the time of the commit. */
function sourceTime() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d+$/.test(given)) return given;
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return stdout?.trim() || '0';
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return;
  console.error(`${program} failed${error === undefined ? '.' : `: ${error.message}`}`);
  process.exit(1);
}

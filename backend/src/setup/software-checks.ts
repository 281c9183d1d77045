// The checks of what setup installs and starts: Node, npm, OpenClaw and its service.
import type { Prerequisite } from '@buoy/contract';
import type { HostInspection, Installation } from '../openclaw/host/installation.ts';
import { asRoot, byBuoy, byHand, fail, listed, pass, warn } from './check.ts';
import { type PrerequisiteFacts, shown } from './prerequisite-facts.ts';

const NEEDED_NODE = '24.16 or a newer 24, or 26.1 or newer';
const installsNode = byBuoy('Setup installs Node.js 24 in the home of the account.');

export function checkNode({ node }: PrerequisiteFacts): Prerequisite {
  const { path, version, elsewhere } = node;
  if (path === null)
    return fail(
      'node',
      elsewhere === null
        ? 'The server has no Node.js.'
        : `The login shell finds no Node.js; the one at ${elsewhere} is not in its PATH.`,
      installsNode,
    );
  const where = `${path} (${originOf(node.realPath ?? path)})`;
  if (!node.isTrusted)
    return fail(
      'node',
      `Other accounts can replace the Node.js at ${where}, so Buoy did not run it.`,
      installsNode,
    );
  const [, major, minor] = /^v?(\d{1,4})\.(\d{1,4})\./.exec(version ?? '') ?? [];
  if (major === undefined)
    return fail('node', `The Node.js at ${where} does not report a version.`, installsNode);
  return isNodeNewEnough(Number(major), Number(minor))
    ? pass('node', `The login shell uses Node.js ${bare(version)} at ${where}.`)
    : fail(
        'node',
        `The login shell uses Node.js ${bare(version)} at ${where}, but OpenClaw needs ${NEEDED_NODE}.`,
        installsNode,
      );
}

const bare = (version: string | null): string => (version ?? '').replace(/^v/, '');

/** As the package of OpenClaw demands: >=24.16 <25 or >=26.1. */
function isNodeNewEnough(major: number, minor: number): boolean {
  if (major === 24) return minor >= 16;
  if (major === 26) return minor >= 1;
  return major > 26;
}

const origins: ReadonlyArray<readonly [path: RegExp, origin: string]> = [
  [/\/\.local\/openclaw\//, 'installed by Buoy'],
  [/\/\.?nvm\//, 'installed by nvm'],
  [/\/\.?fnm(_multishells)?\//, 'installed by fnm'],
  [/\/\.?volta\//, 'installed by Volta'],
  [/\/linuxbrew\//, 'installed by Homebrew'],
  [/^\/snap\//, 'installed by snap'],
  [/^\/usr\/(?!local\/)|^\/bin\//, "from the system's packages"],
];

function originOf(path: string): string {
  return origins.find(([pattern]) => pattern.test(path))?.[1] ?? 'unpacked from an archive';
}

export function checkNpm({ npm }: PrerequisiteFacts): Prerequisite {
  if (npm.path === null)
    return warn('npm', 'The login shell finds no npm.', byBuoy('Setup installs npm together with Node.js.'));
  return pass(
    'npm',
    npm.version === null
      ? `npm is at ${npm.path}; its version is not known.`
      : `The login shell uses npm ${npm.version} at ${npm.path}.`,
  );
}

export function checkOpenclaw(facts: PrerequisiteFacts, inspection: HostInspection): Prerequisite {
  const { installation, configProblem, service } = inspection;
  const { installations, brokenInstallation } = facts;
  const installs = byBuoy('Setup installs OpenClaw.');
  // The inspection keeps paths whole, which the server told.
  const binaryPath = shown(installation.binaryPath);
  const unitName = shown(installation.unit);
  if (binaryPath === null) {
    if (brokenInstallation !== null)
      return fail('openclaw', `The installation at ${brokenInstallation} is not whole.`, installs);
    return unitName === null
      ? fail('openclaw', 'OpenClaw is not installed.', installs)
      : fail('openclaw', `The unit ${unitName} is there, but no openclaw command.`, installs);
  }
  const found = `OpenClaw ${shown(installation.version) ?? 'of unknown version'} is at ${binaryPath}`;
  if (installations.length === 0 && brokenInstallation !== null)
    return fail('openclaw', `The installation at ${brokenInstallation} is not whole.`, installs);
  if (configProblem !== null)
    return fail(
      'openclaw',
      `${found}, but its config file cannot be read: ${configProblem}`,
      byHand('Correct the config file, or restore an earlier revision in Buoy.'),
    );
  const others = installations.map(({ path }) => path).filter((path) => path !== binaryPath);
  if (others.length > 0)
    return warn(
      'openclaw',
      `${found}; another installation is at ${listed(others)}.`,
      byHand('Remove the installation that you do not use, so that commands and gateway are of one version.'),
    );
  if (brokenInstallation !== null)
    return warn(
      'openclaw',
      `${found}; the installation at ${brokenInstallation} is not whole.`,
      byHand('Remove what is left of it.'),
    );
  const owner = installations[0]?.ownerUid ?? null;
  if (owner === 0 && facts.uid !== 0)
    return warn(
      'openclaw',
      `${found}, which belongs to root, so ${facts.login ?? 'the account'} cannot update it.`,
      byHand('Install OpenClaw in the home of the account, and remove this installation as root.'),
    );
  const unit =
    unitName === null
      ? 'it has no service yet'
      : `its service ${unitName} is ${shown(service.activeState) ?? 'in an unknown state'}`;
  return pass('openclaw', `${found}; ${unit}.`);
}

export function checkUserManager(facts: PrerequisiteFacts, { manager }: Installation): Prerequisite {
  if (facts.init !== 'systemd')
    return pass('user_manager', 'There is no systemd, so no user services are needed.');
  if (facts.hasUserManager) return pass('user_manager', "The account's systemd answers over its bus.");
  if (manager === 'systemd-system')
    return pass('user_manager', 'The gateway is a service of the system, so no user services are needed.');
  const lacks = [
    ...(facts.hasBusUnit ? [] : ['dbus-user-session']),
    ...(facts.hasPamModule ? [] : ['libpam-systemd']),
  ];
  const seen = !facts.hasRuntimeFolder
    ? `/run/user/${facts.uid ?? 'UID'} does not exist`
    : !facts.hasBus
      ? `/run/user/${facts.uid ?? 'UID'}/bus does not exist`
      : 'systemctl --user does not answer';
  const detail = `The account's systemd cannot be reached: ${seen}.`;
  const fix =
    lacks.length === 0
      ? byHand(
          'Start the systemd of the account.',
          asRoot(facts.sudo, `systemctl start user@${facts.uid ?? 'UID'}`),
        )
      : byHand(
          `Install ${listed(lacks)}, then sign in again.`,
          facts.hasApt ? asRoot(facts.sudo, `apt-get install -y ${lacks.join(' ')}`) : null,
        );
  // With root rights setup can run the gateway as a service of the system.
  return facts.sudo === 'none' ? fail('user_manager', detail, fix) : warn('user_manager', detail, fix);
}

export function checkLinger(facts: PrerequisiteFacts, { manager }: Installation): Prerequisite {
  if (facts.init !== 'systemd') return pass('linger', 'There is no systemd, so lingering is not needed.');
  if (manager === 'systemd-system')
    return pass('linger', 'The gateway is a service of the system, so lingering is not needed.');
  const who = facts.login ?? 'the account';
  if (facts.linger) return pass('linger', `Lingering is on: services of ${who} run without a sign-in.`);
  const isName = facts.login !== null && /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(facts.login);
  const enable = isName ? `loginctl enable-linger ${facts.login}` : null;
  const command = enable === null ? null : asRoot(facts.sudo, enable);
  const isAutomatic = facts.sudo === 'root' || facts.sudo === 'passwordless';
  return fail('linger', `Lingering is off: systemd stops the gateway when ${who} signs out.`, {
    text: 'Turn lingering on.',
    command,
    automatic: isAutomatic,
  });
}

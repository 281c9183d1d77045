// From the facts of a server to what it has and lacks for OpenClaw. No access to the server.
import type { Downloader, Prerequisite } from '@buoy/contract';
import type { HostInspection } from '../openclaw/host/installation.ts';
import type { Downloads } from './downloads.ts';
import { checkDns, checkPort, checkProxy, checkRegistry } from './network-checks.ts';
import type { PrerequisiteFacts } from './prerequisite-facts.ts';
import { checkLinger, checkNode, checkNpm, checkOpenclaw, checkUserManager } from './software-checks.ts';
import {
  checkClock,
  checkDisk,
  checkInit,
  checkLibc,
  checkMemory,
  checkOs,
  checkSudo,
  checkUser,
  type Exchange,
} from './system-checks.ts';

export type PrerequisiteParts = {
  facts: PrerequisiteFacts;
  inspection: HostInspection;
  downloads: Downloads;
  /** On which the gateway is to listen. */
  port: number;
  exchange: Exchange;
  /** Who would download. */
  via: Downloader;
};

/** The checks in the order of `prerequisiteIds`, and whether setup can mend all that fails. */
export function prerequisitesOf(parts: PrerequisiteParts): { ready: boolean; checks: Prerequisite[] } {
  const { facts, inspection, downloads, port, exchange, via } = parts;
  const checks = [
    checkOs(facts),
    checkLibc(facts),
    checkInit(facts),
    checkUser(facts),
    checkSudo(facts, inspection.installation),
    checkMemory(facts),
    checkDisk(facts),
    checkPort(facts, port, inspection),
    checkNode(facts),
    checkNpm(facts),
    checkDns(facts, downloads, via),
    checkRegistry(facts, downloads, via),
    checkProxy(facts),
    checkClock(facts, exchange),
    checkOpenclaw(facts, inspection),
    checkUserManager(facts, inspection.installation),
    checkLinger(facts, inspection.installation),
  ];
  return { ready: checks.every((check) => check.status !== 'fail' || isMendable(check, facts)), checks };
}

/** Setup takes a password for sudo, with which it mends what the fix alone cannot. */
function isMendable({ id, fix }: Prerequisite, { sudo }: PrerequisiteFacts): boolean {
  return fix?.automatic === true || (id === 'linger' && sudo === 'password');
}

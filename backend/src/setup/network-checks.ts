// The checks of what the server reaches, and of who listens on the gateway's port.
import type { Downloader, Prerequisite } from '@buoy/contract';
import type { HostInspection } from '../openclaw/host/installation.ts';
import { asRoot, byHand, fail, listed, pass, warn } from './check.ts';
import type { Downloads } from './downloads.ts';
import type { Listener, PrerequisiteFacts, ProbeFacts } from './prerequisite-facts.ts';

export function checkPort(
  { listeners, uid, sudo }: PrerequisiteFacts,
  port: number,
  { installation, service }: Pick<HostInspection, 'installation' | 'service'>,
): Prerequisite {
  if (listeners === null)
    return warn(
      'port',
      `The server does not show who listens on port ${port}.`,
      byHand('Allow the account to read /proc/net/tcp and /proc/net/tcp6.'),
    );
  // A system unit runs as an account whose processes the login does not see.
  const isOfSystemUnit =
    service.manager === 'systemd-system' && service.activeState === 'active' && installation.port === port;
  const isOwn = (listener: Listener): boolean =>
    (listener.isGateway && listener.uid === uid) ||
    (listener.pid === null ? isOfSystemUnit : listener.pid === service.pid);
  const other = listeners.find((listener) => !isOwn(listener));
  if (other !== undefined)
    return fail(
      'port',
      `${other.program === null ? 'A program' : `The program ${other.program}`} of ${other.account ?? 'an account without a name'} (uid ${other.uid}) listens on port ${port}.`,
      byHand(
        'Stop that program, or choose another port for the gateway.',
        asRoot(sudo, `ss -ltnp sport = :${port}`),
      ),
    );
  return pass(
    'port',
    listeners.length === 0 ? `Port ${port} is free.` : `OpenClaw's gateway listens on port ${port}.`,
  );
}

type Source = { host: string; isName: boolean; address: string | null; probe: ProbeFacts | null };

function sourcesOf(facts: PrerequisiteFacts, { registry, mirror }: Downloads): Source[] {
  const sources = [{ ...registry, address: facts.registryAddress, probe: facts.registry }];
  if (mirror !== null) sources.push({ ...mirror, address: facts.mirrorAddress, probe: facts.mirror });
  return sources;
}

const isReached = ({ probe }: Source): boolean =>
  probe !== null && probe.httpStatus !== null && probe.httpStatus < 400;

/** True where a program of the server has asked for the downloads, and did not get all of them. */
export function hasNoWayOut(facts: PrerequisiteFacts, downloads: Downloads): boolean {
  const sources = sourcesOf(facts, downloads);
  return sources.every(({ probe }) => probe !== null && probe.by !== null) && !sources.every(isReached);
}

const CARRIES = 'Buoy reaches the downloads, so setup lets Buoy download and sends the files over SSH.';

export function checkDns(facts: PrerequisiteFacts, downloads: Downloads, via: Downloader): Prerequisite {
  const resolver = byHand('Set a name server that the server reaches in /etc/resolv.conf.');
  const sources = sourcesOf(facts, downloads).filter(({ isName }) => isName);
  if (sources.length === 0) return pass('dns', 'Downloads come from an address, so no name is resolved.');
  if (!facts.hasResolver)
    return warn(
      'dns',
      'The server has neither getent nor nslookup, so name resolution was not checked.',
      byHand('Install one of them.'),
    );
  const unresolved = sources.filter(({ address }) => address === null);
  if (unresolved.length === 0)
    return pass('dns', `${listed(sources.map(({ host, address }) => `${host} resolves to ${address}`))}.`);
  const detail = `The server cannot resolve ${listed(unresolved.map(({ host }) => host))}`;
  if (via === 'buoy') return warn('dns', `${detail}. ${CARRIES}`, resolver);
  return unresolved.every(isReached)
    ? warn('dns', `${detail}, but reaches it through a proxy.`, resolver)
    : fail('dns', `${detail}.`, resolver);
}

export function checkRegistry(facts: PrerequisiteFacts, downloads: Downloads, via: Downloader): Prerequisite {
  const sources = sourcesOf(facts, downloads);
  if (sources.some(({ probe }) => probe === null || probe.by === null))
    return warn(
      'registry',
      'The server has neither curl nor wget, so its way to the packages was not checked.',
      byHand('Install curl.', facts.hasApt ? asRoot(facts.sudo, 'apt-get install -y curl') : null),
    );
  const said = sources.map(({ host, probe }) =>
    probe?.httpStatus == null
      ? `${host} does not answer${probe?.error ? ` (${probe.error.replace(/[.\s]+$/, '')})` : ''}`
      : `${host} answers with HTTP ${probe.httpStatus}`,
  );
  const detail = `${listed(said)}.`;
  const missing = sources.filter((source) => !isReached(source));
  if (missing.length === 0) return pass('registry', detail);
  const settings = [
    ...(missing.some(({ host }) => host === downloads.registry.host) ? ['NPM_REGISTRY'] : []),
    ...(missing.some(({ host }) => host === downloads.mirror?.host) ? ['NODE_MIRROR'] : []),
  ];
  const wayOut = byHand(
    `Let the server reach ${listed(missing.map(({ host }) => host))}, or set ${listed(settings)} of Buoy to a mirror that it reaches.`,
  );
  return via === 'buoy'
    ? warn(
        'registry',
        `${detail} ${CARRIES}`,
        byHand(
          `Nothing has to be done. If the server is to download by itself, let it reach ${listed(missing.map(({ host }) => host))}.`,
        ),
      )
    : fail('registry', detail, wayOut);
}

export function checkProxy({ proxies, readsLoginShell }: PrerequisiteFacts): Prerequisite {
  const { http, https, npm, exceptions } = proxies;
  if (!readsLoginShell) return pass('proxy', 'The login shell reports no settings, so no proxy is assumed.');
  const set = [
    ...(http === null ? [] : [`${http} for http`]),
    ...(https === null ? [] : [`${https} for https`]),
    ...(npm === null ? [] : [`${npm} for npm`]),
  ];
  if (set.length === 0) return pass('proxy', 'No proxy is set.');
  const without = exceptions === null ? '' : `, except for ${exceptions}`;
  return pass('proxy', `The login shell uses the proxy ${listed(set)}${without}.`);
}

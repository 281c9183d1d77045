// Turns a server's record into a logged-in connection: credential, jump host, host key policy.
import type { Duplex } from 'node:stream';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { AddressLookup } from './address-lookup.ts';
import { type AddressPolicy, canonicalAddress } from './address-policy.ts';
import type { CallScope } from './call-scope.ts';
import type { Opener } from './channel.ts';
import { type Connection, openConnection } from './connection.ts';
import { dialTcp } from './dial.ts';
import {
  credentialKeptBack,
  credentialOfOtherHostKey,
  deniedAddress,
  hostKeyChanged,
  hostKeyUnexpected,
} from './failures.ts';
import { type Forwarded, forwardOpener } from './forward.ts';
import { NO_HOST_KEY } from './host-key.ts';
import { behindJumpFailure, jumpChained, jumpFailure } from './jump-failures.ts';
import type { SshLimits } from './limits.ts';
import type { Secret } from './login.ts';
import { type LoginGuard, withLoginGuard } from './login-guard.ts';
import type { PrivateKeys } from './private-keys.ts';
import type { RefusedLogins } from './refused-logins.ts';
import type { HostKey, ScanTarget, SshTarget, SshTargets } from './ssh.ts';
import { createTurnScheduler } from './turn-scheduler.ts';

/** Opens a stream on the kept connection of a jump host. */
export type OpenTunnel = (serverId: string, opener: Opener<Forwarded>, scope: CallScope) => Promise<Duplex>;

export type Connector = {
  /** Reads the server's target and connects. */
  connectKnown(serverId: string, scope: CallScope, openTunnel: OpenTunnel): Promise<Connection>;
  connect(target: SshTarget, scope: CallScope, openTunnel: OpenTunnel): Promise<Connection>;
  /** Only as far as the host key; nothing is logged in, pinned or refused. */
  scan(target: ScanTarget, scope: CallScope, openTunnel: OpenTunnel): Promise<HostKey>;
};

export function createConnector({
  targets,
  privateKeys,
  addressPolicy,
  lookup,
  refusedLogins,
  clock,
  limits,
}: {
  targets: SshTargets;
  privateKeys: PrivateKeys;
  addressPolicy: AddressPolicy;
  lookup: AddressLookup;
  refusedLogins: RefusedLogins;
  clock: Clock;
  limits: SshLimits;
}): Connector {
  const turns = createTurnScheduler();

  function open(
    target: ScanTarget & Pick<SshTarget, 'username'>,
    secret: Secret,
    scope: CallScope,
    openTunnel: OpenTunnel,
    guard: LoginGuard | null,
    checkHostKey: (offered: HostKey) => Promise<void>,
  ): Promise<Connection> {
    const dial = (signal: AbortSignal) =>
      target.jump === null
        ? dialDirectly(target, guard, signal)
        : dialThrough(target.jump, target, scope, openTunnel);
    const beforeLogin = async () => guard?.begin();
    return openConnection({
      target,
      secret,
      dial,
      checkHostKey,
      beforeLogin,
      turns,
      signal: scope.signal,
      clock,
      limits,
    });
  }

  async function dialDirectly(
    target: ScanTarget,
    guard: LoginGuard | null,
    signal: AbortSignal,
  ): Promise<Duplex> {
    const { host, port, enteredBy = '', allowDeniedNetworks = false } = target;
    const socket = await dialTcp(host, port, {
      refusalOf: (address) =>
        !allowDeniedNetworks && addressPolicy.isDenied(address)
          ? deniedAddress(`${host}:${port}`)
          : (guard?.refusalAt(canonicalAddress(address)) ?? null),
      lookup: (name, lookupSignal) => lookup(name, { enteredBy, signal: lookupSignal }),
      signal,
    });
    guard?.onDialled(canonicalAddress(socket.remoteAddress ?? host));
    return socket;
  }

  async function connect(
    target: SshTarget,
    scope: CallScope,
    openTunnel: OpenTunnel,
    guard: LoginGuard,
  ): Promise<Connection> {
    const { hostKey: pinned, credentialHostKey: bound, credential } = target;
    const hostPort = `${target.host}:${target.port}`;
    // Every login, of commands, terminals, tunnels and tests, passes here: no secret goes to a key that it was not entered for.
    if (bound === NO_HOST_KEY && pinned === null)
      throw credentialKeptBack(credential.type, target.jump !== null);
    if (pinned !== null && bound !== null && bound !== pinned.fingerprint)
      throw credentialOfOtherHostKey(credential.type);
    return open(target, await scope.wait(secretOf(target)), scope, openTunnel, guard, async (offered) => {
      const expected = pinned?.fingerprint ?? bound;
      if (expected !== null && expected !== offered.fingerprint) {
        await targets.onHostKeyRefused(target, offered);
        throw pinned === null
          ? hostKeyUnexpected(expected, offered, hostPort)
          : hostKeyChanged(pinned, offered, hostPort);
      }
      if (pinned === null) await targets.onHostKeyPinned(target, offered);
    });
  }

  const limited: Connector['connect'] = (target, scope, openTunnel) =>
    withLoginGuard(refusedLogins, target, scope.signal, clock, (guard) =>
      connect(target, scope, openTunnel, guard),
    );

  async function secretOf({ credential, enteredBy, serverId }: SshTarget): Promise<Secret> {
    if (credential.type === 'password') return credential;
    const { privateKey, passphrase } = credential;
    return { type: 'key', key: await privateKeys.open(privateKey, passphrase, enteredBy ?? serverId) };
  }

  return {
    connect: limited,
    async connectKnown(serverId, scope, openTunnel) {
      return limited(await scope.wait(targets.find(serverId)), scope, openTunnel);
    },
    async scan(target, scope, openTunnel) {
      let seen: HostKey | null = null;
      try {
        // The key ends the handshake: no login is tried, so the credential plays no part.
        const nothing: Secret = { type: 'password', password: '' };
        await open({ ...target, username: 'nobody' }, nothing, scope, openTunnel, null, async (offered) => {
          seen = offered;
          throw new AppError('cancelled', 'Only the host key was asked for.');
        });
      } catch (error) {
        if (seen === null) throw error;
      }
      return seen!;
    },
  };
}

async function dialThrough(
  jump: SshTarget,
  target: ScanTarget,
  scope: CallScope,
  openTunnel: OpenTunnel,
): Promise<Duplex> {
  const hostPort = `${target.host}:${target.port}`;
  if (jump.jump !== null) throw jumpChained();
  let refusedBehind: AppError | null = null;
  const opener = forwardOpener(target.host, target.port, (error) => {
    refusedBehind = behindJumpFailure(error, hostPort);
    return refusedBehind;
  });
  try {
    return await openTunnel(jump.serverId, opener, scope);
  } catch (error) {
    if (error === refusedBehind || isAppError(error, 'cancelled', 'shutting_down')) throw error;
    throw isAppError(error, 'deadline') ? behindJumpFailure(error, hostPort) : jumpFailure(error);
  }
}

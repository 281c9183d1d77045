// The connection test: makes a new login, checks the host, and reports in words what fails.
import { isDeepStrictEqual } from 'node:util';
import type { TestResult } from '@buoy/contract';
import { isAppError } from '../lib/app-error.ts';
import type { HostFactsReader } from '../openclaw/host/host-facts.ts';
import type { Installations } from '../openclaw/host/installation.ts';
import type { Observe } from '../openclaw/status/observation.ts';
import type { OpenclawStatusReader } from '../openclaw/status/status.ts';
import { untilAborted } from '../ssh/call-scope.ts';
import { failureOf } from '../ssh/failures.ts';
import type { CallOptions, Ssh, SshTarget, SshTargets } from '../ssh/ssh.ts';
import type { BackgroundTests } from './background-tests.ts';

/** Without `signal` nobody waits for the test, and it begins when there is room for it. */
export type TestServer = (serverId: string, signal?: AbortSignal) => Promise<TestResult>;

/** Milliseconds for connecting and logging in, and for checking the host afterwards. */
const LOGIN_DEADLINE_MS = 15_000;
const FACTS_DEADLINE_MS = 15_000;

export function createTestServer(parts: {
  ssh: Ssh;
  targets: SshTargets;
  hostFacts: HostFactsReader;
  installations: Pick<Installations, 'inspect'>;
  status: OpenclawStatusReader;
  observe: Observe;
  backgroundTests: Pick<BackgroundTests, 'inTurn'>;
}): TestServer {
  const { ssh, targets, hostFacts, installations, status, observe, backgroundTests } = parts;

  const failed = async (serverId: string, error: unknown, signal?: AbortSignal): Promise<TestResult> => {
    if (signal?.aborted || isAppError(error, 'not_found')) throw error;
    const failure = failureOf(error);
    await observe(serverId, { state: 'unreachable', reasons: [failure.message], openclaw: null });
    return { ok: false, failure };
  };

  /** Background tests by server, which cannot be cancelled: a requested test waits for one instead of making another login. */
  const running = new Map<string, { target: SshTarget; result: Promise<TestResult> }>();

  const run = async (serverId: string, target: SshTarget, signal?: AbortSignal): Promise<TestResult> => {
    const limits = (deadlineMs: number): CallOptions =>
      signal === undefined ? { deadlineMs } : { deadlineMs, signal };
    try {
      const login = await ssh.test(target, limits(LOGIN_DEADLINE_MS));
      // The login works again: the pool's record of earlier failures is outdated.
      const state = ssh.state(serverId);
      if (state === 'backing_off' || state === 'circuit_open') ssh.reset(serverId);
      const [system, { installation }] = await Promise.all([
        hostFacts.read(serverId, limits(FACTS_DEADLINE_MS)),
        installations.inspect(serverId, limits(FACTS_DEADLINE_MS)),
      ]);
      // A successful login does not prove that the gateway runs: the status module checks and reports it. A gateway that
      // answers is installed, also where no command of it can be found, so that the test says what the list says.
      const answer = await status.read(serverId, signal === undefined ? {} : { signal }).catch(() => null);
      const seen = answer === null || answer.source === 'snapshot' ? null : answer.status;
      const openclaw = {
        installed: seen?.installed ?? installation.installed,
        version: seen?.version ?? installation.version,
        path: installation.binaryPath,
      };
      return { ok: true, ...login, openclaw, system };
    } catch (error) {
      return failed(serverId, error, signal);
    }
  };

  const test: TestServer = async (serverId, signal) => {
    let target: SshTarget;
    try {
      target = await targets.find(serverId);
    } catch (error) {
      return failed(serverId, error, signal);
    }
    const other = running.get(serverId);
    if (other !== undefined && leadsTheSameWay(other.target, target))
      return signal === undefined ? other.result : untilAborted(other.result, signal);
    const result = run(serverId, target, signal);
    if (signal !== undefined) return result;
    const mine = { target, result };
    running.set(serverId, mine);
    return result.finally(() => {
      if (running.get(serverId) === mine) running.delete(serverId);
    });
  };

  return async (serverId, signal) => {
    if (signal !== undefined) return test(serverId, signal);
    // Of a server whose record cannot be read, the test says so.
    const person = await targets.find(serverId).then(
      ({ enteredBy = serverId }) => enteredBy,
      () => serverId,
    );
    return backgroundTests.inTurn(person, () => test(serverId));
  };
}

/** Nothing has changed since `before`, except that the first host key is now pinned and the credential bound to it. */
function leadsTheSameWay(before: SshTarget, now: SshTarget): boolean {
  const hostKey = before.hostKey ?? now.hostKey;
  const credentialHostKey = before.credentialHostKey ?? now.credentialHostKey;
  return isDeepStrictEqual({ ...before, hostKey, credentialHostKey }, now);
}

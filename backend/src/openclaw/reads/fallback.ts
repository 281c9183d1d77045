// The order in which OpenClaw is read: from its gateway, else from the host, else the last answer.
import type { Clock } from '../../lib/clock.ts';
import type { ReadLimits } from '../gateway/deadlines.ts';
import { meansUnreachable, provesLife } from '../gateway/failures.ts';

export type HostLimits = {
  /** Milliseconds since the epoch at which the read began. */
  startedAtMs: number;
  /** Milliseconds that the host has since then. */
  budgetMs: number;
  /** What is left of a budget, at least 1 ms. */
  left(budgetMs: number): number;
};

export type Sources<T> = {
  /** Absent where only the host knows it. */
  fromGateway?(options: { deadlineMs: number }): Promise<T>;
  /** Whether this failure of the gateway is the answer, so that nothing else is asked. */
  isAnswer(error: unknown): boolean;
  /** Whether the host is asked after a failure that does not mean that it is unreachable. */
  mayAskHost(problem: unknown): boolean;
  fromHost(problem: unknown, limits: HostLimits): Promise<T>;
  /** What went wrong, after the host has failed as well; `problem` is undefined where the gateway was not asked. @throws a failure of the host that is the answer */
  problemAfter(problem: unknown, hostError: unknown): unknown;
  fromSnapshot(problem: unknown): Promise<T>;
};

/** @throws the failure that is the answer, or what `fromSnapshot` throws */
export async function readWithFallback<T>(sources: Sources<T>, limits: ReadLimits, clock: Clock): Promise<T> {
  const startedAtMs = clock.now();
  const left = (budgetMs: number) => Math.max(1, startedAtMs + budgetMs - clock.now());
  let problem: unknown;
  try {
    if (sources.fromGateway !== undefined) return await sources.fromGateway({ deadlineMs: limits.gateway });
  } catch (error) {
    if (sources.isAnswer(error)) throw error;
    problem = error;
  }
  if (!meansUnreachable(problem) && sources.mayAskHost(problem)) {
    // A gateway that answers, whatever it says, shows that the host lives: the host gets the time that its command takes.
    const budgetMs = problem === undefined || provesLife(problem) ? limits.host : limits.silentHost;
    try {
      return await sources.fromHost(problem, { startedAtMs, budgetMs, left });
    } catch (error) {
      problem = sources.problemAfter(problem, error);
    }
  }
  return sources.fromSnapshot(problem);
}

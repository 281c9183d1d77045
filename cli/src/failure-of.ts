// Words for an error of any call: for the end of a command, and for one of several servers.
import { ApiError } from '@buoy/contract/client';
import { NoBuoyError } from './buoy-fetch.ts';
import { CommandError, type Context, exitCodes, UsageError } from './command.ts';
import { commandLine } from './output/command-line.ts';

/** Statuses for an unreachable managed server, gateway or database. */
const unreachableStatuses = [503, 504];

/** Says what failed, why, and what to do next. */
export type Failure = {
  message: string;
  hint: string | null;
  code: string;
  exit: number;
  requestId: string | null;
};

/** null for an error that is neither of the person, nor of a server, nor Ctrl-C. */
export function failureOf(error: unknown, terminal: Context['terminal']): Failure | null {
  const own = { code: 'cli', requestId: null };
  if (error instanceof UsageError)
    return { ...own, message: error.message, hint: error.hint, exit: exitCodes.usage };
  if (error instanceof CommandError)
    return { ...own, code: error.code, message: error.message, hint: error.hint, exit: exitCodes.failed };
  if (error instanceof ApiError)
    return {
      message: `${error.message}${issuesIn(error.details, error.message)}`,
      hint: hintOf(error, terminal),
      code: error.code,
      exit: unreachableStatuses.includes(error.status) ? exitCodes.unreachable : exitCodes.failed,
      requestId: error.requestId,
    };
  if (error instanceof NoBuoyError)
    return {
      ...own,
      message: error.message,
      hint: error.hint,
      code: 'network',
      exit: exitCodes.unreachable,
    };
  if (terminal.signal.aborted)
    return { ...own, message: 'Stopped.', hint: null, exit: exitCodes.interrupted };
  return null;
}

/** Returns the next command if it is known here, otherwise the hint of the API. */
function hintOf({ status, hint, taskId }: ApiError, { environment }: Context['terminal']): string | null {
  if (taskId !== null)
    return `Follow it: ${commandLine('buoy', 'tasks', 'watch', taskId)}; or stop it: ${commandLine('buoy', 'tasks', 'cancel', taskId)}`;
  if (status !== 401) return hint;
  return environment.BUOY_TOKEN
    ? 'The token comes from BUOY_TOKEN. Create another: buoy tokens create NAME; or unset it and sign in: buoy login'
    : 'Sign in again: buoy login';
}

/** Details not yet in `shown`: invalid fields of a 400, config issues of OpenClaw, or its own message. */
function issuesIn(details: unknown, shown: string): string {
  const { issues = details, openclaw } = isObject(details) ? details : {};
  const listed = (Array.isArray(issues) ? issues : []).flatMap((one: unknown) =>
    isObject(one) && 'message' in one && !shown.includes(String(one.message))
      ? [`${one.path ? `${String(one.path)} ` : ''}${String(one.message)}`]
      : [],
  );
  const said = isObject(openclaw) && typeof openclaw.message === 'string' ? [openclaw.message] : [];
  const all = listed.length > 0 ? listed : said;
  return all.length === 0 ? '' : ` ${all.join('; ').replace(/\.$/, '')}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

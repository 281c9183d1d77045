// Why a server could not be added, reached or set up, in the words of Buoy's server.
import type { ErrorCode } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { FailureKind } from '@buoy/contract/constants';
import { fieldErrors } from '../../ui/field-errors.ts';

/** `isLogin`: another password or key is needed. */
export type BulkFailure = { code: string; message: string; hint: string | null; isLogin: boolean };

export function failureOf(error: unknown): BulkFailure {
  if (!(error instanceof ApiError))
    return { code: 'internal', message: String(error), hint: null, isLogin: false };
  const [field] = Object.entries(fieldErrors(error));
  return {
    code: error.code,
    message: error.message,
    hint: error.hint ?? field?.join(': ') ?? null,
    isLogin: error.code === 'key_format',
  };
}

const testCodes: Partial<Record<FailureKind, ErrorCode>> = {
  auth: 'ssh_auth',
  key_format: 'key_format',
  host_key_changed: 'host_key_changed',
  sudo: 'sudo_refused',
  shell: 'refused',
  other: 'refused',
};

export function failureOfTest({
  kind,
  message,
  hint,
}: {
  kind: FailureKind;
  message: string;
  hint: string;
}): BulkFailure {
  const isLogin = kind === 'auth' || kind === 'key_format';
  return { code: testCodes[kind] ?? 'unreachable', message, hint, isLogin };
}

// AppError: its code decides the HTTP status, and callers branch on codes.
import { type ErrorCode, errorStatus } from '@buoy/contract';
import { expect, test } from 'vitest';
import { AppError, isAppError } from './app-error.ts';

test.each(Object.entries(errorStatus) as Array<[ErrorCode, number]>)(
  'error code %s has HTTP status %i',
  (code, status) => {
    const error = new AppError(code, 'A sentence.');
    expect(error.status).toBe(status);
    expect(isAppError(error, code)).toBe(true);
    expect(isAppError(error, code === 'conflict' ? 'duplicate' : 'conflict')).toBe(false);
  },
);

test('AppError keeps its cause, hint and details', () => {
  const cause = new Error('low level');
  const error = new AppError('conflict', 'Somebody was faster.', {
    hint: 'Try again.',
    details: { taskId: 't' },
    cause,
  });
  expect(error).toMatchObject({
    message: 'Somebody was faster.',
    hint: 'Try again.',
    details: { taskId: 't' },
    cause,
  });
});

test('isAppError is false for look-alikes', () => {
  for (const value of [new Error('x'), { code: 'conflict', name: 'AppError' }, null, undefined, 'conflict'])
    expect(isAppError(value)).toBe(false);
});

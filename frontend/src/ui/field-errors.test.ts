import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { fieldErrors } from './field-errors.ts';

const refused = (details: unknown) => new ApiError(400, { error: 'No.', details });

it('returns the first message per field of a validation error, and none of other errors', () => {
  const details = [
    { path: 'host', message: 'must be a host name' },
    { path: 'host', message: 'is too long' },
    { path: 'tags.1', message: 'must not contain a comma' },
  ];
  expect(fieldErrors(refused(details))).toEqual({
    host: 'must be a host name',
    tags: 'must not contain a comma',
  });
  expect(fieldErrors(refused({ taskId: 'x' }))).toEqual({});
  expect(fieldErrors(refused([null, 'text', {}]))).toEqual({});
  expect(fieldErrors(new Error('No.'))).toEqual({});
  expect(fieldErrors(null)).toEqual({});
});

it('returns the messages for the fields within one of the request', () => {
  const details = [
    { path: 'thresholds.clockSkewS', message: 'is too small' },
    { path: 'tag', message: 'is too long' },
  ];
  expect(fieldErrors(refused(details), 'thresholds')).toEqual({ clockSkewS: 'is too small' });
});

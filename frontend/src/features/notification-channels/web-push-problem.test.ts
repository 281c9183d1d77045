import { describe, expect, it } from 'vitest';
import { webPushProblem } from './web-push-problem.ts';

const able = { isInTelegram: false, isSecure: true, hasPush: true, permission: 'default' } as const;

describe('notifications of a browser', () => {
  it.each(['default', 'granted'] as const)('are possible with the permission %s', (permission) => {
    expect(webPushProblem({ ...able, permission })).toBe(null);
  });

  it.each([
    ['telegram', { isInTelegram: true, hasPush: false }],
    ['telegram', { isInTelegram: true, permission: 'denied' }],
    ['insecure', { isSecure: false, hasPush: false, permission: null }],
    ['unsupported', { hasPush: false }],
    ['unsupported', { permission: null }],
    ['denied', { permission: 'denied' }],
  ] as const)('are not possible: %s %j', (problem, facts) => {
    expect(webPushProblem({ ...able, ...facts })).toBe(problem);
  });
});

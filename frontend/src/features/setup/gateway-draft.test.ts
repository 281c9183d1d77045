import { describe, expect, it } from 'vitest';
import { gatewayChangeOf, gatewayDraftOf } from './gateway-draft.ts';

const save = { rotateToken: false, sudoPassword: '' };

describe('address of a gateway', () => {
  it('is the one that it has, and OpenClaw’s own where its config has none', () => {
    expect(gatewayDraftOf({ port: 19_000, bind: 'lan' })).toEqual({ port: '19000', bind: 'lan' });
    expect(gatewayDraftOf({ port: null, bind: null })).toEqual({ port: '18789', bind: 'loopback' });
  });

  it('is sent whole, so that a new port alone does not open or close the gateway', () => {
    expect(gatewayChangeOf({ port: '19000', bind: 'tailnet' }, save)).toEqual({
      ...{ port: 19_000, bind: 'tailnet', rotateToken: false },
    });
  });

  it('is sent with a new token and the password for sudo where they are wanted', () => {
    const wanted = { rotateToken: true, sudoPassword: ' p w ' };
    expect(gatewayChangeOf({ port: '18789', bind: 'loopback' }, wanted)).toEqual({
      ...{ port: 18_789, bind: 'loopback', rotateToken: true, sudoPassword: ' p w ' },
    });
  });

  it('is not sent while it is one that was written by hand', () => {
    expect(gatewayChangeOf({ port: '18789', bind: 'custom' }, save)).toBeNull();
  });
});

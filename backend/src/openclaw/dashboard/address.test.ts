import { describe, expect, test } from 'vitest';
import { createControlUiAddress } from './address.ts';
import { tunnelCommand } from './ssh-command.ts';

const port = () => 8081;

describe('the address of the Control UI', () => {
  test('is the port beside Buoy, by the name that the caller uses', () => {
    const address = createControlUiAddress({ domain: null, appDomain: null, isTls: false, port });
    expect(address.isSecure).toBe(false);
    expect(address.isShared).toBe(true);
    expect(address.formTarget('10.0.0.5:8080')).toBe('http://10.0.0.5:8081');
    expect(address.formTarget('[::1]:8080')).toBe('http://*:8081');
    expect(address.originFor('srv_1', 'http://10.0.0.5:8080')).toBe('http://10.0.0.5:8081');
    expect(address.isOwn('srv_1', { origin: 'http://10.0.0.5:8081', host: '10.0.0.5:8081' })).toBe(true);
    expect(address.isOwn('srv_1', { origin: 'http://10.0.0.5:8080', host: '10.0.0.5:8081' })).toBe(false);
    expect(address.isOwn('srv_1', { origin: 'null', host: '10.0.0.5:8081' })).toBe(false);
    expect(address.isOwn('srv_1', { host: '10.0.0.5:8081' })).toBe(false);
  });

  test('is that port at the public name of Buoy, where that is all there is', () => {
    const address = createControlUiAddress({ domain: null, appDomain: 'buoy.example', isTls: false, port });
    expect(address.isSecure).toBe(true);
    expect(address.originFor('srv_1', 'http://127.0.0.1:8080')).toBe('https://buoy.example:8081');
    expect(address.formTarget('127.0.0.1:8080')).toBe('https://buoy.example:8081');
  });

  test('is by https where Buoy serves that itself', () => {
    const address = createControlUiAddress({ domain: null, appDomain: null, isTls: true, port });
    expect(address.isSecure).toBe(true);
    expect(address.formTarget('10.0.0.5:8080')).toBe('https://10.0.0.5:8081');
    expect(address.originFor('srv_1', 'https://10.0.0.5:8080')).toBe('https://10.0.0.5:8081');
    expect(address.isFromApp({ origin: 'https://10.0.0.5:8080', host: '10.0.0.5:8081' })).toBe(true);
  });

  test('is its own public name', () => {
    const address = createControlUiAddress({
      domain: 'control.example',
      appDomain: 'buoy.example',
      isTls: false,
      port,
    });
    expect(address.originFor('srv_1', 'http://127.0.0.1:8080')).toBe('https://control.example');
    // Whatever a proxy makes of the Host header.
    expect(address.isOwn('srv_1', { origin: 'https://control.example', host: '127.0.0.1:8081' })).toBe(true);
    expect(address.isOwn('srv_1', { origin: 'http://127.0.0.1:8081', host: '127.0.0.1:8081' })).toBe(false);
  });

  test('is a name of each server below it, which only its own pages have', () => {
    const address = createControlUiAddress({
      domain: '*.control.example',
      appDomain: 'buoy.example',
      isTls: false,
      port,
    });
    const one = address.originFor('srv_1', 'https://buoy.example');
    const other = address.originFor('srv_2', 'https://buoy.example');
    expect(one).toMatch(/^https:\/\/[0-9a-f]{32}\.control\.example$/);
    expect(other).not.toBe(one);
    expect(address.isShared).toBe(false);
    expect(address.formTarget('buoy.example')).toBe('https://*.control.example');
    expect(address.isOwn('srv_1', { origin: one })).toBe(true);
    expect(address.isOwn('srv_1', { origin: other })).toBe(false);
  });
});

describe('a request from a page of Buoy', () => {
  test('names its public name as the origin, wherever the Control UI is', () => {
    const address = createControlUiAddress({
      domain: 'control.example',
      appDomain: 'buoy.example',
      isTls: false,
      port,
    });
    const host = 'control.example';
    expect(address.isFromApp({ origin: 'https://buoy.example', host })).toBe(true);
    for (const origin of [
      'http://buoy.example',
      'https://control.example',
      'https://evil.example',
      'null',
      undefined,
    ])
      expect(address.isFromApp({ origin, host }), origin).toBe(false);
  });

  test('comes from the same host but not from the Control UI, where there is no public name', () => {
    const address = createControlUiAddress({ domain: null, appDomain: null, isTls: false, port });
    const host = '10.0.0.5:8081';
    expect(address.isFromApp({ origin: 'http://10.0.0.5:8080', host })).toBe(true);
    for (const origin of ['http://10.0.0.5:8081', 'http://10.0.0.6:8080', 'null', undefined])
      expect(address.isFromApp({ origin, host }), origin).toBe(false);
  });
});

describe('the SSH command', () => {
  const target = { serverId: 's', host: 'claw.example', port: 22, username: 'deploy', jump: null };
  test.each([
    [target, 'ssh -N -L 18789:127.0.0.1:18789 deploy@claw.example'],
    [{ ...target, port: 2222 }, 'ssh -N -L 18789:127.0.0.1:18789 -p 2222 deploy@claw.example'],
    [
      {
        ...target,
        jump: {
          ...target,
          host: 'gate.example',
          credential: { type: 'password', password: '' } as const,
          hostKey: null,
          credentialHostKey: null,
        },
      },
      'ssh -N -L 18789:127.0.0.1:18789 -J deploy@gate.example:22 deploy@claw.example',
    ],
    [{ ...target, host: '2001:db8::1' }, 'ssh -N -L 18789:127.0.0.1:18789 deploy@2001:db8::1'],
  ])('%#', (to, command) => expect(tunnelCommand(to, 18_789)).toBe(command));

  const unsafe = ['-oProxyCommand=x', "it's; rm", 'a,b', 'a b', '$(id)', ''];

  test.each(unsafe)(
    'none for a login name such as %j: ssh may hand it to a shell, or take it for an option',
    (username) => {
      expect(tunnelCommand({ ...target, username }, 18_789)).toBeNull();
    },
  );

  test.each(['claw.example', 'gate.example'])(
    'none where the address of %s holds a percent sign, which ssh replaces by the login name',
    (host) => {
      const way = {
        ...{ ...target, host: 'claw.example' },
        jump: {
          ...{ ...target, host: 'gate.example', credential: { type: 'password', password: '' } as const },
          ...{ hostKey: null, credentialHostKey: null },
        },
      };
      const odd = '::ffff:203.0.113.5%r';
      const to = host === way.host ? { ...way, host: odd } : { ...way, jump: { ...way.jump, host: odd } };
      expect(tunnelCommand(to, 18_789)).toBeNull();
    },
  );

  test.each(unsafe)(
    'none for a jump server whose login name is %j: ssh -J would take it apart or hand it to a shell',
    (username) => {
      const jump = { ...target, username, credential: { type: 'password', password: '' } as const };
      const way = { ...target, jump: { ...jump, hostKey: null, credentialHostKey: null } };
      expect(tunnelCommand(way, 18_789)).toBeNull();
    },
  );
});

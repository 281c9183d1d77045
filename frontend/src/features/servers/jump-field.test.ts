import type { Server } from '@buoy/contract';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { type Services, ServicesContext } from '../../services.ts';
import { JumpField, jumpHostsFor } from './jump-field.tsx';
import { serverRecord } from './testing/server-record.ts';

/** What the field offers to Anna, whose id is 1. */
function offered(jumpHosts: Server[]): string[] {
  const state = { phase: 'signed-in', user: { id: '1' } };
  const session = { state: () => state, subscribe: () => () => undefined };
  const field = createElement(JumpField, {
    ...{ draft: { jumpServerId: '' }, error: undefined, jumpHosts, onChange: () => undefined },
  });
  const page = renderToStaticMarkup(
    createElement(ServicesContext, { value: { session } as unknown as Services }, field),
  );
  return [...page.matchAll(/<option[^>]*>([^<]*)/g)].map(([, title = '']) => title);
}

it('tells a jump server of somebody else from an own one with the same name, and lists own ones first', () => {
  const theirs = serverRecord({
    id: 'srv_1',
    name: 'gate',
    owner: { id: '2', name: 'Berta', givenBy: null },
  });
  const given = serverRecord({ id: 'srv_2', name: 'gate', owner: { id: '1', name: 'Anna', givenBy: '2' } });
  const own = serverRecord({ id: 'srv_3', name: 'gate' });
  expect(offered([theirs, given, own])).toEqual([
    'None: Buoy connects directly',
    'gate',
    'gate (srv_1) · owner: Berta (2)',
    'gate (srv_2) · given by user 2',
  ]);
});

it('offers no server that the person may only view, that is behind another one, or that is the server itself', () => {
  const servers = [
    serverRecord({ id: 'viewed', role: 'viewer', owner: null }),
    serverRecord({ id: 'behind', jumpServerId: 'srv_1' }),
    serverRecord({ id: 'lost', jumpServerRemoved: true }),
    serverRecord({ id: 'itself' }),
  ];
  expect(jumpHostsFor(servers, 'itself')).toEqual([]);
});

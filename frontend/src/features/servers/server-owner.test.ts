import type { Server } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { languages } from '../../i18n/languages.ts';
import { ownerTexts } from './owner-texts.ts';
import { isOwn, isOwnedBy, nameWithOwner, ownerWords, ownFirst } from './server-owner.ts';
import { serverRecord } from './testing/server-record.ts';

const owner = (id: string, givenBy: string | null = null): Pick<Server, 'owner'> => ({
  owner: { id, name: id, givenBy },
});

it('counts as own neither a shared server nor one that somebody has transferred', () => {
  expect(isOwn(owner('ada'), 'ada')).toBe(true);
  expect(isOwn(owner('mallory'), 'ada')).toBe(false);
  expect(isOwn(owner('ada', 'mallory'), 'ada')).toBe(false);
  expect(isOwn({ owner: null }, 'ada')).toBe(false);
});

it('counts a transferred server as owned, and the servers of others not, whatever role a super-admin has there', () => {
  expect(isOwnedBy(owner('ada', 'mallory'), 'ada')).toBe(true);
  expect(isOwnedBy(owner('mallory'), 'ada')).toBe(false);
  expect(isOwnedBy({ owner: null }, 'ada')).toBe(false);
});

it('lists own servers first, each group in its order', () => {
  const servers = [owner('mallory'), owner('ada'), owner('ada', 'mallory'), owner('ada')];
  expect(ownFirst(servers, 'ada')).toEqual([servers[1], servers[3], servers[0], servers[2]]);
});

describe('the name of a server in a choice', () => {
  const gate = (change: Partial<Server>) =>
    nameWithOwner(serverRecord({ id: 'srv_9', name: 'gate', ...change }), '1', ownerTexts.en);

  it('is the name alone for an own server', () => {
    expect(gate({})).toBe('gate');
  });

  it('has id and owner for a server of somebody else, who may have chosen the name of an own one', () => {
    expect(gate({ owner: { id: '2', name: 'Berta', givenBy: null } })).toBe(
      'gate (srv_9) · owner: Berta (2)',
    );
    expect(gate({ owner: null })).toBe('gate (srv_9) · someone else’s');
  });

  it('has id and giver for a server that somebody transferred to the person', () => {
    expect(gate({ owner: { id: '1', name: 'Anna', givenBy: '2' } })).toBe('gate (srv_9) · given by user 2');
  });

  it.each(languages)('says whose it is in %s', (language) => {
    const words = ownerWords(owner('2'), '1', ownerTexts[language]);
    expect(words).toContain('2 (2)');
    expect(ownerWords(owner('1', '666'), '1', ownerTexts[language])).toContain('666');
    expect(ownerWords(owner('1'), '1', ownerTexts[language])).toBeNull();
  });
});

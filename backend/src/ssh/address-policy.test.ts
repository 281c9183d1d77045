// Every form in which an address reaches a denied network is denied, and no address outside of one is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, createAddressPolicy } from './address-policy.ts';

const policy = createAddressPolicy([
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
  ...['::/128', '::1/128', 'fe80::/10', 'ff00::/8'],
]);

const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(byte, byte, byte, byte);
const dotted = (bytes: readonly number[]) => bytes.join('.');
const hex = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]) =>
  `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
const isDeniedIpv4 = ([a = 0, b]: readonly number[]) =>
  a === 0 || a === 127 || (a === 169 && b === 254) || (a >= 224 && a <= 239);
const isBroadcast = (bytes: readonly number[]) => bytes.every((one) => one === 255);

/** The ways in which IPv6 wraps an IPv4 address. */
const wrappings: Array<[name: string, wrap: (bytes: number[]) => string]> = [
  ['mapped', (bytes) => `::ffff:${dotted(bytes)}`],
  ['mapped, in hexadecimal', (bytes) => `::ffff:${hex(bytes)}`],
  ['mapped, written out', (bytes) => `0:0:0:0:0:FFFF:${hex(bytes).toUpperCase()}`],
  ['compatible', (bytes) => `::${dotted(bytes)}`],
  ['translated', (bytes) => `::ffff:0:${dotted(bytes)}`],
  ['NAT64', (bytes) => `64:ff9b::${dotted(bytes)}`],
  ['NAT64, in hexadecimal', (bytes) => `64:ff9b::${hex(bytes)}`],
  ['local NAT64', (bytes) => `64:ff9b:1::${dotted(bytes)}`],
  ['6to4', (bytes) => `2002:${hex(bytes)}::1`],
  ['Teredo', (bytes) => `2001:0:102:304::${hex(bytes.map((one) => one ^ 255))}`],
];

describe('an address policy', () => {
  test('denies IPv4 addresses in its networks and no others', () => {
    fc.assert(
      fc.property(ipv4, (bytes) => {
        expect(policy.isDenied(dotted(bytes))).toBe(isDeniedIpv4(bytes) || isBroadcast(bytes));
      }),
      { examples: [[[127, 255, 255, 255]], [[169, 253, 0, 1]], [[169, 254, 169, 254]], [[223, 1, 1, 1]]] },
    );
  });

  test.each(wrappings)(
    'denies an IPv6 address just when the IPv4 address in it is denied: %s',
    (_name, wrap) => {
      fc.assert(
        fc.property(ipv4, (bytes) => {
          expect(policy.isDenied(wrap(bytes))).toBe(isDeniedIpv4(bytes) || isBroadcast(bytes));
        }),
        { examples: [[[127, 0, 0, 1]], [[169, 254, 169, 254]], [[10, 0, 0, 1]]] },
      );
    },
  );

  test('denies a link-local IPv6 address with any zone', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const zone = fc.stringMatching(/^[A-Za-z0-9._-]{1,15}$/);
    fc.assert(
      fc.property(group, group, zone, (high, low, name) => {
        expect(policy.isDenied(`fe80::${high}:${low}%${name}`)).toBe(true);
        expect(policy.isDenied(`febf::${high}:${low}`)).toBe(true);
        expect(policy.isDenied(`2a00::${high}:${low}%${name}`)).toBe(false);
      }),
    );
  });

  test('denies IPv6 loopback, unspecified and multicast, however they are written', () => {
    for (const address of ['::1', '::', '0:0:0:0:0:0:0:1', '0000::0001', '::0', 'ff02::1', 'FF05::2'])
      expect([address, policy.isDenied(address)]).toEqual([address, true]);
    for (const address of ['2001:db8::1', 'fd00::1', 'fec0::1', '2606:4700::1111'])
      expect([address, policy.isDenied(address)]).toEqual([address, false]);
  });

  test('denies nothing when its list is empty', () => {
    const open = createAddressPolicy([]);
    expect(open.allowsAll).toBe(true);
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', 'fe80::1%eth0'])
      expect(open.isDenied(address)).toBe(false);
  });

  test('denies exactly the networks of its list', () => {
    const own = createAddressPolicy(['10.0.0.0/8', 'fd00::/8']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1'].every(own.isDenied)).toBe(true);
    expect(['127.0.0.1', '11.0.0.1', 'fe80::1'].some(own.isDenied)).toBe(false);
  });
});

test('an address has one canonical spelling', () => {
  const spellings = [
    '2001:db8::1',
    '2001:0db8:0::1',
    '2001:DB8:0:0:0:0:0:1',
    '2001:db8::0.0.0.1',
    '2001:db8::1%eth0',
  ];
  expect(new Set(spellings.map(canonicalAddress)).size).toBe(1);
  expect(canonicalAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(canonicalAddress('::ffff:c000:201')).toBe('192.0.2.1');
  expect(canonicalAddress('192.0.2.1')).toBe('192.0.2.1');
});

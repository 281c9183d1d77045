// Decides which network addresses Buoy connects to: a managed server must not lead to networks that only Buoy's machine reaches.
import { BlockList, isIP, isIPv6 } from 'node:net';

export type AddressPolicy = {
  /** True when no network is denied: nothing needs to be asked. */
  readonly allowsAll: boolean;
  /** True for an address in a denied network, in any of the forms that reach it. False for text that is not an address. */
  isDenied(address: string): boolean;
};

/** @param deniedNetworks in CIDR notation, IPv4 and IPv6 */
export function createAddressPolicy(deniedNetworks: readonly string[]): AddressPolicy {
  const denied = new BlockList();
  for (const network of deniedNetworks) {
    const [address = '', bits = ''] = network.split('/');
    denied.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return {
    allowsAll: deniedNetworks.length === 0,
    isDenied(address) {
      const plain = withoutZone(address);
      if (isIP(plain) === 0) return false;
      if (denied.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')) return true;
      return embeddedAddresses(plain).some((inner) => denied.check(inner, 'ipv4'));
    },
  };
}

/** One spelling for each address, without its zone; IPv4 that is mapped into IPv6 is the IPv4 address itself. */
export function canonicalAddress(address: string): string {
  const plain = withoutZone(address);
  if (!isIPv6(plain)) return plain;
  const groups = groupsOf(plain);
  if (startsWith(groups, [0, 0, 0, 0, 0, 0xffff])) return ipv4Of(groups[6]!, groups[7]!);
  return groups.map((group) => group.toString(16)).join(':');
}

/** The IPv4 addresses that packets to this IPv6 address end at, or that systems take it for. */
function embeddedAddresses(address: string): string[] {
  if (!isIPv6(address)) return [];
  const groups = groupsOf(address);
  const last = ipv4Of(groups[6]!, groups[7]!);
  // IPv4-compatible and -mapped (RFC 4291 §2.5.5), translated (RFC 2765 §2.1), NAT64 (RFC 6052 §2.1, RFC 8215).
  const endsInIpv4 = [
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0xffff],
    [0, 0, 0, 0, 0xffff, 0],
    [0x64, 0xff9b, 0, 0, 0, 0],
    [0x64, 0xff9b, 1],
  ].some((prefix) => startsWith(groups, prefix));
  if (endsInIpv4) return [last];
  // 6to4 (RFC 3056 §2), and Teredo, which stores the client inverted (RFC 4380 §4).
  if (startsWith(groups, [0x2002])) return [ipv4Of(groups[1]!, groups[2]!)];
  if (startsWith(groups, [0x2001, 0])) return [ipv4Of(groups[6]! ^ 0xffff, groups[7]! ^ 0xffff)];
  return [];
}

function withoutZone(address: string): string {
  const [plain = ''] = address.split('%');
  return plain;
}

/** The eight groups of an IPv6 address that `isIPv6` accepts. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const left = parseGroups(head);
  const right = tail === undefined ? [] : parseGroups(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function parseGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function startsWith(groups: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((group, index) => groups[index] === group);
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

// Which addresses count as one client: an IPv4 address, or an IPv6 /64, which is the least that a site gets (RFC 6177).
import { isIPv6 } from 'node:net';

/** Bits of an IPv6 address that tell clients apart. */
export const IPV6_SUBNET_BITS = 64;

const GROUPS = 8;

/** `2001:db8:1:2::/64` for any address in it; an IPv4 address, mapped ones too, as it is. */
export function addressGroupOf(ip: string): string {
  const address = ip.split('%', 1)[0] ?? '';
  if (!isIPv6(address)) return ip;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  return `${groups
    .slice(0, IPV6_SUBNET_BITS / 16)
    .map((group) => group.toString(16))
    .join(':')}::/${IPV6_SUBNET_BITS}`;
}

/** The eight numbers of a valid IPv6 address; the URL parser writes a dotted tail as two of them. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [start, end] = [numbers(head), numbers(tail ?? '')];
  return [...start, ...Array<number>(GROUPS - start.length - end.length).fill(0), ...end];
}

import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** This machine and what hangs on its own wire: loopback, link-local (where clouds keep their metadata), and "any address". */
const local = new BlockList();
local.addSubnet('127.0.0.0', 8);
local.addSubnet('169.254.0.0', 16);
local.addSubnet('0.0.0.0', 8);
local.addAddress('::1', 'ipv6');
local.addAddress('::', 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');

/** A URL's `hostname` that means this machine whatever a name server says. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || contains(loopback, bare(hostname));
}

/** An IP address, as a name was resolved to, that documents may not reach unless allowed (SAFETY 9). */
export function isLocalAddress(address: string): boolean {
  return contains(local, bare(address));
}

/** Without the brackets of a URL and the zone of a link-local address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
}

/** `BlockList` matches IPv4 addresses that are written as IPv6 ones (`::ffff:127.0.0.1`) by itself. */
function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Loaded into the extension host of a test run before all else: requests to the hosts in `OPSBOOK_TEST_HOSTS` (JSON, origin by host
 * name) go to the neighbours on loopback. Opsbook itself knows no such map, and refuses loopback as ever.
 */
'use strict';
const http = require('node:http');
const https = require('node:https');

const hosts = JSON.parse(process.env.OPSBOOK_TEST_HOSTS ?? '{}');
const original = { 'http:': http.request, 'https:': https.request };

/** `request(url, options, callback)` and `request(options, callback)` alike. */
function read(args) {
  const [first, second] = args;
  const isAddress = typeof first === 'string' || first instanceof URL;
  const address = isAddress ? new URL(first) : undefined;
  const options = isAddress ? (typeof second === 'function' ? {} : second) : first;
  const callback = args.find((each) => typeof each === 'function');
  return { host: options?.hostname ?? address?.hostname ?? options?.host, path: options?.path ?? `${address?.pathname ?? '/'}${address?.search ?? ''}`, options, callback };
}

for (const module of [http, https]) {
  const own = module === http ? original['http:'] : original['https:'];
  module.request = function request(...args) {
    const { host, path, options, callback } = read(args);
    const target = hosts[host];
    if (target === undefined) {
      return own.apply(this, args);
    }
    const { protocol, hostname, port } = new URL(target);
    const { method, headers, signal, timeout, ca } = options ?? {};
    // A neighbour's certificate is for its name, not for where it stands in.
    return original[protocol]({ protocol, hostname, port, path, method, headers: { host, ...headers }, signal, timeout, agent: false, ...(protocol === 'https:' ? { servername: host, ca } : {}) }, callback);
  };
}

import { createHash } from 'node:crypto';
import type { Digest } from '../../core/ports.ts';

/** Lower-case hexadecimal digits. */
export const digest: Digest = (algorithm, ...pieces) => {
  const hash = createHash(algorithm);
  pieces.forEach((piece) => hash.update(piece));
  return hash.digest('hex');
};

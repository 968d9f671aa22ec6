import type { Commit } from '../ports.ts';
import type { Evidence } from './deployedFiles.ts';

/** Which commit is live, and how that is known (DESIGN 5.3). */
export type Live =
  | LiveCommit
  /** No commit holds these files. `differing`: those that HEAD has otherwise or not at all; empty when HEAD asks for more than is live. */
  | { readonly kind: 'unknown'; readonly evidence: Evidence; readonly differing: readonly string[] }
  /** The repository has never had this function. */
  | { readonly kind: 'notInRepository' };

export interface LiveCommit {
  readonly kind: 'commit';
  /** The newest commit that touched the function's files or settings and left them as they are live. */
  readonly commit: Commit;
  readonly evidence: Evidence;
  /** Commits since then, up to HEAD, that touched its files or settings: 0 means live = HEAD. Absent when HEAD does not lead to it. */
  readonly behind?: number;
  /** Older commits that hold the same files: the newest was taken. */
  readonly alike: number;
  /** Files that are not the commit's to the byte, and what they differ in. */
  readonly unlike: readonly { readonly path: string; readonly how: 'lineEndings' | 'whiteSpace' }[];
  /** The commit's `config.toml` says otherwise whether a JWT is asked for, and no commit with these files says what is live. */
  readonly jwtDiffers: boolean;
}

import type { ResultFiles } from '../../core/results/outside.ts';
import { openFileSink } from './fileSink.ts';
import { writeParquet } from './parquet.ts';
import { createScratchSpace } from './scratchSpace.ts';

/** All that results ask of the disk; rows that are too many to hold lie below `folder`. */
export function createResultFiles(folder: string): ResultFiles {
  return { scratch: createScratchSpace(folder), openFile: openFileSink, writeParquet };
}

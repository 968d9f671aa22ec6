/**
 * Names of one piece of a document, beside its others: fences of a manual that are run one by one, strings of a program that run whenever
 * it sends them. What another piece makes may be there; what it takes away may be there still.
 */
import { shortHash } from '../../../util/hash.ts';
import type { Effect, PlacedEffect } from '../effects/effect.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import type { Disturbance } from '../prepared/disturbance.ts';
import type { NameKnowledge } from './analysis.ts';

/** What a piece does. */
export interface PieceReading {
  readonly effects: readonly PlacedEffect[];
  readonly disturbances: readonly Disturbance[];
}

/** `followOnEachOther`: in the order of the document, though a reader may well go back. */
export type PieceOrder = 'followOnEachOther' | 'anyOrder';

type CatalogNames = Extract<NameKnowledge, { readonly kind: 'catalog' }>;

/** By a piece's index; of one that is none of them (-1), with all of them beside it. */
export function withOtherPieces(names: CatalogNames, pieces: readonly PieceReading[], order: PieceOrder): (piece: number) => CatalogNames {
  const hashes = pieces.map(({ effects }) => (effects.length === 0 ? '' : shortHash(JSON.stringify(effects.map(({ effect }) => effect)))));
  return (piece) => {
    // Most pieces only read.
    const others = pieces.flatMap((each, index) => (index === piece || !leavesSomething(each) ? [] : [{ ...each, index, isBefore: order === 'followOnEachOther' && index < piece }]));
    if (others.length === 0) {
      return names;
    }
    const effects = others.flatMap((each) => each.effects.filter(({ effect }) => mayMatter(effect, each.isBefore, order)).map(({ effect }) => effect));
    const schemas = effects.flatMap((effect) => (effect.kind === 'searchPath' ? (effect.schemas ?? []) : []));
    return {
      kind: 'catalog',
      version: effects.length === 0 ? names.version : `${names.version} beside ${others.map(({ index }) => hashes[index]).join('.')} ${order === 'followOnEachOther' ? others.filter(({ isBefore }) => isBefore).length : ''}`,
      overlay: () => overlayBeside(names.overlay(), effects, schemas),
      disturbed: () => {
        const disturbed = names.disturbed();
        others.flatMap(({ disturbances, isBefore }) => disturbances.filter(({ kind }) => isBefore || kind === 'names')).forEach((each) => disturbed.add(each));
        if (order === 'anyOrder' && effects.some(({ kind }) => kind === 'opaque' || kind === 'searchPath')) {
          disturbed.add({ kind: 'anything' });
        }
        return disturbed;
      },
    };
  };
}

function leavesSomething({ effects, disturbances }: PieceReading): boolean {
  return effects.length > 0 || disturbances.some(({ kind }) => kind !== 'nothing');
}

/** Code may have made anything by the time a later fence is run. In programs queries call functions all the time, and none of them makes tables that another names. */
function mayMatter(effect: Effect, isBefore: boolean, order: PieceOrder): boolean {
  return effect.kind !== 'opaque' || isBefore || (order === 'anyOrder' && (effect.isWhole || effect.extension !== undefined));
}

/** A session that stays keeps its search path; then a name may be found on it too. */
function overlayBeside(overlay: CatalogOverlay, effects: readonly Effect[], schemas: readonly string[]): CatalogOverlay {
  effects.filter(({ kind }) => kind !== 'searchPath').forEach((effect) => overlay.allow(effect));
  if (schemas.length > 0) {
    overlay.apply({ kind: 'searchPath', schemas: [...overlay.catalog.data.searchPath, ...schemas] });
  }
  return overlay;
}

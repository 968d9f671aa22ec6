import type { StepOptions } from './document.ts';

export interface InfoString {
  /** First word as written, in front of a comma or brace; empty for an untagged fence. */
  readonly language: string;
  readonly options: StepOptions;
}

const known = ['title', 'warn', 'critical', 'every', 'for', 'topic'] as const;
type KnownOption = (typeof known)[number];

/** `key=word`, `key="several words"` with `\"` inside, or a key alone. */
const optionPattern = /(?<![\w.=-])([A-Za-z][\w.-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"',}]+)))?/g;

/**
 * What stands behind a fence's opening marks: ` ```sql title="Cache hit ratio" warn="hit_ratio < 99%" every=5m `. Options may stand
 * in braces, as other tools write them. A key alone has the empty value, of equal keys the first counts, and what is neither key
 * nor value is passed over.
 */
export function parseInfoString(info: string): InfoString {
  const text = info.trim();
  const language = /^[^\s,{=]*(?![^\s,{]*=)/.exec(text)?.[0] ?? '';
  const named: { [key in KnownOption]?: string } = {};
  const other: Record<string, string> = {};
  for (const [, key = '', quoted, single, word] of text.slice(language.length).matchAll(optionPattern)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? single ?? word ?? '';
    if (isKnown(key)) {
      named[key] ??= value;
    } else if (!Object.hasOwn(other, key)) {
      other[key] = value;
    }
  }
  return { language, options: { ...named, other } };
}

function isKnown(key: string): key is KnownOption {
  return (known as readonly string[]).includes(key);
}

import type { RunbookDocument, Section, Step } from '../runbook/document.ts';
import { parseLimits } from './limit.ts';
import type { Limits } from './limit.ts';
import { parseDuration } from './quantity.ts';

/** A step whose outcome is judged. With `everyMs` it is a check, which runs by itself. */
export interface Diagnostic {
  readonly step: Step;
  readonly title: string;
  readonly topic: string;
  readonly limits: Limits;
  readonly everyMs?: number;
  /** How long a limit must stay broken before it counts. */
  readonly forMs?: number;
  /** What the section says around its fence: Markdown, what the number means and what to do next. */
  readonly explanation: string;
}

/** The steps with a limit, in the document's order, by topic: the option `topic`, else the section's chapter, else the title. */
export function diagnosticsOf(document: RunbookDocument): ReadonlyMap<string, readonly Diagnostic[]> {
  const topics = new Map<string, Diagnostic[]>();
  for (const section of document.sections) {
    for (const step of section.steps.filter(hasLimit)) {
      const diagnostic = diagnosticOf(document, section, step);
      topics.set(diagnostic.topic, [...(topics.get(diagnostic.topic) ?? []), diagnostic]);
    }
  }
  return topics;
}

export function hasLimit(step: Step): boolean {
  return step.options.warn !== undefined || step.options.critical !== undefined;
}

function diagnosticOf(document: RunbookDocument, section: Section, step: Step): Diagnostic {
  const { options } = step;
  const everyMs = parseDuration(options.every ?? '');
  const forMs = parseDuration(options.for ?? '');
  const chapter = section.path.length > 1 ? section.path.at(-2) : undefined;
  return {
    step,
    title: step.title,
    topic: options.topic ?? chapter ?? document.title,
    limits: parseLimits(options),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(forMs === undefined ? {} : { forMs }),
    explanation: explanationOf(document, section, step),
  };
}

/** Of a section with several fences what stands between the one and the next, and before the first one. */
export function explanationOf(document: RunbookDocument, section: Section, step: Step): string {
  const fences = section.steps.filter(({ origin }) => origin === 'fence');
  const at = fences.findIndex(({ id }) => id === step.id);
  const before = at === 0 ? document.text.slice(section.headingRange.end, step.range.start) : '';
  const after = document.text.slice(step.range.end, fences[at + 1]?.range.start ?? section.range.end);
  return (before + after).replace(/\n{3,}/g, '\n\n').trim();
}

/** What to do next: the paragraph that begins with these words, without them; empty where there is none. */
export function adviceOf(explanation: string): string {
  const [, advice = ''] = /(?:^|\n)\*\*What next\.?\*\*\s*([\s\S]*?)(?:\n\s*\n|$)/i.exec(explanation) ?? [];
  return advice.replace(/\s*\n\s*/g, ' ').trim();
}

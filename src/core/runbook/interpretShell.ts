import { curlMeaning } from './curl.ts';
import type { Step } from './document.ts';
import { meaningOf, placeholdersIn } from './meaning.ts';
import type { CommandInPlace, Meaning, Surroundings } from './meaning.ts';
import { groupOf } from './neighbours.ts';
import type { NeighbourLine } from './neighbours.ts';
import { noteOf } from './notes.ts';
import type { Instruction } from './operation.ts';
import { otherCommands } from './otherCommands.ts';
import { findPlaceholders } from './placeholders.ts';
import { riskOf } from './risk.ts';
import { absentScript } from './scripts.ts';
import type { ShellGrammar } from './shell.ts';
import { readShell } from './shellReading.ts';
import type { ShellItem } from './shellReading.ts';
import { prepareShell } from './shellText.ts';
import { supabaseCommands } from './supabaseCommands.ts';

type Command = Extract<ShellItem, { kind: 'command' }>;

/** Each command of a fence, groups that mean one thing together, and the comments that belong to no command. */
export function interpretShell(step: Step, surroundings: Surroundings, grammar: ShellGrammar): Instruction[] {
  const isConsole = /^(?:console|terminal|shell-?session|sh-session)$/i.test(step.languageTag);
  const isKnown = (name: string): boolean => surroundings.functionSlugs?.has(name) === true || surroundings.tables?.has(name) === true;
  const items = readShell(step.text, prepareShell(step.text, isConsole, isKnown), grammar);
  const instructions: Instruction[] = [];
  for (let at = 0; at < items.length; ) {
    const commands = commandsFrom(items, at);
    const group = groupOf(commands.map(neighbourLine));
    const taken = group === undefined ? commands.slice(0, 1) : commands.slice(0, group.count);
    const item = items[at];
    if (item?.kind === 'comment') {
      instructions.push(noteInstruction(item, step, surroundings));
    } else if (taken.length > 0) {
      instructions.push(instructionOf(taken, step, group?.meaning ?? meaningOfCommand(taken[0], step, surroundings)));
    }
    at += Math.max(1, item?.kind === 'comment' ? 1 : taken.length);
  }
  return instructions;
}

/** The run of commands that begins here; none at a comment. */
function commandsFrom(items: readonly ShellItem[], from: number): Command[] {
  const commands: Command[] = [];
  for (let at = from; at < from + 4; at++) {
    const item = items[at];
    if (item?.kind !== 'command') {
      break;
    }
    commands.push(item);
  }
  return commands;
}

function instructionOf(commands: readonly Command[], step: Step, { operation, remark }: Meaning): Instruction {
  const [first] = commands;
  const range = { start: first?.range.start ?? 0, end: commands.at(-1)?.range.end ?? 0 };
  const placeholders = commands.flatMap((command) => command.placeholders);
  return {
    range,
    text: step.text.slice(range.start, range.end),
    reason: first?.reason === undefined || first.reason === '' ? (step.sectionPath.at(-1) ?? '') : first.reason,
    operation,
    risk: riskOf(operation),
    placeholders: placeholdersIn(operation, placeholders),
    ...(remark === undefined ? {} : { remark }),
  };
}

function noteInstruction(item: Extract<ShellItem, { kind: 'comment' }>, step: Step, surroundings: Surroundings): Instruction {
  const operation = noteOf(item.text, item.answer, surroundings);
  const text = step.text.slice(item.range.start, item.range.end);
  const placeholders = placeholdersIn([operation.page, operation.offers], findPlaceholders(text, () => false));
  return { range: item.range, text, reason: step.sectionPath.at(-1) ?? '', operation, risk: 'none', placeholders };
}

/** Whatever no table knows runs in a terminal, shown first. */
function meaningOfCommand(command: Command | undefined, step: Step, surroundings: Surroundings): Meaning {
  const text = command?.text ?? '';
  const terminal: Meaning = { operation: { kind: 'terminal', command: text } };
  if (command?.line === undefined) {
    return terminal;
  }
  const { program, words } = startOf(command);
  if (program === '' || program === 'export') {
    return words.every((word) => /^\w+=[^$`]*$/.test(word)) ? { operation: { kind: 'note', text } } : terminal;
  }
  if (!command.line.filters.every(([filter = '']) => displayFilters.has(filter))) {
    return terminal;
  }
  const place = { ...command, line: command.line, words, headings: step.sectionPath, surroundings };
  return knownMeaning(program, place) ?? absentScript(program, surroundings) ?? terminal;
}

/** Programs behind a pipe that only choose what is shown. */
const displayFilters = new Set('grep egrep fgrep rg head tail jq sort uniq wc less more cat column tee'.split(' '));

function knownMeaning(program: string, place: CommandInPlace): Meaning | undefined {
  if (program === 'curl') {
    return curlMeaning(place.words, place.placeholders);
  }
  if (program !== 'supabase') {
    return meaningOf(place, otherCommands[program] ?? [], program);
  }
  // These name another target than the selected project: the local stack, or a database by its address.
  const elsewhere = place.words.some((word) => /^--(?:local|db-url)\b/.test(word));
  return elsewhere && place.words[1] !== 'reset' ? undefined : meaningOf(place, supabaseCommands, program);
}

/** The program without its folder, and without what merely starts it: `npx -y supabase@latest`, `sudo`, `pnpm exec`. */
function startOf(command: Command): { readonly program: string; readonly words: readonly string[] } {
  const words = (command.line?.words ?? []).map(({ value }) => value);
  let at = 0;
  while (at < words.length - 1 && isStarter(words, at)) {
    at++;
  }
  const program = words[at] ?? '';
  return { program: /^supabase(?:@[\w.-]+)?$/.test(program) ? 'supabase' : program, words: words.slice(at + 1) };
}

function isStarter(words: readonly string[], at: number): boolean {
  const word = words[at] ?? '';
  const next = words[at + 1] ?? '';
  if (/^(?:sudo|npx|bunx|pnpx|time|nohup)$/.test(word)) {
    return true;
  }
  if (at > 0 && /^-(?:y|-yes|E)$/.test(word)) {
    return true;
  }
  const managers = /^(?:pnpm|yarn|npm|bun)$/;
  return (managers.test(word) && /^(?:dlx|exec|x|run|supabase)$/.test(next)) || (managers.test(words[at - 1] ?? '') && /^(?:dlx|exec|x|run)$/.test(word));
}

function neighbourLine(command: Command): NeighbourLine {
  return { ...startOf(command), redirects: command.line?.redirects ?? [], placeholders: command.placeholders };
}

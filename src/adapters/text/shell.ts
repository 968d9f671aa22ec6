import type * as unbash from 'unbash';
import type { ShellCommand, ShellGrammar, ShellScript, ShellStatement } from '../../core/runbook/shell.ts';

/** Bash by unbash; loaded with its first use. */
export async function loadShellGrammar(): Promise<ShellGrammar> {
  const { parse } = await import('unbash');
  return {
    parse: (source): ShellScript => {
      const script = parse(source);
      return { valid: (script.errors ?? []).length === 0, statements: inOrder(script.commands.flatMap(statementsOf), source.length) };
    },
  };
}

function statementsOf(statement: unbash.Statement): ShellStatement[] {
  const { command } = statement;
  if (command.type === 'AndOr' && command.operators.every((operator) => operator === '&&')) {
    return command.commands.map(pipelineOf);
  }
  return [{ ...pipelineOf(command), range: { start: statement.pos, end: endOf(statement) } }];
}

function pipelineOf(node: unbash.Statement['command']): ShellStatement {
  const range = { start: node.pos, end: node.end };
  const commands = node.type === 'Pipeline' ? node.commands : [node];
  const plain = commands.filter((command) => command.type === 'Command');
  return plain.length === commands.length ? { range, pipeline: plain.map(commandOf) } : { range };
}

function commandOf(command: unbash.Command): ShellCommand {
  const assignments = command.prefix
    .filter((each) => each.type === 'Assignment')
    .map(({ name, value }) => ({ name, value: value.type === 'Word' ? value.value : '' }));
  const words = [command.name, ...command.args].filter((word) => word !== undefined).map(wordOf);
  const redirects = command.redirects
    .filter((each) => each.type === 'Redirect')
    .map(({ operator, target }) => ({ operator, target: target?.value ?? '' }));
  return { range: { start: command.pos, end: command.end }, assignments, words, redirects };
}

/** `export NAME=value` has assignments among its words. */
function wordOf(word: unbash.CommandArgument): ShellCommand['words'][number] {
  const range = { start: word.pos, end: word.end };
  return { range, value: word.type === 'Assignment' ? word.text : word.value };
}

/** A here-document lies behind the commands that follow on its line: there a statement ends where the next begins. */
function inOrder(statements: readonly ShellStatement[], length: number): ShellStatement[] {
  return statements.map((statement, index) => {
    const { start, end } = statement.range;
    const limit = Math.max(start, Math.min(length, statements[index + 1]?.range.start ?? length));
    return { ...statement, range: { start, end: Math.min(end, limit) } };
  });
}

/** A statement's own end lies before the here-documents that belong to it. */
function endOf(statement: unbash.Statement): number {
  const { command } = statement;
  const redirects = command.type === 'Command' ? command.redirects : [];
  const documents = redirects.filter((each) => each.type === 'HereDoc');
  return Math.max(statement.end, ...documents.map((each) => each.closing?.end ?? each.body.end));
}

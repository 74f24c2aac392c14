// What the layers below the command line must not use. The host's clock, randomness, files, process and terminal
// come in through the Host interface alone; under emulator/ and kernel/ nothing is asynchronous either, so that a
// blocked thread is data. Tests are exempt. Works on syntax trees, so comments and strings do not matter.
import ts from 'typescript';
import { readSources, type Source } from './sources.ts';

const HOST_GLOBALS = new Set(
  `process Date performance setTimeout setInterval setImmediate queueMicrotask console Buffer require fetch crypto
   navigator localStorage global`.split(/\s+/),
);

export function checkPurity(): string[] {
  const sources = readSources(['emulator', 'kernel', 'machine', 'debugger']).filter(
    (source) => !source.isTest,
  );
  return sources.flatMap((source) => problemsOf(source));
}

/** What one file uses that its layer may not: lines of `path:line: why`. */
export function problemsOf(source: Source): string[] {
  const problems: string[] = [];
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ESNext, true);
  const mustBeSynchronous = source.layer === 'emulator' || source.layer === 'kernel';
  const declared = declaredNames(tree);

  const report = (node: ts.Node, why: string) => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    problems.push(`${source.path}:${line + 1}: ${why}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') {
      report(node, 'Math.random: randomness comes from the Host');
    }
    if (ts.isIdentifier(node) && isUse(node) && HOST_GLOBALS.has(node.text) && !declared.has(node.text)) {
      report(node, `${node.text}: the host is reached through the Host interface only`);
    }
    if (mustBeSynchronous) {
      if (node.kind === ts.SyntaxKind.AsyncKeyword) report(node, `async: ${source.layer}/ is synchronous`);
      if (ts.isAwaitExpression(node)) report(node, `await: ${source.layer}/ is synchronous`);
      if (ts.isIdentifier(node) && node.text === 'Promise' && isUse(node) && !declared.has('Promise')) {
        report(node, `Promise: ${source.layer}/ is synchronous`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return problems;
}

/** Whether an identifier stands for a value or type by itself, and is not a member's or a label's name. */
function isUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  return !(
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isGetAccessor(parent) ||
    ts.isSetAccessor(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isEnumMember(parent) ||
    ts.isJSDoc(parent)
  );
}

/** Names that the file itself declares or imports: its own `process` is not the host's. */
function declaredNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isNamespaceImport(node);
    if (isDeclaration && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return names;
}

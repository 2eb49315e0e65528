// guide.mjs - the flows that stand in the guides, with what the guides say of them.
//
//   ```yaml flow NAME.yaml        a flow; without "document:" it gets the head below. `wrong` at the end: it is refused
//   ```json input                 what the flow above is started with; else null
//   ```json output                what it then gives
//   ```json error                 or the error it ends with: these members of it
//   ```text said                  what `umlauf validate` says of it
//   ```text trace                 the tasks that it carries out, in order, a line each
//
// Any other block is not looked at.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const head = (name) => `document:
  dsl: '1.0.3'
  namespace: guide
  name: ${name.replace(/\.yaml$/, '')}
  version: '1.0.0'
`;

function* blocks(text) {
  let open = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (open === null && line.startsWith('```')) {
      open = { line: index + 1, words: line.slice(3).trim().split(/\s+/), content: '' };
    } else if (open !== null && line.startsWith('```')) {
      yield open;
      open = null;
    } else if (open !== null) {
      open.content += `${line}\n`;
    }
  }
  if (open !== null) throw new Error(`the block of line ${open.line} is never closed`);
}

function newFlow(block) {
  const [, , name, mark] = block.words;
  if (!/^[a-z0-9-]+\.yaml$/.test(name ?? '')) throw new Error(`line ${block.line}: a flow has a name, as in "yaml flow hello.yaml"`);
  const source = /^(#.*\n|\n)*document:/.test(block.content) ? block.content : head(name) + block.content;
  return { name, line: block.line, isWrong: mark === 'wrong', source, input: null, output: undefined, error: null, said: null, trace: null };
}

/** The flows of a guide, each { name, line, isWrong, source, input, output, error, said, trace }. */
export function flowsOf(file) {
  const flows = [];
  for (const block of blocks(readFileSync(path.join(root, file), 'utf8'))) {
    const [language, what] = block.words;
    const last = flows.at(-1);
    if (language === 'yaml' && what === 'flow') {
      const flow = newFlow(block);
      if (flows.some(({ name }) => name === flow.name)) throw new Error(`${file}:${block.line}: ${flow.name} stands there twice`);
      flows.push(flow);
    } else if (language === 'json' && ['input', 'output', 'error'].includes(what)) {
      last[what] = JSON.parse(block.content);
    } else if (language === 'text' && ['said', 'trace'].includes(what)) {
      last[what] = block.content;
    } else if (what !== undefined) {
      throw new Error(`${file}:${block.line}: nobody knows what "${block.words.join(' ')}" is`);
    }
  }
  return flows;
}
